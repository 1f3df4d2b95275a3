/** Who runs the cases of which group, one line each. */
import type { GroupRunner } from '../format.ts';

export const groups: Readonly<Record<string, GroupRunner>> = {};

/** The runner of a group; one that fails every case where nobody wrote any. */
export function runnerOfGroup(name: string): GroupRunner {
  const unknown = (): never => {
    throw new Error(`nothing runs the group "${name}"`);
  };
  return groups[name] ?? unknown;
}
