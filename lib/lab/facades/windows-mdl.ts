/**
 * MDLs of Windows: a list of locked pages is mapped as a whole, at a priority that says how soon the map may fail.
 */
import { invariant } from '../../base/invariant.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import type { Context, Machine } from '../../kernel/core/machine.ts';
import { maySleep } from '../../kernel/core/preempt.ts';
import { releaserOf } from '../../kernel/core/release-checks.ts';
import { giveRangeBack } from '../../kernel/highmem/vmap.ts';
import type { Mechanism } from '../../kernel/window/mechanism.ts';
import { NO_CHUNK } from '../../kernel/window/ram-window.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { Window } from '../../kernel/window/window.ts';
import type { Page } from '../../machine/memory.ts';
import type { SgEntry } from '../../scatterlist/list/sg-array.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { NULL } from '../err-ptr.ts';

/** Fails while a quarter of all addresses is still free. */
const LowPagePriority = 0;
/** Fails while a sixteenth is still free. */
const NormalPagePriority = 16;
/** Fails only if no addresses are left. */
const HighPagePriority = 32;

const MmNonCached = 0;
const MmCached = 1;

const BY_MDL: Mechanism<Window> = {
  name: 'MDL',
  unmapName: 'MmUnmapLockedPages',
  scope: 'global',
  pool: 'vmalloc area',
  isAtomic: false,
  release: (window) => {
    giveRangeBack(releaserOf(window), window);
  },
};

/** `MDL`: bytes in a list of locked pages, which follow each other when the list is mapped. */
export class Mdl {
  readonly pages: readonly Page[];
  readonly byteOffset: number;
  readonly byteCount: number;
  /** The address of the first byte; `NULL` unless it is mapped. */
  mappedSystemVa: number = NULL;
  mapped: RamWindow | undefined = undefined;

  constructor(pages: readonly Page[], byteOffset: number, byteCount: number) {
    this.pages = pages;
    this.byteOffset = byteOffset;
    this.byteCount = byteCount;
  }
}

/** Addresses that `MmAllocateMappingAddress` has reserved. */
interface Reservation {
  readonly first: number;
  readonly pages: number;
  readonly poolTag: number;
  mdl: Mdl | undefined;
}

