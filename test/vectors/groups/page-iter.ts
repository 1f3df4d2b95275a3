/** The page iterators: the group page_iter. */
import { expect } from 'chai';
import { SgDmaPageIter, SgPageIter, mappedNents, origNents, sgNext } from 'scatterlist';
import type { SgEntry } from 'scatterlist';
import { runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { buildList } from '../lists.ts';
import type { ListInput } from '../lists.ts';
import { COMPATIBLE, tableMachine } from '../tables.ts';

interface Input extends ListInput {
  readonly fn: string;
  readonly nents: number;
  readonly pgoffset: number;
}

export const pageIter: GroupRunner = runnerOf<Input, unknown>(({ input, expect: want }) => {
  const { nents, pgoffset } = input;
  const sgl = buildList(tableMachine(), input);
  const index = new Map<SgEntry | null, number>();
  for (let sg = sgl; sg !== null; sg = sgNext(sg)) index.set(sg, index.size);
  const pages: unknown[] = [];
  if (input.fn === 'sg_page_iter') {
    const iter = new SgPageIter(sgl, origNents(nents), pgoffset, COMPATIBLE);
    while (iter.next()) pages.push([iter.page.pfn, index.get(iter.sg), iter.sgPgoffset]);
  } else {
    const iter = new SgDmaPageIter(sgl, mappedNents(nents), pgoffset, COMPATIBLE);
    while (iter.next()) pages.push([iter.address, index.get(iter.sg), iter.sgPgoffset]);
  }
  expect({ pages }).to.deep.equal(want);
});
