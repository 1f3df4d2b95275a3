/**
 * Loads and stores by bare address, as C code makes them through a pointer.
 *
 * Each address is resolved through the layout of the kernel: the linear map, the local slots, the kmap pool, the vmalloc
 * area. A pointer does not say which mapping it came from, so the mapping that is live at the address is used.
 */
import { InvariantError } from '../../base/invariant.ts';
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { AreaPage } from '../../machine/tlb.ts';
import type { Detail } from '../../machine/violation.ts';
import type { Context } from '../core/machine.ts';
import { holdsIn } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { IoWindow } from '../window/io-window.ts';
import { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/** What an address without a live mapping is called in reports. */
const BY_ADDRESS: Mechanism<Window> = {
  name: 'bare address',
  unmapName: 'none',
  scope: 'global',
  pool: undefined,
  isAtomic: false,
  release: () => undefined,
};

/** An access, for a report. */
interface Access {
  readonly verb: 'load' | 'store' | 'device access';
  readonly address: number;
  readonly lengthBytes: number;
}

/** A page of the address space: where it is, what it leads to, and through which mapping. */
interface Place {
  readonly page: Page;
  /** `undefined` in the linear map. */
  readonly at: AreaPage | undefined;
  readonly mapping: Window | undefined;
}

/**
 * The kernel's addresses as one context sees them.
 *
 * @linux none; a pointer of the kernel
 * @example
 * ```ts
 * const memory = new AddressSpace(task);
 * const mapped = kmapLocalPage(task, page);
 * memory.store32(mapped.vaddr + 8, 0x1234);
 * kunmapLocal(task, mapped);
 * ```
 */
export class AddressSpace {
  readonly context: Context;

  constructor(context: Context) {
    this.context = context;
  }

  /** Reads one byte. */
  load8(address: number): number {
    return this.load(address, 1).getUint8(0);
  }

  /** Reads two bytes, little-endian; they may lie in two pages. */
  load16(address: number): number {
    return this.load(address, 2).getUint16(0, true);
  }

  /** Reads four bytes, little-endian; they may lie in two pages. */
  load32(address: number): number {
    return this.load(address, 4).getUint32(0, true);
  }

  /** Reads eight bytes, little-endian; they may lie in two pages. */
  load64(address: number): bigint {
    return this.load(address, 8).getBigUint64(0, true);
  }

  /** Writes one byte, the low 8 bits of the value. */
  store8(address: number, value: number): void {
    this.copyFrom(Uint8Array.of(value), address);
  }

  /** Writes two bytes, little-endian: the low 16 bits of the value. */
  store16(address: number, value: number): void {
    const bytes = new DataView(new ArrayBuffer(2));
    bytes.setUint16(0, value, true);
    this.copyFrom(new Uint8Array(bytes.buffer), address);
  }

  /** Writes four bytes, little-endian: the low 32 bits of the value. */
  store32(address: number, value: number): void {
    const bytes = new DataView(new ArrayBuffer(4));
    bytes.setUint32(0, value, true);
    this.copyFrom(new Uint8Array(bytes.buffer), address);
  }

  /** Writes eight bytes, little-endian. */
  store64(address: number, value: bigint): void {
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, value, true);
    this.copyFrom(new Uint8Array(bytes.buffer), address);
  }

  /** Copies `target.length` bytes from an address on. */
  copyTo(target: Uint8Array, address: number): void {
    this.each('load', address, target.length, (window, offset, done, part) => {
      window.copyTo(target.subarray(done, done + part), offset);
    });
  }

  /** Copies bytes to an address. */
  copyFrom(source: Uint8Array, address: number): void {
    this.each('store', address, source.length, (window, offset, done, part) => {
      window.copyFrom(source.subarray(done, done + part), offset);
    });
  }

  /** Sets bytes from an address on to the low 8 bits of a value. */
  fill(value: number, address: number, lengthBytes: number): void {
    this.each('store', address, lengthBytes, (window, offset, _, part) => {
      window.fill(value, offset, part);
    });
  }

  /** `readb`. */
  readb(address: number): number {
    return this.device(address, 1, (window, offset) => window.load8(offset));
  }

  /** `readw`. */
  readw(address: number): number {
    return this.device(address, 2, (window, offset) => window.load16(offset));
  }

  /** `readl`. */
  readl(address: number): number {
    return this.device(address, 4, (window, offset) => window.load32(offset));
  }

  /** `readq`. */
  readq(address: number): bigint {
    return this.device(address, 8, (window, offset) => window.load64(offset));
  }

  /** `writeb`. */
  writeb(value: number, address: number): void {
    this.device(address, 1, (window, offset) => {
      window.store8(offset, value);
    });
  }

  /** `writew`. */
  writew(value: number, address: number): void {
    this.device(address, 2, (window, offset) => {
      window.store16(offset, value);
    });
  }

  /** `writel`. */
  writel(value: number, address: number): void {
    this.device(address, 4, (window, offset) => {
      window.store32(offset, value);
    });
  }

  /** `writeq`. */
  writeq(value: bigint, address: number): void {
    this.device(address, 8, (window, offset) => {
      window.store64(offset, value);
    });
  }

  private load(address: number, width: number): DataView {
    const bytes = new Uint8Array(width);
    this.copyTo(bytes, address);
    return new DataView(bytes.buffer);
  }

  // One page after the other, because neighbours in the address space need not be neighbours in memory.
  private each(
    verb: 'load' | 'store',
    address: number,
    lengthBytes: number,
    visit: (window: RamWindow, offset: number, done: number, part: number) => void,
  ): void {
    const { context } = this;
    const { pageSize } = context.machine;
    context.machine.enter(context);
    const from = this.checked(address, lengthBytes);
    // Looked at before a byte moves, so that an access that faults leaves memory as it was.
    for (let next = from - (from % pageSize) + pageSize; next < from + lengthBytes; next += pageSize)
      if (!this.isMapped(next)) this.resolve({ verb, address: next, lengthBytes: from + lengthBytes - next });
    for (let done = 0; done < lengthBytes;) {
      const offset = (from + done) % pageSize;
      const part = Math.min(lengthBytes - done, pageSize - offset);
      const place = this.resolve({ verb, address: from + done, lengthBytes: part });
      visit(this.ram(place), offset, done, part);
      done += part;
    }
  }

  private device<T>(
    address: number,
    width: number,
    access: (window: RamWindow | IoWindow, offset: number) => T,
  ): T {
    const { context } = this;
    const { hardware, pageSize } = context.machine;
    context.machine.enter(context);
    const from = this.checked(address, width);
    const place = this.resolve({ verb: 'device access', address: from, lengthBytes: width });
    const { page } = place;
    const { region } = page.zone;
    if (region !== undefined)
      return access(this.open(new IoWindow(hardware, page, context, region), place), from % pageSize);
    return access(this.ram(place), from % pageSize);
  }

  private ram(place: Place): RamWindow {
    const { page } = place;
    const { hardware } = this.context.machine;
    const window = new RamWindow(hardware, page, this.context);
    window.chunk = hardware.memory.touch(page);
    window.base = page.chunkOffset;
    return this.open(window, place);
  }

  /** The address as a pointer holds it. */
  private checked(address: number, lengthBytes: number): number {
    const { hardware } = this.context.machine;
    hardware.checkNumber(this.context, 'address', address, Number.MAX_SAFE_INTEGER);
    hardware.checkNumber(this.context, 'lengthBytes', lengthBytes, Number.MAX_SAFE_INTEGER - address);
    return hardware.config.semantics === 'compatible' ? hardware.addresses.inWord(address) : address;
  }

  // A window of the whole page, which carries what the checks need of the mapping; the machine does not register it.
  private open<W extends Window>(window: W, { at, mapping }: Place): W {
    window.lengthBytes = this.context.machine.pageSize;
    if (at !== undefined) {
      window.area = at.area;
      window.slot = at.index;
    }
    window.how = mapping?.how ?? BY_ADDRESS;
    window.scope = mapping?.scope ?? 'global';
    window.owner = mapping?.owner ?? this.context;
    window.cpu = mapping?.cpu ?? this.context.cpu.id;
    // A bare address is as new as its last use, so only the present owner of the page counts.
    window.serial = mapping?.serial ?? Infinity;
    window.mappedAt = mapping?.mappedAt;
    window.guard = this.context.machine.guard;
    window.begin();
    return window;
  }

  private resolve(access: Access): Place {
    const { machine } = this.context;
    const { pageTable } = machine.hardware;
    const at = pageTable.locate(access.address);
    if (at === undefined) return { page: this.linear(access), at: undefined, mapping: undefined };
    const mapping = this.mappingAt(at);
    // What is found at an address that this context has no right to depends on what all others do.
    if (mapping === undefined || !holdsIn(mapping, this.context))
      machine.hardware.trace?.record({
        event: 'access-astray',
        by: this.context.actor,
        vaddr: access.address,
      });
    if (mapping !== undefined) {
      const first = at.area === 'vmalloc' ? at.index - mapping.slot : 0;
      return { page: mapping.frames()[first] ?? mapping.page, at, mapping };
    }
    return { page: this.unowned(access, at), at, mapping: undefined };
  }

  private isMapped(address: number): boolean {
    const { hardware } = this.context.machine;
    const at = hardware.pageTable.locate(address);
    if (at !== undefined) return hardware.pageTable.entry(at) >= 0;
    const page = hardware.memory.pageAt(hardware.addresses.frameOf(address));
    return page !== undefined && hardware.memory.isDirect(page);
  }

  private linear(access: Access): Page {
    const { hardware, pageSize } = this.context.machine;
    const { addresses, memory } = hardware;
    const { address } = access;
    if (address < pageSize) return this.fault('null-pointer', access, 'an address in the first page');
    const page = memory.pageAt(addresses.frameOf(address));
    if (address < addresses.userEnd) return this.fault('user-pointer', access, 'an address of a user');
    if (page === undefined) return this.fault('wild-access', access, 'no page is mapped there');
    if (memory.isDirect(page)) return page;
    const why = `phys_to_virt of pfn ${hex(page.pfn)}, a page of ${page.kind} memory`;
    return this.fault('no-linear-address', access, why);
  }

  /** The page of an address in an area where no live mapping is known. */
  private unowned(access: Access, at: AreaPage): Page {
    const { context } = this;
    const { hardware, pkmap, guard } = context.machine;
    const entry = hardware.pageTable.entry(at);
    const cached =
      guard === undefined ? undefined : context.cpu.tlb.lookup(hardware.addresses.pageBase(access.address));
    const where = `${AREA_NAMES[at.area]} ${String(at.index)}`;
    if (entry < 0 && cached === undefined)
      return this.fault('unmapped-slot', access, `${where} maps no page`, this.dumpOf(at));
    const isUnused = at.area === 'pkmap' && pkmap.count(at.index) < 2;
    if (entry >= 0 && (isUnused || guard !== undefined)) {
      hardware.violate({
        rule: 'use-after-unmap',
        what: `${textOf(access)}: ${where} still maps pfn ${hex(entry)}, and its mapping was released`,
        context: context.state(),
        details: this.dumpOf(at),
      });
    }
    return hardware.memory.page(entry < 0 ? (cached ?? 0) : entry);
  }

  /** The live mapping at a page of an area: that of this context, else the one that the page table has. */
  private mappingAt({ area, index }: AreaPage): Window | undefined {
    const { machine } = this.context;
    let found: Window | undefined;
    for (const window of machine.live) {
      const pages = area === 'vmalloc' && window.area === area ? window.frames().length : 1;
      if (window.area !== area || index < window.slot || index >= window.slot + pages) continue;
      if (found?.owner !== this.context || window.owner === this.context) found = window;
    }
    return found;
  }

  private dumpOf(at: AreaPage): readonly Detail[] {
    const { machine, task, cpu } = this.context;
    if (at.area === 'pkmap') return [machine.pkmap.dump()];
    return at.area === 'local' ? [machine.localSlots.dump(task, cpu)] : [];
  }

  private fault(rule: RuleId, access: Access, why: string, details: readonly Detail[] = []): never {
    const { context } = this;
    context.machine.hardware.violate({
      rule,
      severity: 'bug',
      what: `${textOf(access)}: ${why}`,
      context: context.state(),
      details,
    });
    throw new InvariantError(`${rule} was reported and not thrown`);
  }
}

const AREA_NAMES = {
  local: 'local slot',
  pkmap: 'slot of the kmap pool',
  vmalloc: 'page of the vmalloc area',
};

function textOf({ verb, address, lengthBytes }: Access): string {
  return `a ${verb} of ${String(lengthBytes)} bytes at ${hex(address)}`;
}
