/**
 * The worker of the experiments.
 */
import { experimentEntries, Measured } from './measured.ts';
import type { FromWorker, ToWorker } from './messages.ts';

const measured = new Measured(() => performance.now());

function reply(request: ToWorker): FromWorker {
  if (request.kind === 'list') return { kind: 'list', experiments: experimentEntries() };
  try {
    return { kind: 'weighed', weighed: measured.weigh(request.setting) };
  } catch (error) {
    return { kind: 'refused', text: error instanceof Error ? error.message : String(error) };
  }
}

onmessage = ({ data }: MessageEvent<ToWorker>) => postMessage(reply(data));
