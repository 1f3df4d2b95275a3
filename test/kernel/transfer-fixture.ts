/** A direct machine, a task, and jobs over pages of it. */
import { createMachine } from 'scatterlist';
import type { Machine, MemoryKind, Page, Task } from 'scatterlist';
import type { MachineOptions } from 'scatterlist/machine';
import { Segments } from '../../lib/kernel/segments.ts';
import type { TransferJob } from '../../lib/kernel/transfer.ts';

export const PAGE = 4096;
/** `openUpTo` of a gate that lets everything through. */
export const OPEN: number = 2 ** 31 - 1;
/** Pages of each kind of memory in a `world`. */
export const PAGES = 6;

export type Piece = readonly [page: Page | undefined, offset: number, lengthBytes: number];

export function segmentsOf(pieces: readonly Piece[]): Segments {
  const segments = new Segments();
  for (const [page, offset, lengthBytes] of pieces) segments.add(page, offset, lengthBytes);
  return segments;
}

/** All pieces, into a buffer as long as they are. */
export function jobOf(segments: Segments, parts: Partial<TransferJob> = {}): TransferJob {
  return {
    segments,
    first: 0,
    end: segments.count,
    skipBytes: 0,
    cutBytes: 0,
    buffer: new Uint8Array(segments.bytes),
    bufferOffset: 0,
    toBuffer: true,
    ...parts,
  };
}

export interface TransferFixture<K extends MemoryKind> {
  readonly machine: Machine;
  readonly task: Task;
  readonly pages: readonly Page<K>[];
  readonly buffer: Uint8Array;
  /** The four pages, one piece each. */
  readonly job: (parts?: Partial<TransferJob>) => TransferJob;
}

export function transferFixture<K extends MemoryKind>(
  zone: K,
  options: MachineOptions = {},
): TransferFixture<K> {
  const machine = createMachine({ mode: 'direct', ...options });
  const task = machine.task('copier');
  const pages = machine.allocPages(4, { zone, layout: 'scattered' });
  pages.forEach((page, i) => machine.physical(page).fill(i + 1));
  const buffer = new Uint8Array(8 * PAGE);
  return {
    machine,
    task,
    pages,
    buffer,
    job: (parts = {}) => jobOf(segmentsOf(pages.map((page) => [page, 0, PAGE])), { buffer, ...parts }),
  };
}

export interface World {
  readonly machine: Machine;
  readonly kinds: Readonly<Record<'lowmem' | 'highmem' | 'iomem' | 'protected', readonly Page[]>> & {
    readonly missing: readonly undefined[];
  };
}

/** A machine with pages of every kind, those of RAM filled with bytes that tell where they are. */
export function world(): World {
  const machine = createMachine({ mode: 'direct', protectedPages: 1 });
  const lowmem = machine.allocPages(PAGES, { zone: 'lowmem' });
  const highmem = machine.allocPages(PAGES, { zone: 'highmem' });
  const kinds = {
    lowmem,
    highmem,
    iomem: machine.ioRegion(PAGES),
    protected: new Array<Page>(PAGES).fill(machine.allocPage({ zone: 'protected' })),
    missing: new Array<undefined>(PAGES).fill(undefined),
  };
  for (const [i, page] of [...lowmem, ...highmem].entries())
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = i * 41 + at * 7));
  return { machine, kinds };
}
