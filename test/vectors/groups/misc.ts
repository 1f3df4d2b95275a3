/** Single functions of the list API: the group misc. */
import { expect } from 'chai';
import {
  SgArray,
  SgTable,
  __sgFlags,
  mappedNents,
  sgAllocTableChained,
  sgAssignPage,
  sgChain,
  sgDmaAddress,
  sgFreeTableChained,
  sgInitOne,
  sgInitTable,
  sgLast,
  sgMarkEnd,
  sgNents,
  sgNentsForDma,
  sgNentsForLen,
  sgNext,
  sgPhys,
  sgSetFolio,
  sgSetPage,
  sgUnmarkEnd,
  sglAllocOrder,
  sglFreeNOrder,
  sglFreeOrder,
  virtAddr,
} from 'scatterlist';
import type { Machine, SgEntry, SgPageSource } from 'scatterlist';
import { Folio, LIMITS } from 'scatterlist/machine';
import type { RuleId } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner, VectorFile } from '../format.ts';
import { buildList } from '../lists.ts';
import type { Entry, ListInput } from '../lists.ts';
import { COMPATIBLE, countsOf, entryOf, freesOf, memoryFailingAt, retOf, tableMachine } from '../tables.ts';

type Op = readonly [op: string, slot: number, value?: number];

/** The arguments of all functions; each reads its own. */
interface Input extends ListInput {
  readonly fn: string;
  readonly from: number;
  readonly nents: number;
  readonly len: number | bigint;
  readonly entry: Entry;
  readonly phys: number;
  readonly buflen: number;
  readonly slots: number;
  readonly ops: readonly Op[];
  readonly first_chunk: boolean;
  readonly nents_first_chunk: number;
  readonly fail_at: number | null;
  readonly length: number;
  readonly offset: number;
  readonly order: number;
  readonly chainable: boolean;
  readonly free_n: number | null;
  readonly first_pfn: number;
  readonly pfn: number;
  readonly gap_sections: readonly number[];
}

const EVENTS: Readonly<Partial<Record<RuleId, readonly [string, string]>>> = {
  'sg-not-last': ['bug', 'sg_last_not_last'],
  'sg-no-entries': ['bug', 'chained_zero_nents'],
  'sg-not-contiguous': ['warn', 'set_page_not_contiguous'],
};

function eventsOf(machine: Machine): readonly unknown[] {
  return machine.violations.map(({ rule, what }) =>
    rule === 'sg-field-width'
      ? ['warn', what.includes('length') ? 'set_folio_len_too_big' : 'set_folio_offset_too_big']
      : EVENTS[rule],
  );
}

function startOf(
  machine: Machine,
  input: Input,
): { readonly list: SgEntry[]; readonly from: SgEntry | null } {
  const list: SgEntry[] = [];
  for (let sg = buildList(machine, input); sg !== null; sg = sgNext(sg)) list.push(sg);
  return { list, from: list[input.from] ?? null };
}

/** Runs what may BUG; nothing after one. */
function orBug<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error && error.name === 'ViolationError') return null;
    throw error;
  }
}

function last(machine: Machine, input: Input): unknown {
  const { list, from } = startOf(machine, input);
  const ret = orBug(() => {
    const found = sgLast(from, input.nents, { machine });
    return found.ok ? list.indexOf(found.value) : -1;
  });
  return { ret, events: eventsOf(machine) };
}

function initOne(machine: Machine, { phys, buflen }: Input): unknown {
  const made = sgInitOne(machine, virtAddr(machine.hardware.addresses.pageOffset + phys), buflen);
  if (!made.ok) throw new Error(made.error.code);
  const [pfn, offset, length] = entryOf(made.value);
  const { isLast, isChain } = made.value;
  return { pfn, offset, length, is_last: isLast, is_chain: isChain, dma_address: sgDmaAddress(made.value) };
}

function markers(machine: Machine, { slots, ops }: Input): unknown {
  const array = sgInitTable(slots);
  const chained = new Set<number>();
  const state = (): unknown =>
    Array.from({ length: slots }, (_, slot) => {
      const sg = array.entry(slot);
      const [pfn, offset, length] = entryOf(sg);
      return [__sgFlags(sg) & 1, Number(sg.isLast), chained.has(slot) ? null : pfn, offset, length];
    });
  const states = [state()];
  for (const [op, slot, v = 0] of ops) {
    const sg = array.entry(slot);
    if (op === 'mark_end') sgMarkEnd(sg);
    else if (op === 'unmark_end') sgUnmarkEnd(sg);
    else if (op === 'set_page') sgSetPage(sg, machine.hardware.memory.page(v), 100 + v, v);
    else if (op === 'assign_page') sgAssignPage(sg, machine.hardware.memory.page(v));
    else {
      sgChain(array, slot + 1, sgInitTable(1).entry(0), COMPATIBLE);
      chained.add(slot);
    }
    states.push(state());
  }
  return { states };
}

