/** Who runs the cases of which group, one line each. */
import type { GroupRunner } from '../format.ts';
import { allocTableGroup } from './alloc-table.ts';
import { copy } from './copy.ts';
import { append, fromPages } from './from-pages.ts';
import { kmapLocalGroup } from './kmap-local.ts';
import { misc } from './misc.ts';
import { miter } from './miter.ts';
import { pageHelpers } from './page-helpers.ts';
import { pageIter } from './page-iter.ts';
import { pkmap } from './pkmap.ts';
import { split } from './split.ts';

const groups: Readonly<Record<string, GroupRunner>> = {
  alloc_table: allocTableGroup,
  append,
  copy,
  from_pages: fromPages,
  highmem_query: kmapLocalGroup,
  kmap_local: kmapLocalGroup,
  misc,
  miter,
  miter_stop: miter,
  page_helpers: pageHelpers,
  page_iter: pageIter,
  pkmap,
  split,
};

/** The runner of a group; one that fails every case where nobody wrote any. */
export function runnerOfGroup(name: string): GroupRunner {
  const unknown = (): never => {
    throw new Error(`nothing runs the group "${name}"`);
  };
  return groups[name] ?? unknown;
}
