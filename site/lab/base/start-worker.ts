/**
 * Starts a worker, also on a page that is opened from a file: there a worker may not be loaded by its address, but its
 * source may come as a script that sets it as a string.
 */
import { loadScript } from './load-script.ts';

declare global {
  /** The source of each worker by the name of its file; the build writes the scripts that set them. */
  var scatterlistWorkers: Record<string, string> | undefined;
}

/** Starts the worker of a file such as `worker.js`. */
export async function startWorker(file: string): Promise<Worker> {
  await loadScript(file);
  const source = globalThis.scatterlistWorkers?.[file];
  if (source === undefined) throw new Error(`${file} has no worker`);
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  return new Worker(address);
}