function pool(machine: Machine, input: Input): unknown {
  const { nents, nents_first_chunk: nentsFirstChunk } = input;
  const memory = memoryFailingAt(input.fail_at);
  const own = input.first_chunk ? [new SgArray(nentsFirstChunk)] : [];
  const table = new SgTable();
  table.sgl = own[0]?.entry(0) ?? null;
  const how = { machine, allocator: memory, table, firstChunk: own[0], nentsFirstChunk };
  const made = orBug(() => sgAllocTableChained(nents, how));
  if (made === null) return { ret: null, events: eventsOf(machine) };
  let chunk = own.length;
  const allocs = memory.calls.map(({ count, failed }) => [count, failed ? 'fail' : chunk++]);
  const frees = (from: number): readonly number[] => freesOf(memory, from).map((id) => id + own.length);
  const state = {
    ret: retOf(made),
    allocs,
    frees_on_error: frees(0),
    ...countsOf(table),
    walk_nents: made.ok ? sgNents(table.sgl) : null,
    events: eventsOf(machine),
  };
  if (!made.ok) return state;
  const all = [...own, ...memory.arrays];
  const layout: [number, number][] = [];
  for (let sg = table.sgl; sg !== null; sg = sgNext(sg)) {
    const id = all.indexOf(sg.array);
    const at = layout[layout.length - 1];
    if (at?.[0] === id) at[1] += 1;
    else layout.push([id, 1]);
  }
  sgFreeTableChained(table, nentsFirstChunk);
  return { ...state, layout, frees: frees(0), sgl_after_free: table.sgl !== null };
}

function sglAlloc(machine: Machine, input: Input): unknown {
  const { length, order, chainable, free_n } = input;
  const memory = memoryFailingAt(input.fail_at);
  const page_allocs: unknown[] = [];
  const page_frees: unknown[] = [];
  let next = input.first_pfn;
  const pages: SgPageSource<never> = {
    pageSize: LIMITS.pageSize,
    allocate: (wanted) => {
      if (!memory.attempt('order', wanted)) return undefined;
      page_allocs.push([wanted, next]);
      const page = machine.hardware.memory.page(next);
      next += 2 ** wanted;
      return page as never;
    },
    free: (page, wanted) => {
      page_frees.push([wanted, page.pfn]);
    },
  };
  const how = { machine, allocator: memory, chainable };
  const made = sglAllocOrder(length, order, pages, how);
  const failed = memory.calls
    .filter((call) => call.failed)
    .map((call) => (call.memory === 'order' ? 'alloc_pages_fail' : 'alloc_fail'));
  const sgl_slots = memory.arrays[0]?.slots ?? null;
  let result = null;
  if (made.ok) {
    const walk: unknown[] = [];
    for (let sg: SgEntry | null = made.value.sgl; sg !== null; sg = sgNext(sg)) walk.push(entryOf(sg));
    result = { nent: made.value.nents, walk };
    if (free_n === null) sglFreeOrder(made.value.sgl, order, pages, how);
    else sglFreeNOrder(made.value.sgl, free_n, order, pages, how);
  }
  return { result, sgl_slots, page_allocs, page_frees, failed };
}

function run(input: Input, file: VectorFile): unknown {
  const machine = tableMachine({ linux: linuxOf(file), gapSections: input.gap_sections ?? [] });
  const { memory } = machine.hardware;
  switch (input.fn) {
    case 'sg_nents':
      return { ret: sgNents(startOf(machine, input).from) };
    case 'sg_nents_for_len': {
      const counted = sgNentsForLen(startOf(machine, input).from, input.len);
      return { ret: counted.ok ? counted.value : retOf(counted) };
    }
    case 'sg_last':
      return last(machine, input);
    case 'sg_phys': {
      const [pfn = 0, offset = 0, length = 0] = input.entry;
      const sg = sgInitTable(1).entry(0);
      sgSetPage(sg, memory.page(pfn), length, offset);
      return { ret: sgPhys(sg) };
    }
    case 'sg_init_one':
      return initOne(machine, input);
    case 'markers':
      return markers(machine, input);
    case 'sg_alloc_table_chained':
      return pool(machine, input);
    case 'sgl_alloc_order':
      return sglAlloc(machine, input);
    case 'sg_nents_for_dma': {
      const { from } = startOf(machine, input);
      const counted = sgNentsForDma(from, mappedNents(input.nents), input.len, { machine });
      return { ret: counted.ok ? counted.value : retOf(counted) };
    }
    case 'sg_set_folio': {
      const sg = sgInitTable(1).entry(0);
      const set = sgSetFolio(sg, new Folio(memory.page(input.pfn), 1), input.length, input.offset, {
        machine,
      });
      expect(set.ok).to.be.true;
      return { entry: entryOf(sg), events: eventsOf(machine) };
    }
    case 'sg_set_page': {
      const sg = sgInitTable(1).entry(0);
      sgSetPage(sg, memory.page(input.pfn), input.length, input.offset);
      return { entry: entryOf(sg), events: eventsOf(machine) };
    }
    default:
      throw new Error(`no such function: ${input.fn}`);
  }
}

export const misc: GroupRunner = runnerOf<Input, unknown>((c, file) => {
  expect(run(c.input, file)).to.deep.equal(c.expect);
});
