/**
 * What a checked machine does on each access: it translates the address through the executing CPU's TLB and the
 * page table, checks the protection key, and checks the access against the contract of the mapping.
 */
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import { describeMapping } from '../../machine/violation.ts';
import type { BytesState, Detail } from '../../machine/violation.ts';
import type { Context, Machine } from './machine.ts';
import { checkWindowTouch, isReachable } from './page-lifetime.ts';
import { holdsIn } from './release-checks.ts';
import { Shadows } from './shadow.ts';
import type { Guard, Window } from '../window/window.ts';

/** The guard of one checked machine. */
export class CheckedAccess implements Guard {
  private readonly machine: Machine;
  private readonly shadows: Shadows;

  constructor(machine: Machine) {
    this.machine = machine;
    this.shadows = new Shadows(
      machine.hardware,
      () => machine.executing,
      (window, page, offset) => {
        const verb = `a store to byte ${String(offset)} of an array kept from a mapping`;
        checkWindowTouch(machine, page, window, { verb, write: true }, machine.executing);
      },
    );
  }

  check(window: Window, offset: number, lengthBytes: number, write: boolean): Page {
    const machine = this.machine;
    const context = machine.executing;
    const expected = window.pageAt(offset);
    this.#checkOwner(window, context);
    if (!window.isForDevice) this.#checkKind(window, expected, write, context);
    const page = this.#translate(window, window.vaddr + offset, expected, context);
    if (!isReachable(page, window.serial))
      this.#checkLifetime(window, offset, lengthBytes, write, page, context);
    if (!write) this.#checkPoison(window, offset, lengthBytes, page, context);
    this.#checkDeviceOwned(window, offset, lengthBytes, write, page, context);
    if (!write && !window.isForDevice) this.#checkCache(window, offset, lengthBytes, page, context);
    if (machine.config.trackUninitialised)
      this.#trackUninitialised(window, offset, lengthBytes, write, page, context);
    machine.hardware.trace?.record({
      event: write ? 'store' : 'load',
      by: context.actor,
      pfn: page.pfn,
      offset: this.#inPage(window, offset),
      lengthBytes,
      serial: window.serial,
    });
    return page;
  }

  get executing(): Context {
    return this.machine.executing;
  }

  get arrays(): readonly Window[] {
    return this.shadows.windows;
  }

  get hasNothingToCheck(): boolean {
    const { hardware, deviceOwned, memoryErrors, config } = this.machine;
    return (
      hardware.trace === undefined &&
      hardware.dataCache === undefined &&
      !config.trackUninitialised &&
      deviceOwned.isIdle &&
      memoryErrors.isEmpty &&
      this.shadows.windows.length === 0
    );
  }

  shadow(window: Window): Uint8Array {
    this.syncArrays();
    if (window.live) {
      this.#checkOwner(window, this.machine.executing);
      const machine = this.machine;
      for (let at = 0; at < window.lengthBytes;) {
        const inPage = this.#inPage(window, at);
        const part = Math.min(window.lengthBytes - at, machine.pageSize - inPage);
        // Accesses to the array cannot be watched.
        machine.uninitialised.written(window.pageAt(at), inPage, part);
        const page = this.check(window, at, part, false);
        this.machine.hardware.trace?.record({ event: 'bytes', pfn: page.pfn });
        at += part;
      }
    }
    return this.shadows.of(window);
  }

  syncArrays(): void {
    this.shadows.sync();
  }

