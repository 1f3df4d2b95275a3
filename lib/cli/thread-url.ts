/**
 * Finds the module of a command's threads, both from the sources and from the built command.
 */

/** The commands that start threads; rollup.config.js builds a `thread.js` for each. */
export type Threaded = 'campaign' | 'check' | 'explore' | 'lab' | 'matrix';

/** Whether the command runs from its sources, which need no build. */
export const IS_SOURCE: boolean = import.meta.url.endsWith('.ts');

/** The file that a thread of the command runs. */
export function threadUrl(command: Threaded): URL {
  return new URL(`./${command}/thread.${IS_SOURCE ? 'ts' : 'js'}`, import.meta.url);
}