/** The reservations of one machine. A class, so that the explorer compares it before and after each step. */
class Reservations {
  readonly machine: Machine;
  readonly all: Reservation[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The reservation at an address; it must have the tag. */
  at(address: number, poolTag: number): Reservation | undefined {
    const { addresses } = this.machine.hardware;
    return this.all.find((one) => addresses.vmalloc(one.first) === address && one.poolTag === poolTag);
  }
}

/** The functions of the design. */
export interface WindowsMdl {
  readonly LowPagePriority: number;
  readonly NormalPagePriority: number;
  readonly HighPagePriority: number;
  readonly MmNonCached: number;
  readonly MmCached: number;
  /** An MDL over the bytes of entries that meet at the borders of pages. Its pages are locked. */
  mdlOf(entries: readonly SgEntry[]): Mdl;
  /** `MmGetSystemAddressForMdlSafe`: maps the MDL, unless it is mapped, and returns its address, or `NULL`. */
  mmGetSystemAddressForMdlSafe(mdl: Mdl, priority: number): number;
  /** `MmMapLockedPagesSpecifyCache` in kernel mode: maps an MDL that is not mapped; `NULL`, or a bug check, if it fails. */
  mmMapLockedPagesSpecifyCache(
    mdl: Mdl,
    cacheType: number,
    bugCheckOnFailure: boolean,
    priority: number,
  ): number;
  /** `MmUnmapLockedPages`: ends the map for all who got its address. */
  mmUnmapLockedPages(baseAddress: number, mdl: Mdl): void;
  /** `MmAllocateMappingAddress`: reserves addresses; returns the first, or `NULL`. */
  mmAllocateMappingAddress(numberOfBytes: number, poolTag: number): number;
  /** `MmFreeMappingAddress`. */
  mmFreeMappingAddress(baseAddress: number, poolTag: number): void;
  /** `MmMapLockedPagesWithReservedMapping`: maps at reserved addresses; `NULL` only if the MDL is too long for them. */
  mmMapLockedPagesWithReservedMapping(
    mappingAddress: number,
    poolTag: number,
    mdl: Mdl,
    cacheType: number,
  ): number;
  /** `MmUnmapReservedMapping`. */
  mmUnmapReservedMapping(baseAddress: number, poolTag: number, mdl: Mdl): void;
  /** `WRITE_REGISTER_BUFFER_UCHAR`: writes bytes to the memory of a device, one after the other. */
  writeRegisterBufferUchar(register: number, buffer: Uint8Array): void;
}

/** MDLs of Windows. */
export const windowsMdl: Facade<WindowsMdl> = defineFacade({
  name: 'windows-mdl',
  title: 'MDLs of Windows',
  source:
    'the Windows driver documentation: MmGetSystemAddressForMdlSafe, MmMapLockedPagesSpecifyCache, MmMapLockedPagesWithReservedMapping, bug check 0xDA',
  simplifies:
    'The vmalloc area stands for the system PTEs; Windows does not document how many must be left at each priority, so a quarter and a sixteenth are chosen. TLBs are flushed at each unmap. The use of system PTEs is tracked. There is no user mode, no MdlMappingNoWrite or NoExecute, no partial MDL, and MDLs and locked pages are at hand without a failure. The cache type changes nothing.',
  shared: (machine) => new Reservations(machine),
  open: ({ context, machine, shared: reservations, fails, refuse }) => {
    const misuse = (why: string) => refuse(`SYSTEM_PTE_MISUSE (0xDA): ${why}`);
    const atDispatch = (what: string) => {
      machine.enter(context);
      if (context.kind === 'hardirq' || context.kind === 'nmi')
        refuse(`IRQL_NOT_LESS_OR_EQUAL: ${what} above DISPATCH_LEVEL`);
    };
    const atApc = (what: string) => {
      machine.enter(context);
      if (!maySleep(context)) refuse(`IRQL_NOT_LESS_OR_EQUAL: ${what} above APC_LEVEL`);
    };
    const map = (mdl: Mdl, bugCheckOnFailure: boolean, priority: number, what: string): number => {
      if (mdl.mapped !== undefined) misuse('the MDL is mapped already');
      const { pages } = mdl;
      const hasFew = fails(what) || machine.vmalloc.freePages - pages.length < sparedAt(machine, priority);
      const first = hasFew ? -1 : machine.vmalloc.take(pages.length);
      if (first >= 0) return enter(context, mdl, first);
      if (bugCheckOnFailure) refuse(`NO_MORE_SYSTEM_PTES (0x3F): ${String(pages.length)} pages`);
      return NULL;
    };
    const reserved = (address: number, poolTag: number) =>
      reservations.at(address, poolTag) ?? misuse('no addresses are reserved there with this tag');
    return {
      LowPagePriority,
      NormalPagePriority,
      HighPagePriority,
      MmNonCached,
      MmCached,
      mdlOf(entries) {
        const { pageSize } = machine;
        const isOneRange = entries.every(
          ({ page, offset, length }, i) =>
            page !== null &&
            (i === 0 || offset % pageSize === 0) &&
            (i === entries.length - 1 || (offset + length) % pageSize === 0),
        );
        if (!isOneRange) refuse('an MDL describes one range of addresses');
        const pages = entries.flatMap((sg) => pagesOf(machine, sg));
        const count = entries.reduce((sum, { length }) => sum + length, 0);
        return new Mdl(pages, (entries[0]?.offset ?? 0) % pageSize, count);
      },
      mmGetSystemAddressForMdlSafe(mdl, priority) {
        atDispatch('MmGetSystemAddressForMdlSafe');
        if (mdl.mapped !== undefined) return mdl.mappedSystemVa;
        return map(mdl, false, priority, 'MmGetSystemAddressForMdlSafe');
      },
      mmMapLockedPagesSpecifyCache(mdl, _, bugCheckOnFailure, priority) {
        atDispatch('MmMapLockedPagesSpecifyCache');
        return map(mdl, bugCheckOnFailure, priority, 'MmMapLockedPagesSpecifyCache');
      },
      mmUnmapLockedPages(baseAddress, mdl) {
        atDispatch('MmUnmapLockedPages');
        const { mapped } = mdl;
        if (mapped === undefined) return misuse('the MDL is not mapped');
        if (baseAddress !== mdl.mappedSystemVa) misuse('the address is not that of the map');
        if (reservations.all.some((one) => one.mdl === mdl))
          misuse('the MDL is mapped at reserved addresses');
        leave(mdl);
        giveRangeBack(context, mapped);
      },
      mmAllocateMappingAddress(numberOfBytes, poolTag) {
        atApc('MmAllocateMappingAddress');
        const pages = Math.ceil(numberOfBytes / machine.pageSize);
        const first = fails('MmAllocateMappingAddress') ? -1 : machine.vmalloc.take(pages);
        if (first < 0) return NULL;
        reservations.all.push({ first, pages, poolTag, mdl: undefined });
        return machine.hardware.addresses.vmalloc(first);
      },
      mmFreeMappingAddress(baseAddress, poolTag) {
        atApc('MmFreeMappingAddress');
        const one = reserved(baseAddress, poolTag);
        if (one.mdl !== undefined) misuse('the reserved addresses are in use');
        reservations.all.splice(reservations.all.indexOf(one), 1);
        machine.vmalloc.give(one.first);
      },
      mmMapLockedPagesWithReservedMapping(mappingAddress, poolTag, mdl, _) {
        atDispatch('MmMapLockedPagesWithReservedMapping');
        const one = reserved(mappingAddress, poolTag);
        if (one.mdl !== undefined || mdl.mapped !== undefined)
          misuse('the MDL or the addresses are mapped already');
        if (mdl.pages.length > one.pages) return NULL;
        one.mdl = mdl;
        return enter(context, mdl, one.first);
      },
      mmUnmapReservedMapping(baseAddress, poolTag, mdl) {
        atDispatch('MmUnmapReservedMapping');
        const one = reserved(baseAddress, poolTag);
        const { mapped } = mdl;
        if (one.mdl !== mdl || mapped === undefined)
          return misuse('the MDL is not mapped at these addresses');
        one.mdl = undefined;
        leave(mdl);
        clear(context, mapped);
      },
      writeRegisterBufferUchar(register, buffer) {
        const memory = new AddressSpace(context);
        for (const [i, byte] of buffer.entries()) memory.writeb(byte, register + i);
      },
    };
  },
  close: (_, { all }) =>
    all.length > 0 ? `${String(all.length)} mapping addresses still reserved` : undefined,
});

/** The pages that must stay free after a map of a priority. */
function sparedAt({ config }: Machine, priority: number): number {
  if (priority >= HighPagePriority) return 0;
  return Math.floor(config.vmallocPages / (priority >= NormalPagePriority ? 16 : 4));
}

function pagesOf(machine: Machine, { page, offset, length }: SgEntry): readonly Page[] {
  invariant(page !== null, 'an entry of an MDL has a page');
  const { pageSize, hardware } = machine;
  const first = Math.floor(offset / pageSize);
  const count = Math.ceil((offset + length) / pageSize) - first;
  return Array.from({ length: count }, (_, i) => hardware.memory.nthPage(page, first + i));
}

/** Enters the pages of an MDL from a page of the vmalloc area on. */
function enter(context: Context, mdl: Mdl, first: number): number {
  const { machine } = context;
  const { hardware } = machine;
  const [head] = mdl.pages;
  invariant(head !== undefined, 'an MDL has a page');
  const window = machine.ramWindow(context, head, mdl.byteOffset, mdl.byteCount);
  for (const [i, page] of mdl.pages.entries()) hardware.pageTable.vmalloc.set(first + i, page.pfn);
  hardware.ledger.pteWrites += mdl.pages.length;
  window.pages = mdl.pages;
  if (mdl.pages.length > 1) window.chunk = NO_CHUNK;
  window.slot = first;
  window.area = 'vmalloc';
  window.mapBy(BY_MDL);
  machine.mapped(window, context);
  mdl.mapped = window;
  mdl.mappedSystemVa = window.vaddr;
  return window.vaddr;
}

function leave(mdl: Mdl): void {
  mdl.mapped = undefined;
  mdl.mappedSystemVa = NULL;
}

/** Ends a map at addresses that stay reserved. */
function clear(context: Context, window: RamWindow): void {
  const { machine } = context;
  const { hardware } = machine;
  const pages = window.frames().length;
  machine.guard?.syncArrays();
  for (let i = 0; i < pages; i += 1) hardware.pageTable.vmalloc.clear(window.slot + i);
  hardware.ledger.pteWrites += pages;
  const { addresses } = hardware;
  hardware.flushRangeGlobal(addresses.vmalloc(window.slot), addresses.vmalloc(window.slot + pages));
  machine.unmapped(window, context);
}