  #inPage(window: Window, offset: number): number {
    return (window.pageOffset + offset) % this.machine.pageSize;
  }

  #checkOwner(window: Window, context: Context): void {
    if (holdsIn(window, context)) return;
    const elsewhere = window.cpu !== context.cpu.id;
    this.#violate(
      elsewhere ? 'wrong-cpu' : 'wrong-task',
      `${context.kind} "${context.name}" on cpu${String(context.cpu.id)} used a mapping that belongs to "${window.owner.name}" on cpu${String(window.cpu)}`,
      window,
      context,
    );
  }

  #checkKind(window: Window, page: Page, write: boolean, context: Context): void {
    if (page.kind === 'iomem') {
      this.#violate(
        'iomem-plain-access',
        `a plain load or store reached device memory ${page.zone.region?.name ?? ''}`,
        window,
        context,
      );
    } else if (page.kind === 'protected' && context.task.keyGrants === 0) {
      this.#violate(
        'protected-access',
        `pfn ${hex(page.pfn)} was touched while "${context.task.name}" holds no grant of its key`,
        window,
        context,
        'bug',
      );
    } else if (page.kind === 'unmappable' && window.area === 'direct') window.reportUnreachable(page, write);
  }

  #checkLifetime(
    window: Window,
    offset: number,
    lengthBytes: number,
    write: boolean,
    page: Page,
    context: Context,
  ): void {
    const verb = accessText(write, lengthBytes, this.#inPage(window, offset));
    checkWindowTouch(this.machine, page, window, { verb, write }, context);
  }

  #checkDeviceOwned(
    window: Window,
    offset: number,
    lengthBytes: number,
    write: boolean,
    page: Page,
    context: Context,
  ): void {
    const inPage = this.#inPage(window, offset);
    const mapping = this.machine.deviceOwned.forbids(page, inPage, lengthBytes, write);
    if (mapping === undefined) return;
    const how = mapping.hasEnded ? 'unmapped without a sync for the CPU' : `mapped ${mapping.direction}`;
    this.#violate(
      'dma-cpu-access',
      `${accessText(write, lengthBytes, inPage)} of pfn ${hex(page.pfn)}, ${how} at ${hex(mapping.address)}`,
      window,
      context,
    );
  }

  #checkCache(window: Window, offset: number, lengthBytes: number, page: Page, context: Context): void {
    const { hardware, pageSize } = this.machine;
    const vaddr = window.vaddr + offset;
    const inPage = vaddr % pageSize;
    const cache = hardware.dataCache;
    if (cache === undefined) return;
    const colour = cache.colourOf(vaddr);
    if (!cache.isStale(page, colour, inPage, lengthBytes)) return;
    if (cache.isLost(page, inPage, lengthBytes)) {
      this.#violate(
        'discarded-line',
        `a load of ${String(lengthBytes)} bytes at ${hex(vaddr)} (pfn ${hex(page.pfn)}, colour ${String(colour)}) reads memory that lacks stored bytes, and no cache line holds them any more`,
        window,
        context,
        'warn',
        [],
        { pfn: page.pfn, offset: inPage, lengthBytes },
      );
      return;
    }
    this.#violate(
      'stale-cache',
      `a load of ${String(lengthBytes)} bytes at ${hex(vaddr)} (pfn ${hex(page.pfn)}, colour ${String(colour)}) hits a line that is out of date`,
      window,
      context,
      'warn',
      [],
      { pfn: page.pfn, offset: inPage, lengthBytes },
    );
  }

  #trackUninitialised(
    window: Window,
    offset: number,
    lengthBytes: number,
    write: boolean,
    page: Page,
    context: Context,
  ): void {
    const { uninitialised } = this.machine;
    const inPage = this.#inPage(window, offset);
    if (write) {
      uninitialised.written(page, inPage, lengthBytes);
      return;
    }
    const unwritten = uninitialised.firstIn(page, inPage, lengthBytes);
    if (unwritten === undefined) return;
    this.#violate(
      'uninitialised-read',
      `a load of ${String(lengthBytes)} bytes reached offset ${String(unwritten)} of pfn ${hex(page.pfn)}, which was not written`,
      window,
      context,
      'warn',
      [],
      { pfn: page.pfn, offset: inPage, lengthBytes },
    );
  }

  #checkPoison(window: Window, offset: number, lengthBytes: number, page: Page, context: Context): void {
    const inPage = this.#inPage(window, offset);
    const failed = this.machine.memoryErrors.firstIn(page, inPage, lengthBytes);
    if (failed === undefined) return;
    this.#violate(
      'poison-consumed',
      `a load reached the failed cache line at offset ${String(failed)} of pfn ${hex(page.pfn)}`,
      window,
      context,
    );
  }

  // Looks in the TLB of the executing CPU first, then in the page table, as hardware does. Unlike hardware, it
  // compares a TLB entry with the page table, to find stale entries.
  #translate(window: Window, vaddr: number, expected: Page, context: Context): Page {
    const { hardware } = this.machine;
    const { pageTable, memory, addresses } = hardware;
    // The linear map has no entries; the address of a device's page could lie in an area that has.
    if (window.area === 'direct') return expected;
    const pageAddr = addresses.pageBase(vaddr);
    const at = pageTable.locate(pageAddr);
    if (at === undefined) return expected;
    const entry = pageTable.entry(at);
    const cached = context.cpu.tlb.lookup(pageAddr);
    // Where the entry is of another page, and the TLB is not, the page table has changed under a live mapping.
    const isTaken = entry >= 0 && entry !== expected.pfn && cached === expected.pfn;
    if (cached !== undefined && cached !== entry && !isTaken) {
      this.#violate(
        'stale-tlb',
        `cpu${String(context.cpu.id)} translates ${hex(pageAddr)} to pfn ${hex(cached)}; the page table says ${entry < 0 ? 'nothing is mapped' : `pfn ${hex(entry)}`}`,
        window,
        context,
      );
      return memory.page(cached);
    }
    if (entry < 0) {
      this.#violate('wild-access', `no page is mapped at ${hex(vaddr)}`, window, context, 'bug');
      return expected;
    }
    if (!isTaken) context.cpu.tlb.fill(pageAddr, entry);
    if (entry !== expected.pfn) {
      this.#violate(
        'slot-taken',
        `${hex(pageAddr)} maps pfn ${hex(entry)} now, not pfn ${hex(expected.pfn)}`,
        window,
        context,
        'warn',
        this.#takerOf(window, pageAddr),
      );
    }
    return isTaken ? expected : memory.page(entry);
  }

  /** Who maps another page at an address of this window. */
  #takerOf(window: Window, pageAddr: number): readonly Detail[] {
    const { pageSize } = this.machine;
    const taker = [...this.machine.live].findLast(
      (other) =>
        other !== window && other.vaddr < pageAddr + pageSize && other.vaddr + other.lengthBytes > pageAddr,
    );
    return taker === undefined ? [] : [{ label: 'taken by', text: describeMapping(taker.describe()) }];
  }

  #violate(
    rule: RuleId,
    what: string,
    window: Window,
    context: Context,
    severity: 'warn' | 'bug' = 'warn',
    details: readonly Detail[] = [],
    bytes?: BytesState,
  ): void {
    const machine = this.machine;
    machine.hardware.violate({
      rule,
      severity,
      what,
      context: context.state(),
      mapping: window.describe(),
      details: [
        ...details,
        window.how.pool === 'kmap pool'
          ? machine.pkmap.dump()
          : machine.localSlots.dump(context.task, context.cpu),
      ],
      ...(bytes !== undefined && { bytes }),
    });
  }
}

function accessText(write: boolean, lengthBytes: number, inPage: number): string {
  return `a ${write ? 'store' : 'load'} of ${String(lengthBytes)} bytes at offset ${String(inPage)}`;
}
