/** A direct machine, a task, and jobs over pages of it. */
import { createMachine } from 'scatterlist';
import type { Machine, MemoryKind, Page, Task } from 'scatterlist';
import type { MachineOptions } from 'scatterlist/machine';
import { Segments } from '../../lib/kernel/segments.ts';
import type { TransferJob } from '../../lib/kernel/transfer.ts';

export const PAGE = 4096;

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
