/**
 * The script of experiments.html.
 */
import { startWorker } from '../base/start-worker.ts';
import { applyTheme, storedTheme } from '../base/theme.ts';
import { startExperiments } from './start-experiments.ts';

applyTheme(storedTheme());
const app = document.getElementById('app');
if (app !== null) void startExperiments(app, () => startWorker('experiments-worker.js'));
