/**
 * The parts of a machine that need no context: the hardware, the kernel's pools, pages and mappings, and the watch.
 *
 * `Machine` adds the contexts. This file knows one only as the executing one, whose name is in reports.
 */
import { ConfigError, InvariantError } from '../../base/invariant.ts';
import type { Result } from '../../base/result.ts';
import type { NoMemory } from '../../base/errors.ts';
import { shortLived } from '../../base/short-lived.ts';
import { hex } from '../../base/units.ts';
import type { MachineConfig } from '../../machine/config.ts';
import { DataCache } from '../../machine/data-cache.ts';
import { Hardware } from '../../machine/hardware.ts';
import type { IoRegionOptions } from '../../machine/io-region.ts';
import { MemoryErrors } from '../../machine/memory-errors.ts';
import { modelledCycles } from '../../machine/ledger.ts';
import type { LedgerCounts } from '../../machine/ledger.ts';
import type { MemoryKind, Page, PageLayout } from '../../machine/memory.ts';
import type { TraceEvent } from '../../machine/trace.ts';
import { Uninitialised } from '../../machine/uninitialised.ts';
import type { Violation } from '../../machine/violation.ts';
import { DeviceOwned } from '../parts/device-owned.ts';
import { FolioMap } from '../parts/folio.ts';
import type { Folio } from '../parts/folio.ts';
import { LocalSlots } from '../parts/local-slots.ts';
import { LiveMappings } from './live-mappings.ts';
import type { Mapper } from './live-mappings.ts';
import { PageAllocator } from './page-allocator.ts';
import type { AllocOptions } from './page-allocator.ts';
import { PkmapPool } from '../parts/pkmap.ts';
import { VmallocArea } from '../parts/vmalloc.ts';
import { RamWindow } from '../window/ram-window.ts';
import type { Guard, Window, WindowOwner } from '../window/window.ts';
import { Watch } from './watch.ts';

/** Parts of the kernel that can be replaced, for example to explore a faulty variant. */
export interface MachineParts {
  readonly localSlots?: ((hardware: Hardware) => LocalSlots) | undefined;
  readonly pkmap?: ((hardware: Hardware) => PkmapPool) | undefined;
  /** Used if the option `dcacheColours` asks for a cache. */
  readonly dataCache?: ((hardware: Hardware) => DataCache) | undefined;
}

// The error for an object of another machine. Only a test with two machines can cause it.
export function refuseForeign(what: string): never {
  throw new ConfigError(`${what} of another machine`);
}

/** The kernel and its hardware. `Machine` adds the contexts. */
export abstract class KernelState {
  readonly config: MachineConfig;
  readonly hardware: Hardware;
  readonly pkmap: PkmapPool;
  readonly localSlots: LocalSlots;
  readonly vmalloc: VmallocArea;
  /** The pages that are part of a folio of several pages. */
  readonly folios: FolioMap = new FolioMap((page) => {
    this.checkOwn(page);
  });
  /** Memory mapped for devices; kept on checked machines. */
  readonly deviceOwned: DeviceOwned = new DeviceOwned();
  /** Memory that has failed and can no longer be read. */
  readonly memoryErrors: MemoryErrors = new MemoryErrors();
  /** The bytes that were never written, if the machine tracks them. */
  readonly uninitialised: Uninitialised = new Uninitialised();
  readonly watch: Watch;
  readonly mappings: LiveMappings;
  /** The same as `watch.guard`. A separate field, because each map and unmap reads it. */
  protected guardNow: Guard | undefined = undefined;
  private readonly pages: PageAllocator;

  constructor(config: MachineConfig, parts: MachineParts) {
    this.config = config;
    this.hardware = new Hardware(config);
    this.hardware.executing = shortLived(() => this.executing);
    const { hardware, folios, deviceOwned, uninitialised } = this;
    this.pkmap = parts.pkmap?.(hardware) ?? new PkmapPool(hardware);
    this.localSlots = parts.localSlots?.(hardware) ?? new LocalSlots(hardware);
    this.vmalloc = new VmallocArea(config.vmallocPages);
    const { pkmap, vmalloc } = this;
    this.mappings = new LiveMappings(hardware, this.localSlots, { pkmap, vmalloc, deviceOwned });
    if (config.dcacheColours > 0) hardware.dataCache = parts.dataCache?.(hardware) ?? new DataCache(hardware);
    this.watch = new Watch(hardware, () => {
      this.guardNow = this.watch.guard;
      this.mappings.chooseAccess();
      this.watchChanged();
    });
    const { live, watch, mappings } = this;
    const host = { hardware, folios, deviceOwned, live, pkmap };
    this.pages = new PageAllocator(host, uninitialised, watch, mappings);
    if (config.semantics === 'strict') {
      hardware.memory.refuseEntry = shortLived((rule, what): never => {
        hardware.violate({ rule, severity: 'bug', what, context: this.executing.state() });
        throw new InvariantError(`${rule} was reported and not thrown`);
      });
    }
  }

  /** The context that is executing. */
  abstract get executing(): Mapper;

  /** Called when something has begun or ceased to watch. */
  protected abstract watchChanged(): void;

  /** Refuses a page of another machine: its bytes are not in this memory. */
  checkOwn(page: Page): void {
    if (page.zone.memory !== this.hardware.memory) refuseForeign(`pfn ${hex(page.pfn)} is a page`);
  }

  /** Refuses a mapping that another machine made. */
  checkOwnWindow(window: Window): void {
    if (window.hardware !== this.hardware) refuseForeign(`the mapping of pfn ${hex(window.page.pfn)} is one`);
  }

  /** Bytes of a page. */
  get pageSize(): number {
    return this.config.pageSize;
  }

