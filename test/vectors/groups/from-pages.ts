/** Tables over pages: the groups from_pages and append. */
import { expect } from 'chai';
import {
  SgAppendTable,
  forEachSg,
  sgAllocAppendTableFromPages,
  sgAllocTableFromPagesSegment,
  sgFreeAppendTable,
  sgFreeTable,
} from 'scatterlist';
import type { Machine, Page, SgTable } from 'scatterlist';
import type { RuleId } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { allocationsOf, entryOf, freesOf, marksOf, memoryFailingAt, retOf, tableMachine } from '../tables.ts';

interface Call {
  readonly pfns: readonly number[];
  readonly offset: number;
  readonly size: number;
  readonly max_segment: number;
}

interface Common {
  readonly fail_at: number | null;
  /** `[first_pfn, count, id]` */
  readonly pgmaps?: readonly (readonly [number, number, number])[];
}

const WARNINGS: Readonly<Partial<Record<RuleId, string>>> = {
  'sg-segment-size': 'max_segment_lt_page',
  'sg-append-offset': 'append_offset_nonzero',
};

function eventsOf(machine: Machine, from = 0): readonly unknown[] {
  return machine.violations.slice(from).map(({ rule }) => ['warn', WARNINGS[rule] ?? rule]);
}

function machineOf({ pgmaps = [] }: Common, linux: '6.1' | '7.2'): Machine {
  const machine = tableMachine({ linux });
  const { memory } = machine.hardware;
  const lowmem = memory.page(0).zone;
  for (const [firstPfn, pages, pageMapId] of pgmaps) {
    memory.zones.unshift({ ...lowmem, firstPfn, pages, pageMapId });
  }
  return machine;
}

function pagesOf(machine: Machine, pfns: readonly number[]): readonly Page[] {
  return pfns.map((pfn) => machine.hardware.memory.page(pfn));
}

function entriesOf(table: SgTable): readonly (readonly number[])[] {
  return Array.from(forEachSg(table.sgl, table.nents), entryOf);
}

export const fromPages: GroupRunner = runnerOf<Call & Common, unknown>(({ input, expect: want }, file) => {
  const machine = machineOf(input, linuxOf(file));
  const memory = memoryFailingAt(input.fail_at);
  const { offset, size, max_segment } = input;
  const made = sgAllocTableFromPagesSegment(pagesOf(machine, input.pfns), offset, size, max_segment, {
    machine,
    allocator: memory,
  });
  const table = made.ok ? made.value : undefined;
  const got = {
    ret: retOf(made),
    entries: table === undefined ? null : entriesOf(table),
    ...(table === undefined ? {} : { nents: table.nents, orig_nents: table.origNents }),
    allocs: allocationsOf(memory),
    events: eventsOf(machine),
  };
  if (table !== undefined) sgFreeTable(table);
  expect({ ...got, frees: freesOf(memory) }).to.deep.equal(want);
});

interface AppendInput extends Common {
  readonly calls: readonly (Call & { readonly left_pages: number })[];
}

export const append: GroupRunner = runnerOf<AppendInput, unknown>(({ input, expect: want }, file) => {
  const machine = machineOf(input, linuxOf(file));
  const memory = memoryFailingAt(input.fail_at);
  const table = new SgAppendTable({ machine, allocator: memory });
  const steps: unknown[] = [];
  for (const call of input.calls) {
    const calls = memory.calls.length;
    const warnings = machine.violations.length;
    const made = sgAllocAppendTableFromPages(table, pagesOf(machine, call.pfns), {
      offset: call.offset,
      size: call.size,
      maxSegmentBytes: call.max_segment,
      leftPages: call.left_pages,
    });
    const entries = Array.from(forEachSg(table.sgt.sgl, table.sgt.nents));
    steps.push({
      ret: retOf(made),
      allocs: allocationsOf(memory, calls),
      events: eventsOf(machine, warnings),
      entries: entries.map(entryOf),
      nents: table.sgt.nents,
      orig_nents: table.sgt.origNents,
      total_nents: table.totalNents,
      prv: table.prv === null ? -1 : entries.indexOf(table.prv),
      prv_is_last: table.prv?.isLast ?? null,
      ...marksOf(memory.arrays),
    });
    if (!made.ok && made.error.code === 'NoMemory') break;
  }
  sgFreeAppendTable(table);
  expect({ steps, frees: freesOf(memory), leaked: memory.live }).to.deep.equal(want);
});
