/** Machines, lists and checks that the groups share. */
import { createMachine, sgAllocTable, sgAllocTableFromPages, sgNext, sgSetPage } from 'scatterlist';
import type { Machine, MemoryKind, Page, SgTable, Task } from 'scatterlist';

export const PAGE = 4096;
export const MIB = 1 << 20;

export interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
}

export function directMachine(highmemPages = 16384): Fixture {
  const machine = createMachine({ mode: 'direct', highmemPages });
  return { machine, task: machine.task('bench') };
}

/**
 * Touches pages in an order in which no two neighbours of the list become neighbours in the memory of the host. If they were
 * touched in the order of the list, sixteen pages or more would be adjacent there, and copies would be faster.
 */
export function touchApart(machine: Machine, pages: readonly Page[]): void {
  for (let i = 0; i < pages.length; i += 1) machine.physical(pages[(i * 101) % pages.length]!);
}

/** A pattern of bytes that a wrong copy cannot produce by chance. */
export function pattern(length: number, seed = 1): Uint8Array {
  let x = seed;
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0;
    return x >>> 24;
  });
}

/** A table with one entry per page, each entry the same part of its page. */
export function perPage<K extends MemoryKind>(
  pages: readonly Page<K>[],
  offset: number,
  length: number,
): SgTable<K> {
  const made = sgAllocTable<K>(pages.length);
  if (!made.ok) throw new Error(made.error.code);
  let sg = made.value.sgl;
  for (const page of pages) {
    sgSetPage(sg!, page, length, offset);
    sg = sgNext(sg!);
  }
  return made.value;
}

export function fromPages<K extends MemoryKind>(pages: readonly Page<K>[]): SgTable<K> {
  const made = sgAllocTableFromPages(pages, { size: pages.length * PAGE });
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

/** Stops the bench if two ways of doing the work give different results. */
export function same(a: Uint8Array, b: Uint8Array, what: string): void {
  if (a.length !== b.length || !a.every((byte, i) => byte === b[i]))
    throw new Error(`${what}: the bytes differ`);
}
