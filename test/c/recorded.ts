/** Recordings of `lib/scatterlist.c` against C code on a machine: the library's functions for C, or Linux's own file. */
import { expect } from 'chai';
import { crc32 } from 'node:zlib';
import { join } from 'node:path';
import { createMachine, runAlone } from 'scatterlist/machine';
import type { Machine, TraceEvent } from 'scatterlist/machine';
import { KERNEL } from '../../lib/c/kernel/index.ts';
import { link } from '../../lib/c/link.ts';
import type { CModule } from '../../lib/c/module.ts';
import { World } from '../../lib/c/runtime/world.ts';
import type { Runner } from '../../lib/c/runtime/runner.ts';
import { compile } from '../../lib/c/toolchain/compile.ts';
import { linuxOf, readVectors, vectorFiles } from '../vectors/format.ts';
import type { VectorCase } from '../vectors/format.ts';
import type { ListInput } from '../vectors/lists.ts';
import { mapEvents, takeEvents } from '../vectors/map-events.ts';
import { PHYS_PAGES, changedPages, fillFrames, sourceBuffer, targetBuffer } from '../vectors/memory.ts';

/** The recordings of a Linux version, of the groups that map lists. */
export function recordingsOf(linux: '6.1' | '7.2'): readonly VectorCase[] {
  return vectorFiles(join(import.meta.dirname, '../vectors/data'))
    .filter((path) => /\/(miter|miter_stop|copy)\./.test(path))
    .map(readVectors)
    .filter((file) => linuxOf(file) === linux)
    .flatMap(({ cases }) => cases);
}

/** Compiles the file that calls the functions, with Linux's own file in it if its path is given. */
export function compiled(scatterlistC?: string): CModule<Runner> {
  const file = join(import.meta.dirname, 'recorded.c');
  const define = scatterlistC === undefined ? {} : { LINUX_SCATTERLIST_C: `"${scatterlistC}"` };
  return link(file, compile(file, { define }), KERNEL);
}

/** What the recordings call a warning of the C code, and a rule that stands for it. */
const WARNINGS = {
  'miter-no-direction': 'miter_no_direction',
  'miter-over-consumed': 'miter_consumed_gt_length',
  'miter-atomic-faults': 'miter_pagefault_enabled',
  // The C code does not look.
  'count-imbalance': null,
  'miter-negative-skip': null,
} as const;
const WARN_ON: readonly (readonly [RegExp, keyof typeof WARNINGS])[] = [
  [/SG_MITER_TO_SG/, 'miter-no-direction'],
  [/consumed/, 'miter-over-consumed'],
  [/pagefault_disabled/, 'miter-atomic-faults'],
];
const FLAGS: Readonly<Record<string, number>> = { ATOMIC: 1, TO_SG: 2, FROM_SG: 4, LOCAL: 8 };
const LOWMEM_PAGES = 400;
const STACK = 'recorded';

interface MiterInput extends ListInput {
  readonly nents: number;
  readonly flags: readonly string[];
  readonly script: readonly (readonly [op: string, n?: number])[];
}

interface CopyInput extends ListInput {
  readonly fn: string;
  readonly nents: number;
  readonly buflen: number;
  readonly skip: number;
}

/** One machine with C code, and the frames of the recordings in its highmem. */
class Stage {
  readonly machine: Machine;
  private readonly world: World;
  private readonly module: CModule<Runner>;
  private readonly runner: Runner;
  private readonly first: number;

  constructor(module: CModule<Runner>, linux: '6.1' | '7.2') {
    this.module = module;
    this.machine = createMachine({
      linux,
      cpus: 1,
      semantics: 'compatible',
      onViolation: 'record',
      trace: true,
      lowmemPages: LOWMEM_PAGES,
      highmemPages: PHYS_PAGES,
    });
    const { machine } = this;
    this.world = new World(machine, module, [STACK]);
    const [page] = machine.allocPages(PHYS_PAGES, { zone: 'highmem' });
    this.first = page?.pfn ?? 0;
    fillFrames(machine, this.first);
    const task = machine.task();
    machine.switchTo(task.cpu.id, task);
    this.runner = this.world.runner(STACK, task);
  }

  call(name: string, ...values: number[]): number {
    const run = this.module.exports.get(name);
    if (run === undefined) throw new Error(`recorded.c exports no ${name}`);
    return Number(runAlone(this.runner.context, run(this.runner, ...values)) ?? 0) >>> 0;
  }

  /** Builds a list in the memory of C; returns its first entry. */
  list({ entries, chunks }: ListInput): number {
    let done = 0;
    let slot = 0;
    for (const [i, count] of chunks.entries()) {
      for (let n = 0; n < count; n += 1) {
        const [pfn = 0, offset = 0, length = 0] = entries[done] ?? [];
        const isLast = done + 1 === entries.length;
        this.call('put', slot, this.#pointer(pfn) + (isLast ? 2 : 0), offset, length);
        done += 1;
        slot += 1;
      }
      if (i + 1 === chunks.length) break;
      this.call('put', slot, this.call('entry', slot + 1) + 1, 0, 0);
      slot += 1;
    }
    return entries.length === 0 ? 0 : this.call('entry', 0);
  }

  #pointer(pfn: number): number {
    return this.world.pointerTo(this.machine.hardware.memory.page(this.first + pfn));
  }

