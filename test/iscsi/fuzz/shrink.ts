/** Makes a list of actions that goes wrong as short as it gets. */
import type { Action } from './actions.ts';
import { runActions } from './world.ts';

/** Leaves out what is not needed for the same kind of problem, in so many runs at most. */
export function shrink(actions: readonly Action[], kind: string, runs = 300): Action[] {
  let left = [...actions];
  let used = 0;
  const fails = (candidate: readonly Action[]): boolean => {
    used += 1;
    return runActions(candidate).problem?.kind === kind;
  };
  // The end of the list first: the problem shows at the last action, or when everybody has gone.
  for (let size = Math.ceil(left.length / 2); size >= 1 && used < runs;) {
    let removed = false;
    for (let at = Math.max(left.length - size, 0); used < runs; at -= size) {
      const from = Math.max(at, 0);
      const candidate = [...left.slice(0, from), ...left.slice(from + size)];
      if (candidate.length < left.length && fails(candidate)) {
        left = candidate;
        removed = true;
      }
      if (at <= 0) break;
    }
    if (!removed || size > left.length) {
      if (size === 1) break;
      size = Math.ceil(Math.min(size, left.length) / 2);
    }
  }
  return left;
}
