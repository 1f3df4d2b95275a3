/** A direct machine, a task, and spans of pieces over pages of it. */
import { createMachine } from 'scatterlist';
import type { Machine, MemoryKind, Page, Task } from 'scatterlist';
import type { MachineOptions } from 'scatterlist/machine';
import type { PieceSpan } from '../../../lib/scatterlist/copy/move.ts';
import { Pieces } from '../../../lib/scatterlist/copy/pieces.ts';

export const PAGE = 4096;
/** Pages of each kind of memory in a `world`. */
export const PAGES = 6;

export type Piece = readonly [page: Page | undefined, offset: number, lengthBytes: number];

export function toPieces(list: readonly Piece[]): Pieces {
  const pieces = new Pieces();
  for (const [page, offset, lengthBytes] of list) pieces.add(page, offset, lengthBytes);
  return pieces;
}

/** All of some pieces, or a part of them. */
export function spanOf(list: Pieces | readonly Piece[], parts: Partial<PieceSpan> = {}): PieceSpan {
  const pieces = list instanceof Pieces ? list : toPieces(list);
  return { pieces, first: 0, end: pieces.count, skipBytes: 0, cutBytes: 0, ...parts };
}

/** How many bytes a span has. */
export function bytesOf({ pieces, first, end, skipBytes, cutBytes }: PieceSpan): number {
  return pieces.endOf(end - 1) - (pieces.starts[first] ?? 0) - skipBytes - cutBytes;
}

export interface PiecesFixture<K extends MemoryKind> {
  readonly machine: Machine;
  readonly task: Task;
  readonly pages: readonly Page<K>[];
  /** The four pages, one piece each. */
  readonly span: (parts?: Partial<PieceSpan>) => PieceSpan;
}

export function piecesFixture<K extends MemoryKind>(zone: K, options: MachineOptions = {}): PiecesFixture<K> {
  const machine = createMachine({ mode: 'direct', ...options });
  const task = machine.task('copier');
  const pages = machine.allocPages(4, { zone, layout: 'scattered' });
  pages.forEach((page, i) => machine.physical(page).fill(i + 1));
  return {
    machine,
    task,
    pages,
    span: (parts = {}) =>
      spanOf(
        pages.map((page) => [page, 0, PAGE]),
        parts,
      ),
  };
}

export interface World {
  readonly machine: Machine;
  readonly kinds: Readonly<Record<'lowmem' | 'highmem' | 'iomem', readonly Page[]>>;
}

/** A machine with pages of several kinds, filled with bytes that tell where they are. */
export function world(): World {
  const machine = createMachine({ mode: 'direct' });
  const lowmem = machine.allocPages(PAGES, { zone: 'lowmem' });
  const highmem = machine.allocPages(PAGES, { zone: 'highmem' });
  const iomem = machine.ioRegion(PAGES);
  for (const [i, page] of [...lowmem, ...highmem, ...iomem].entries())
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = i * 41 + at * 7));
  return { machine, kinds: { lowmem, highmem, iomem } };
}
