/**
 * Guest memory in the manner of OpenVMM: accesses go through a mapping of the whole memory; where a page is not mapped, the
 * memory decides whether the access fails, is tried again, or goes another way.
 */
import { physAddr } from '../../base/units.ts';
import { done, err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import { physToVirt } from '../../kernel/address/linear-address.ts';
import { maySleep } from '../../kernel/core/preempt.ts';
import { vmap, vunmap } from '../../kernel/highmem/vmap.ts';
import type { Window } from '../../kernel/window/window.ts';
import type { Page } from '../../machine/memory.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { readPhysical, writePhysical } from '../parts/physical-copy.ts';

/** `GuestMemoryError`: which access failed, and at which address. */
export interface GuestMemoryError {
  /** `GuestMemoryErrorKind`: `OutOfRange` if no memory is there; `Other` if it cannot be reached. */
  readonly code: 'OutOfRange' | 'Other';
  readonly op: 'read' | 'write' | 'fill' | 'lock';
  readonly gpa: number;
  readonly lengthBytes: number;
  /** The address of the page fault, or that of the access. */
  readonly at: number;
}

/** `LockedPages`: the addresses of pages that stay mapped. */
export interface LockedPages {
  readonly pages: readonly number[];
}

/** The functions of `GuestMemory`. An address is a physical one. */
export interface GuestMemory {
  /** `read_at`: reads bytes of any memory. */
  readAt(gpa: number, target: Uint8Array): Result<undefined, GuestMemoryError>;
  /** `write_at`. An access that fails at a later page has written the pages before it. */
  writeAt(gpa: number, source: Uint8Array): Result<undefined, GuestMemoryError>;
  /** `fill_at`. */
  fillAt(gpa: number, value: number, lengthBytes: number): Result<undefined, GuestMemoryError>;
  /** `lock_gpns`: pages by their numbers, for code that wants addresses. `Other` for memory that is never mapped. */
  lockGpns(gpns: readonly number[]): Result<LockedPages, GuestMemoryError>;
}

/** `PageFaultAction`: what `page_fault` returns. */
type PageFaultAction = 'fail' | 'retry' | 'fallback';

/** An access, without what it does to bytes. */
type Access = Pick<GuestMemoryError, 'op' | 'gpa' | 'lengthBytes'>;

/** Guest memory in the manner of OpenVMM. */
export const guestMemory: Facade<GuestMemory> = defineFacade({
  name: 'guest-memory',
  title: 'guest memory of OpenVMM',
  source: 'vm/vmcore/guestmem/src/lib.rs of OpenVMM, 2025',
  simplifies:
    'The guest memory is the physical memory of the machine; its mapping is the linear map, with highmem pages mapped by vmap at their first page fault and until the end. Where that is not possible, and for device memory, page_fault returns Fallback, which copies page by page. compare_exchange, ranges of pages, subranges and bitmaps are left out. Unlocking does nothing, as in OpenVMM.',
  shared: (): Map<Page, Window> => new Map(),
  open: ({ context, machine, shared, fails }) => {
    const { memory } = machine.hardware;
    const mem = new AddressSpace(context);
    const pageOf = (gpa: number): Page | undefined => memory.pageAt(Math.floor(gpa / memory.pageSize));
    const mappedAt = (gpa: number): number | undefined => {
      const page = pageOf(gpa);
      if (page?.kind === 'lowmem') return physToVirt(machine, physAddr(gpa));
      const window = page === undefined ? undefined : shared.get(page);
      return window === undefined ? undefined : window.vaddr + (gpa % memory.pageSize);
    };
    const pageFault = (gpa: number): PageFaultAction => {
      const page = pageOf(gpa);
      if (fails('page_fault') || page === undefined || page.kind === 'unmappable') return 'fail';
      if (page.kind !== 'highmem' || !maySleep(context)) return 'fallback';
      const mapped = vmap(context, [page]);
      if (!mapped.ok) return 'fallback';
      shared.set(page, mapped.value);
      return 'retry';
    };
    /** Makes an access page by page; returns the number of bytes before the first page that is not mapped. */
    const attempt = (
      { gpa, lengthBytes }: Access,
      visit: (address: number, from: number, to: number) => void,
    ): number => {
      for (let at = 0; at < lengthBytes;) {
        const address = mappedAt(gpa + at);
        if (address === undefined) return at;
        const part = Math.min(lengthBytes - at, memory.pageSize - ((gpa + at) % memory.pageSize));
        visit(address, at, at + part);
        at += part;
      }
      return lengthBytes;
    };
    /** `run_on_mapping`: from the beginning after each page fault, until all is done or given up. */
    const run = (
      access: Access,
      visit: (address: number, from: number, to: number) => void,
      fallback: () => boolean,
    ): Result<undefined, GuestMemoryError> => {
      const { gpa, lengthBytes } = access;
      if (lengthBytes === 0) return done;
      if (gpa + lengthBytes > memory.endPfn * memory.pageSize)
        return err({ code: 'OutOfRange', ...access, at: gpa });
      for (;;) {
        const moved = attempt(access, visit);
        if (moved === lengthBytes) return done;
        const action = pageFault(gpa + moved);
        if (action === 'retry') continue;
        return action === 'fallback' && fallback()
          ? done
          : err({ code: 'Other', ...access, at: gpa + moved });
      }
    };
    const readAt = (op: Access['op'], gpa: number, target: Uint8Array) =>
      run(
        { op, gpa, lengthBytes: target.length },
        (address, from, to) => {
          mem.copyTo(target.subarray(from, to), address);
        },
        () => readPhysical(context, gpa, target),
      );
    return {
      readAt: (gpa, target) => readAt('read', gpa, target),
      writeAt: (gpa, source) =>
        run(
          { op: 'write', gpa, lengthBytes: source.length },
          (address, from, to) => {
            mem.copyFrom(source.subarray(from, to), address);
          },
          () => writePhysical(context, gpa, source),
        ),
      fillAt: (gpa, value, lengthBytes) =>
        run(
          { op: 'fill', gpa, lengthBytes },
          (address, from, to) => {
            mem.fill(value, address, to - from);
          },
          () => writePhysical(context, gpa, new Uint8Array(lengthBytes).fill(value)),
        ),
      lockGpns(gpns) {
        const pages: number[] = [];
        for (const gpn of gpns) {
          const gpa = gpn * memory.pageSize;
          const probed = readAt('lock', gpa, new Uint8Array(1));
          if (!probed.ok) return probed;
          const address = mappedAt(gpa);
          if (address === undefined) return err({ code: 'Other', op: 'lock', gpa, lengthBytes: 1, at: gpa });
          pages.push(address);
        }
        return ok({ pages });
      },
    };
  },
  close(machine, mappings) {
    const task = machine.task('guest memory');
    for (const window of mappings.values()) vunmap(task, window);
    mappings.clear();
    return undefined;
  },
});
