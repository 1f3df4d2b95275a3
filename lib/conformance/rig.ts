/**
 * One machine for one test, with a task, the backend bound to it, and pages of every kind.
 */
import { createMachine } from '../kernel/core/create-machine.ts';
import type { Context, Machine, Task } from '../kernel/core/machine.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import type { MapBackend } from '../mapping/backend.ts';
import type { Contract } from '../mapping/contract.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { check, same, sameBytes, valueOf } from './check.ts';
import type { Subject } from './subject.ts';

/** Every kind of memory. */
export const KINDS: readonly MemoryKind[] = ['lowmem', 'highmem', 'iomem', 'protected', 'unmappable'];

/** The kinds that a contract does not always refuse. */
export function mappableKinds(contract: Contract): readonly MemoryKind[] {
  return KINDS.filter((kind) => !contract.errors[kind].includes('Unmappable'));
}

/** The sizes of the zones that a machine does not have by default. */
export const RARE_PAGES = 64;
/** A small page size, because the clauses check every byte; a subject may choose another. */
const PAGE_SIZE = 1024;

/** A machine with the backend on it. */
export class Rig {
  readonly machine: Machine;
  readonly task: Task;
  readonly backend: MapBackend;
  private readonly subject: Subject;

  constructor(subject: Subject, options: MachineOptions) {
    this.subject = subject;
    this.machine = createMachine({
      pageSize: PAGE_SIZE,
      protectedPages: RARE_PAGES,
      unmappablePages: RARE_PAGES,
      ...subject.machine,
      ...options,
      onViolation: 'throw',
    });
    this.task = this.machine.task('conformance');
    this.backend = this.backendIn(this.task);
  }

  /** The backend in another context of the same machine. */
  backendIn(context: Context): MapBackend {
    return this.subject.backend(context, this.machine);
  }

  /** Allocates pages of a kind, contiguous or scattered. */
  pages(kind: MemoryKind, count: number, layout: 'contiguous' | 'scattered' = 'contiguous'): readonly Page[] {
    if (kind !== 'iomem') return this.machine.allocPages(count, { zone: kind, layout });
    if (layout === 'contiguous') return this.machine.ioRegion(count);
    return this.machine.ioRegion(2 * count).filter((_, i) => i % 2 === 0);
  }

  /** One page of a kind. */
  page(kind: MemoryKind): Page {
    const [page] = this.pages(kind, 1);
    check(page !== undefined, `no ${kind} page`);
    return page;
  }

  /** Whether mapping a page of this kind takes one of the CPU's local slots. */
  takesLocalSlot(kind: MemoryKind): boolean {
    const { forceMap, highmem } = this.machine.config;
    return forceMap || kind === 'iomem' || (kind === 'highmem' && highmem);
  }

  /** Whether the highmem pages of this machine have permanent addresses after all. */
  get withoutHighmem(): boolean {
    return !this.machine.config.highmem;
  }

  /** Maps bytes where the contract says that this cannot fail. */
  map(page: Page, pageOffset: number, lengthBytes: number, backend: MapBackend = this.backend): Mapping {
    const mapped = backend.map(page, pageOffset, lengthBytes);
    return valueOf(
      mapped,
      `map of ${String(lengthBytes)} bytes at ${String(pageOffset)} of a ${page.kind} page`,
    );
  }

  /** Maps a whole page and writes a number at its start that identifies it. */
  mapMarked(page: Page, mark: number): Mapping {
    this.machine.physical(page)[0] = mark;
    return this.map(page, 0, this.machine.pageSize);
  }

  /** Fails the clause if any mapping is still live. */
  checkClean(what: string): void {
    same(this.machine.liveMappings, 0, `${what}: live mappings`);
    this.machine.checkLeaks();
    this.task.exit();
  }

  /** Fails the clause unless memory holds these bytes. */
  checkPhysical(page: Page, want: Uint8Array, what: string): void {
    sameBytes(this.machine.physical(page), want, `${what}: ${page.kind} memory`);
  }
}

/** Bytes in which neighbours, pages and runs of the pattern differ. */
export function pattern(lengthBytes: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, i) => (i * 7 + (i >> 8) * 13 + seed * 31 + 1) & 0xff);
}
