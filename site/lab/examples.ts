/**
 * The programs to choose from. They are in a script of their own, which the build makes.
 */
import { loadScript } from './base/load-script.ts';
import type { ExampleEntry } from './session/program.ts';

declare global {
  /** The programs; set by `examples.js`. */
  var scatterlistExamples: readonly ExampleEntry[] | undefined;
}

/** Loads the programs. */
export async function loadExamples(): Promise<readonly ExampleEntry[]> {
  await loadScript('examples.js');
  return globalThis.scatterlistExamples ?? [];
}
