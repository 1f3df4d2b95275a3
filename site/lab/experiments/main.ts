/**
 * The script of experiments.html.
 */
import { startWorker } from '../base/start-worker.ts';
import { applyTheme, storedTheme } from '../base/theme.ts';
import type { FromWorker } from './messages.ts';
import { startExperiments } from './start-experiments.ts';

applyTheme(storedTheme());
const app = document.getElementById('app');
if (app !== null)
  void startExperiments(app, async (hear) => {
    const worker = await startWorker('experiments-worker.js');
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => hear(data);
    return worker;
  });