  /** Violations so far, if the machine records them instead of throwing. */
  get violations(): readonly Violation[] {
    return this.hardware.violations;
  }

  /** Events so far, oldest first; empty if the machine keeps no trace. */
  get events(): readonly TraceEvent[] {
    return this.hardware.trace?.events ?? [];
  }

  /** What mapping has cost so far. */
  get ledger(): LedgerCounts {
    return this.hardware.ledger.snapshot();
  }

  /** The cost so far in cycles of the default model. */
  get modelledCycles(): number {
    return modelledCycles(this.ledger);
  }

  /** Mappings that have been made and not released. */
  get liveMappings(): number {
    return this.mappings.count;
  }

  /** Live mappings, oldest first; kept on checked machines. */
  get live(): Set<Window> {
    return this.mappings.windows;
  }

  /**
   * Released window objects that can be used again.
   *
   * @deprecated Only the machine itself needs them: they are `mappings.spare`.
   */
  get spareWindows(): RamWindow[] {
    return this.mappings.spare;
  }

  /** Watches accesses; present on checked machines. */
  get guard(): Guard | undefined {
    return this.guardNow;
  }

  set guard(guard: Guard | undefined) {
    this.watch.guard = guard;
  }

  /**
   * Whether nothing watches.
   *
   * @deprecated Read `watch.isOff`.
   */
  get isUnwatched(): boolean {
    return this.watch.isOff;
  }

  /**
   * Whether nothing could be noticed.
   *
   * @deprecated Read `watch.isIdle`.
   */
  get isUnseen(): boolean {
    return this.watch.isIdle;
  }

  /** Takes pages for a test or a device; throws if the machine has too few. */
  allocPages<K extends MemoryKind>(count: number, options: AllocOptions<K>): readonly Page<K>[] {
    return this.pages.allocPages(this.executing, count, options);
  }

  /** Takes one page for a test or a device. */
  allocPage<K extends MemoryKind>(options: AllocOptions<K>): Page<K> {
    return this.pages.allocPage(this.executing, options);
  }

  /**
   * `alloc_page`, for drivers: a page of the zone, or an error they must expect.
   *
   * @errors NoMemory
   */
  tryAllocPage<K extends MemoryKind>(zone: K): Result<Page<K>, NoMemory> {
    return this.pages.tryAllocPage(this.executing, zone);
  }

  /** `alloc_pages`: zeroed pages of a zone, as with `init_on_alloc=1`; `undefined` if it has too few. */
  takePages<K extends MemoryKind>(
    zone: K,
    count: number,
    layout: PageLayout = 'contiguous',
  ): readonly Page<K>[] | undefined {
    return this.pages.takePages(this.executing, zone, count, layout);
  }

  /** Returns a serial number, which is higher than all before. */
  stamp(): number {
    return this.mappings.stamp();
  }

  /**
   * `__free_page`: frees a page. Of a folio only the head may be freed alone; its other pages become single pages.
   */
  freePage(page: Page): void {
    this.checkOwn(page);
    this.pages.freePage(this.executing, page);
  }

  /** `folio_put` of the last reference: frees all pages of a folio. */
  freeFolio(folio: Folio): void {
    this.checkOwn(folio.head);
    this.pages.freeFolio(this.executing, folio);
  }

  /**
   * Checks the poison of every free page; Linux (page_poisoning) checks a page when it is allocated again. Reports a
   * page that was written to by an access that is not watched, such as that of a device.
   */
  checkPoison(): void {
    this.pages.checkPoison(this.executing);
  }

  /** Adds a device region of so many pages, with register handlers or as plain device storage. */
  ioRegion(pages: number, options: IoRegionOptions = {}): readonly Page<'iomem'>[] {
    return this.hardware.memory.addIoRegion(pages, options);
  }

  /**
   * The bytes of a page in memory, for device models and for tests. A device model passes its name, so that an access
   * to a free page is reported. A test passes none; it may look at a free page and finds the poison there.
   */
  physical(page: Page, device?: string): Uint8Array {
    this.checkOwn(page);
    return this.pages.physical(this.executing, page, device);
  }

  /** `flush_dcache_page`: counts and traces the call, and flushes the simulated cache if there is one. */
  flushDcachePage(page: Page): void {
    this.checkOwn(page);
    this.pages.flushDcachePage(page);
  }

  /** Runs a helper that makes and releases its own mappings. All of them get the call site of the helper. */
  helper<T>(work: () => T): T {
    return this.mappings.withCallSite(work);
  }

  // These two are the fast path. The code for checked machines is elsewhere, so that V8 can inline them.

  /** Registers a window as live and notes where it was made. */
  mapped(window: Window, context: Mapper): void {
    this.hardware.ledger.maps += 1;
    if (this.guardNow !== undefined) this.mappings.add(window, context, this.guardNow);
    window.begin();
  }

  /** Registers a window as released. */
  unmapped(window: Window, context: Mapper): void {
    this.hardware.ledger.unmaps += 1;
    if (this.guardNow !== undefined) this.mappings.delete(window, context, this.guardNow);
    else {
      window.end();
      if (window instanceof RamWindow && window.reusable) this.mappings.spare.push(window);
    }
  }

  /** The newest live mapping that a context made, if the machine records mappings. */
  newestMappingOf(context: WindowOwner): Window | undefined {
    return this.mappings.heldBy(context).at(-1);
  }

  /**
   * Reports the live mappings of all contexts and the free pages that were written to, at the end of a test or session.
   * It does not report DMA mappings, because a driver may keep some as long as its device exists; `checkLeaks()` of
   * the device reports them.
   */
  checkLeaks(): void {
    this.checkPoison();
    this.mappings.checkLeaks(this.executing, this.guardNow);
  }
}
