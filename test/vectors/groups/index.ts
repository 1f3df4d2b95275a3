/** Who runs the cases of which group, one line each. */
import type { GroupRunner } from '../format.ts';
import { copy } from './copy.ts';
import { kmapLocalGroup } from './kmap-local.ts';
import { miter } from './miter.ts';
import { pkmap } from './pkmap.ts';

export const groups: Readonly<Record<string, GroupRunner>> = {
  copy,
  highmem_query: kmapLocalGroup,
  kmap_local: kmapLocalGroup,
  miter,
  miter_stop: miter,
  pkmap,
};

/** The runner of a group; one that fails every case where nobody wrote any. */
export function runnerOfGroup(name: string): GroupRunner {
  const unknown = (): never => {
    throw new Error(`nothing runs the group "${name}"`);
  };
  return groups[name] ?? unknown;
}
