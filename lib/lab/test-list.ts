/**
 * A list of a job, with its bytes as memory holds them.
 */
import { InvariantError } from '../base/invariant.ts';
import type { Machine } from '../kernel/core/machine.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import { sgAllocTable } from '../scatterlist/alloc/alloc-table.ts';
import { sgSetPage } from '../scatterlist/list/entry.ts';
import type { SgTable } from '../scatterlist/list/sg-table.ts';

/** One entry: bytes of pages of its own, which follow each other. */
export interface Segment<K extends MemoryKind = MemoryKind> {
  readonly kind: K;
  readonly offset: number;
  readonly length: number;
}

/** Deterministic bytes, which differ between seeds. */
export function pattern(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) * 7 + seed * 97 + 1) & 0xff);
}

/** A list over pages of its own, and how its memory was at the beginning. */
export class TestList<K extends MemoryKind = MemoryKind> {
  readonly machine: Machine;
  readonly segments: readonly Segment<K>[];
  readonly table: SgTable<K>;
  readonly pages: readonly Page<K>[];
  readonly before: readonly Uint8Array[];
  readonly length: number;

  constructor(machine: Machine, segments: readonly Segment<K>[], seed: number) {
    this.machine = machine;
    this.segments = segments;
    const made = sgAllocTable<K>(segments.length);
    if (!made.ok) throw new InvariantError(`no table for ${String(segments.length)} entries`);
    this.table = made.value;
    const entries = [...this.table];
    const pages: Page<K>[] = [];
    segments.forEach(({ kind, offset, length }, i) => {
      const run = listPages(machine, kind, Math.ceil((offset + length) / machine.pageSize));
      const [first] = run;
      const entry = entries[i];
      if (first === undefined || entry === undefined) throw new InvariantError('an entry without a page');
      sgSetPage(entry, first, length, offset);
      pages.push(...run);
    });
    this.pages = pages;
    pages.forEach((page, i) => {
      machine.physical(page).set(pattern(machine.pageSize, seed + i));
    });
    this.before = pages.map((page) => machine.physical(page).slice());
    this.length = segments.reduce((sum, { length }) => sum + length, 0);
  }

  /** Its bytes, one after the other, as they are now. */
  bytes(): Uint8Array {
    const out = new Uint8Array(this.length);
    this.#each((page, at, done) => {
      out[done] = this.machine.physical(page)[at] ?? 0;
    });
    return out;
  }

  /** Whether any byte of its pages is another than at the beginning. */
  changed(): boolean {
    return this.pages.some((page, i) => {
      const now = this.machine.physical(page);
      return this.before[i]?.some((byte, at) => now[at] !== byte) ?? true;
    });
  }

  /**
   * Says which byte of its pages is wrong, if `written` should be in the list from `skip` on, and all others as they were
   * at the beginning.
   */
  wrong(written: readonly { readonly at: number; readonly bytes: Uint8Array }[]): string | undefined {
    const want = this.before.map((bytes) => bytes.slice());
    this.#each((page, at, done) => {
      const part = written.find((one) => done >= one.at && done < one.at + one.bytes.length);
      const image = want[this.pages.indexOf(page)];
      if (part !== undefined && image !== undefined) image[at] = part.bytes[done - part.at] ?? 0;
    });
    for (const [i, page] of this.pages.entries()) {
      const now = this.machine.physical(page);
      const at = want[i]?.findIndex((byte, offset) => now[offset] !== byte) ?? 0;
      if (at < 0) continue;
      return `byte ${String(at)} of page ${String(i)} is ${hex(now[at])} instead of ${hex(want[i]?.[at])}`;
    }
    return undefined;
  }

  #each(visit: (page: Page<K>, at: number, done: number) => void): void {
    const { pageSize } = this.machine;
    let first = 0;
    let done = 0;
    for (const { offset, length } of this.segments) {
      for (let i = offset; i < offset + length; i += 1, done += 1) {
        const page = this.pages[first + Math.floor(i / pageSize)];
        if (page !== undefined) visit(page, i % pageSize, done);
      }
      first += Math.ceil((offset + length) / pageSize);
    }
  }
}

/**
 * Pages for a list, one after the other. A machine that has protected memory in place of highmem gives that in its place,
 * under the same type, so that the jobs are the same for a design that is made for such a machine.
 */
export function listPages<K extends MemoryKind>(machine: Machine, kind: K, count: number): readonly Page<K>[];
export function listPages(machine: Machine, kind: MemoryKind, count: number): readonly Page[] {
  const { highmem, protectedPages } = machine.config;
  if (kind === 'iomem') return machine.ioRegion(count, { name: 'device memory' });
  const isProtected = kind === 'highmem' && !highmem && protectedPages > 0;
  return machine.allocPages<MemoryKind>(count, { zone: isProtected ? 'protected' : kind });
}

function hex(byte = 0): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