  /** The recorded number of the frame of a `struct page *`. */
  frame(pointer: number): number {
    return this.world.pageAt(pointer).pfn - this.first;
  }

  /** Events since the last call, in the words and frame numbers of the recordings. */
  events(): readonly unknown[] {
    const trace = takeEvents(this.machine).map((event): TraceEvent => {
      if (event.event !== 'violation' || event.rule !== 'warn-on') return event;
      const known = WARN_ON.find(([text]) => text.test(event.what));
      return known === undefined ? event : { ...event, rule: known[1] };
    });
    return mapEvents(trace, WARNINGS).map((event) => {
      const [name, value] = event as readonly [string, unknown];
      return typeof value === 'number' ? [name, value - this.first] : event;
    });
  }

  bytes(length: number): Uint8Array {
    const into = new Uint8Array(length);
    if (length > 0) this.runner.space.copyTo(into, this.call('bytes'));
    return into;
  }

  put(bytes: Uint8Array): void {
    if (bytes.length > 0) this.runner.space.copyFrom(bytes, this.call('bytes'));
  }

  changed(): readonly unknown[] {
    return changedPages(this.machine, this.first);
  }

  get counters(): readonly [preempt: number, pagefault: number] {
    const { task } = this.runner.context;
    return [task.preemptCount, task.pagefaultDisabled];
  }
}

const OPS: Readonly<Record<string, string>> = {
  pagefault_disable: 'pagefault_off',
  pagefault_enable: 'pagefault_on',
};

function playMiter(stage: Stage, input: MiterInput): unknown {
  const sgl = stage.list(input);
  const flags = input.flags.reduce((sum, flag) => sum + (FLAGS[flag] ?? 0), 0);
  stage.events();
  stage.call('start', sgl, input.nents, flags);
  const start_events = stage.events();
  const steps = input.script.map(([op, n]) => {
    const answer = stage.call(OPS[op] ?? op, ...(n === undefined ? [] : [n]));
    const ret = op === 'next' || op === 'skip' ? answer !== 0 : null;
    const [page = 0, at = 0, length = 0, consumed = 0] = [0, 1, 2, 3].map((field) =>
      stage.call('field', field),
    );
    const isMapped = at !== 0;
    const map = isMapped ? [stage.frame(page), at % 4096, length, consumed] : null;
    return { ret, map, events: stage.events() };
  });
  const [preempt_left, pagefault_left] = stage.counters;
  return { start_events, steps, preempt_left, pagefault_left };
}

/** The bytes and the maps of a copy; the recordings have the contents of short lists besides, which checksums cover. */
function playCopy(stage: Stage, { fn, nents, buflen, skip, ...list }: CopyInput): unknown {
  const reads = fn === 'sg_copy_to_buffer' || fn === 'sg_pcopy_to_buffer';
  const sgl = stage.list(list);
  stage.put(reads ? targetBuffer(buflen) : sourceBuffer(buflen));
  stage.events();
  const ret = stage.call(fn, sgl, nents, buflen, skip);
  const events = stage.events();
  const named = (pattern: RegExp): readonly unknown[] =>
    events
      .filter((event) => pattern.test((event as readonly [string])[0]))
      .map((event) => (event as unknown[])[1]);
  const maps = named(/^kmap_/);
  const flushes = named(/^flush_dcache_page$/);
  return {
    ret,
    ...(reads ? { buf_crc32: crc32(stage.bytes(buflen)) } : { changed_pages: stage.changed() }),
    map_count: maps.length,
    flush_count: flushes.length,
    maps,
    flushes,
    events,
  };
}

/** Runs a case; throws where C code does not do what was recorded. */
function runRecorded(module: CModule<Runner>, linux: '6.1' | '7.2', c: VectorCase): void {
  const stage = new Stage(module, linux);
  const input = c.input as unknown as MiterInput | CopyInput;
  if ('script' in input) {
    expect(playMiter(stage, input), c.name).to.deep.equal(c.expect);
    return;
  }
  const got = playCopy(stage, input) as Record<string, unknown>;
  const { buf_hex: _buffer, list_hex: _list, ...wanted } = c.expect;
  const asked = Object.keys(wanted).map((name): [string, unknown] => [name, got[name]]);
  expect(Object.fromEntries(asked), c.name).to.deep.equal(wanted);
}

/** Runs cases; says of each that fails what is different. */
export function failuresOf(
  module: CModule<Runner>,
  linux: '6.1' | '7.2',
  cases: readonly VectorCase[],
): readonly string[] {
  return cases.flatMap((c) => {
    try {
      runRecorded(module, linux, c);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  });
}
