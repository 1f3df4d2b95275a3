/** Tables of empty entries: the group alloc_table. */
import { expect } from 'chai';
import {
  SgArray,
  SgTable,
  __sgAllocTable,
  __sgFreeTable,
  sgAllocTable,
  sgFreeTable,
  sgNents,
} from 'scatterlist';
import { runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { COMPATIBLE, allocationsOf, countsOf, freesOf, marksOf, memoryFailingAt, retOf } from '../tables.ts';

interface Input {
  readonly fn: string;
  readonly nents: number;
  readonly fail_at: number | null;
  readonly max_single_alloc: number;
  readonly max_ents: number;
  readonly first_chunk: boolean;
  readonly nents_first_chunk: number;
}

function allocTable({ nents, fail_at, max_single_alloc }: Input): unknown {
  const memory = memoryFailingAt(fail_at);
  const table = new SgTable();
  const how = { ...COMPATIBLE, table, allocator: memory, maxSingleAlloc: max_single_alloc };
  const made = sgAllocTable(nents, how);
  const freed = freesOf(memory);
  const live = memory.arrays.filter((_, chunk) => !freed.includes(chunk));
  const state = {
    ret: retOf(made),
    allocs: allocationsOf(memory),
    frees_on_error: freed,
    ...countsOf(table),
    ...marksOf(live),
  };
  const walked = made.ok ? { walk_nents: sgNents(table.sgl) } : {};
  if (made.ok) sgFreeTable(table);
  return {
    ...state,
    ...walked,
    ...(made.ok ? { frees: freesOf(memory) } : {}),
    after_free: countsOf(table),
  };
}

function generalForm(input: Input): unknown {
  const { nents, max_ents: maxEnts, nents_first_chunk: nentsFirstChunk } = input;
  const memory = memoryFailingAt(input.fail_at);
  const own = input.first_chunk ? [new SgArray(nentsFirstChunk)] : [];
  const sizes: number[] = [];
  const chunks = {
    allocate: (slots: number) => memory.allocate<never>('kmalloc', slots),
    free: (array: SgArray, slots: number) => {
      memory.free('kmalloc', array, slots);
      sizes.push(slots);
    },
  };
  const table = new SgTable<never>();
  const made = __sgAllocTable(table, nents, maxEnts, {
    ...COMPATIBLE,
    firstChunk: own[0] as SgArray<never> | undefined,
    nentsFirstChunk,
    chunks,
  });
  const all = [...own, ...memory.arrays];
  const state = {
    ret: retOf(made),
    allocs: memory.calls.map(({ count, failed }) => [count, ...(failed ? ['fail'] : [])]),
    ...countsOf(table),
    ...marksOf(all, input.first_chunk ? nents : Infinity),
  };
  __sgFreeTable(table, maxEnts, nentsFirstChunk, table.origNents, chunks);
  return {
    ...state,
    frees: memory.frees.map(({ array }, i) => [all.indexOf(array), sizes[i]]),
  };
}

export const allocTableGroup: GroupRunner = runnerOf<Input, unknown>((c) => {
  const run = c.input.fn === 'sg_alloc_table' ? allocTable : generalForm;
  expect(run(c.input)).to.deep.equal(c.expect);
});
