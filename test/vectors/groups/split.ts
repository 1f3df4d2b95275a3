/** Cutting lists: the group split. */
import { expect } from 'chai';
import { mappedNents, sgDmaAddress, sgDmaLen, sgNext, sgSplit } from 'scatterlist';
import type { SgEntry } from 'scatterlist';
import { runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { buildList } from '../lists.ts';
import type { ListInput } from '../lists.ts';
import { COMPATIBLE, allocationsOf, entryOf, memoryFailingAt, retOf, tableMachine } from '../tables.ts';

interface Input extends ListInput {
  readonly mapped_nents: number;
  readonly skip: number;
  readonly sizes: readonly number[];
  readonly fail_at: number | null;
  readonly want_mapped_nents: boolean;
}

function entriesWithDma(sgl: SgEntry): readonly (readonly number[])[] {
  const entries: number[][] = [];
  for (let sg: SgEntry | null = sgl; sg !== null; sg = sgNext(sg)) {
    entries.push([...entryOf(sg), sgDmaAddress(sg), sgDmaLen(sg)]);
  }
  return entries;
}

export const split: GroupRunner = runnerOf<Input, unknown>(({ input, expect: want }) => {
  const memory = memoryFailingAt(input.fail_at);
  const sgl = buildList(tableMachine(), input);
  const made = sgSplit(sgl, mappedNents(input.mapped_nents), input.skip, input.sizes, {
    ...COMPATIBLE,
    allocator: memory,
  });
  const out = made.ok
    ? made.value.map((part) => ({
        mapped_nents: input.want_mapped_nents ? part.mappedNents : -1,
        entries: entriesWithDma(part.sgl),
      }))
    : null;
  if (!made.ok) expect(memory.live, 'left allocated').to.equal(0);
  expect({ ret: retOf(made), allocs: allocationsOf(memory), out }).to.deep.equal(want);
});
