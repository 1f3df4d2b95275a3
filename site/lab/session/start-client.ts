/**
 * The client of the page: its workers have their source in `worker.js`, which is loaded with the first request.
 */
import { startWorker } from '../base/start-worker.ts';
import type { WorkerLike } from './channel.ts';
import { createLabClient } from './client.ts';
import type { LabClient } from './client.ts';

/** Makes the client of a page. */
export function startClient(): LabClient {
  return createLabClient({ startWorker: () => startLike('worker.js') });
}

async function startLike(file: string): Promise<WorkerLike> {
  const worker = await startWorker(file);
  const like: WorkerLike = {
    postMessage: (message) => {
      worker.postMessage(message);
    },
    terminate: () => {
      worker.terminate();
    },
    onmessage: null,
    onerror: null,
  };
  worker.onmessage = (event: MessageEvent<unknown>) => like.onmessage?.({ data: event.data });
  worker.onerror = (event) => like.onerror?.({ message: event.message });
  return like;
}
