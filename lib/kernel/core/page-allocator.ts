/**
 * The page allocator. It also gives access to the bytes of pages without a mapping, for devices and tests.
 *
 * A checked machine records which context allocated and freed a page. It fills a free page with poison, so that a
 * write to it is found when the page is allocated again or at a check.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkChoice, checkOptions } from '../../base/options.ts';
import type { NoMemory } from '../../base/errors.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { configWhole } from '../../base/whole.ts';
import type { MemoryKind, Page, PageLayout } from '../../machine/memory.ts';
import { ALLOCATED } from '../../machine/page-owner.ts';
import type { Uninitialised } from '../../machine/uninitialised.ts';
import type { Folio } from '../parts/folio.ts';
import type { WindowOwner } from '../window/window.ts';
import type { LiveMappings } from './live-mappings.ts';
import { actOf, checkFree, checkLeftOver, checkTouch, damageReport } from './page-lifetime.ts';
import type { PageHost } from './page-lifetime.ts';
import type { Watch } from './watch.ts';

/** The options of an allocation. */
export interface AllocOptions<K extends MemoryKind> {
  readonly zone: K;
  /** `contiguous` (default): one after the other. `scattered`: no two adjacent, in mixed order. */
  readonly layout?: PageLayout;
}

const ALLOC_OPTIONS = {
  zone: ['lowmem', 'highmem', 'protected', 'unmappable'],
  layout: ['contiguous', 'scattered'],
} as const;

/** The page allocator of one machine. Its functions take the context that executes, for reports. */
export class PageAllocator {
  private readonly host: Omit<PageHost, 'executing'>;
  private readonly uninitialised: Uninitialised;
  private readonly watch: Watch;
  private readonly mappings: LiveMappings;
  /** Freed pages that were not allocated again; kept on checked machines. */
  readonly #freed = new Set<Page>();

  constructor(
    host: Omit<PageHost, 'executing'>,
    uninitialised: Uninitialised,
    watch: Watch,
    mappings: LiveMappings,
  ) {
    this.host = host;
    this.uninitialised = uninitialised;
    this.watch = watch;
    this.mappings = mappings;
  }

  /** See `Machine.allocPages`. */
  allocPages<K extends MemoryKind>(
    by: WindowOwner,
    count: number,
    options: AllocOptions<K>,
  ): readonly Page<K>[] {
    checkOptions('allocPages', options, ALLOC_OPTIONS);
    checkChoice('zone', options.zone, ALLOC_OPTIONS.zone);
    configWhole('count of allocPages', count, 0);
    const { zone, layout = 'contiguous' } = options;
    const pages = this.takePages(by, zone, count, layout);
    if (pages === undefined) {
      const { memory } = this.host.hardware;
      const free = memory.freePages(zone);
      const most = free < count ? '' : `, at most ${String(memory.longestFreeRun(zone))} in a row`;
      throw new ConfigError(
        `${String(count)} ${layout} ${zone} pages asked for, ${String(free)} free${most}: give createMachine more ${zone}Pages`,
      );
    }
    return pages;
  }

  /** See `Machine.allocPage`. */
  allocPage<K extends MemoryKind>(by: WindowOwner, options: AllocOptions<K>): Page<K> {
    const [page] = this.allocPages(by, 1, options);
    if (page === undefined) throw new ConfigError('no page');
    return page;
  }

  /** See `Machine.tryAllocPage`. */
  tryAllocPage<K extends MemoryKind>(by: WindowOwner, zone: K): Result<Page<K>, NoMemory> {
    checkChoice('zone', zone, ALLOC_OPTIONS.zone);
    const pages = this.takePages(by, zone, 1);
    const [page] = pages ?? [];
    return page === undefined
      ? err({ code: 'NoMemory', wanted: 1, available: this.host.hardware.memory.freePages(zone) })
      : ok(page);
  }

  /** See `Machine.takePages`. */
  takePages<K extends MemoryKind>(
    by: WindowOwner,
    zone: K,
    count: number,
    layout: PageLayout = 'contiguous',
  ): readonly Page<K>[] | undefined {
    configWhole('count of takePages', count, 0);
    const { memory, spreadArrays } = this.host.hardware;
    const { guard } = this.watch;
    if (guard === undefined) {
      if (spreadArrays.isOut) spreadArrays.sync();
      const pages = memory.allocate(zone, count, layout);
      this.#allocated(pages);
      return pages;
    }
    guard.syncArrays();
    const damaged: (() => void)[] = [];
    const owner = {
      ...ALLOCATED,
      since: this.mappings.stamp(),
      allocated: actOf(by, this.mappings.site()),
    };
    const pages = memory.allocate(zone, count, layout, owner, (page, offset) => {
      damaged.push(damageReport({ ...this.host, executing: by }, page, offset));
    });
    this.#allocated(pages);
    for (const report of damaged) report();
    return pages;
  }

  /** See `Machine.freePage`. */
  freePage(by: WindowOwner, page: Page): void {
    const { hardware, folios, deviceOwned } = this.host;
    const { guard } = this.watch;
    guard?.syncArrays();
    if (hardware.spreadArrays.isOut) hardware.spreadArrays.sync();
    hardware.trace?.record({ event: 'free', pfn: page.pfn });
    checkFree({ ...this.host, executing: by }, page);
    if (guard !== undefined) checkLeftOver({ ...this.host, executing: by }, page);
    const { owner = ALLOCATED } = page;
    const folio = folios.of(page);
    if (folio.pages > 1) folios.split(folio);
    if (guard === undefined) {
      hardware.memory.free(page);
      return;
    }
    hardware.memory.free(page, {
      ...owner,
      isFree: true,
      isPoisoned: true,
      freed: actOf(by, this.mappings.site()),
    });
    hardware.dataCache?.forget(page);
    this.uninitialised.freed(page);
    deviceOwned.forget(page);
    this.#freed.add(page);
  }

  /** See `Machine.freeFolio`. */
  freeFolio(by: WindowOwner, folio: Folio): void {
    const { folios } = this.host;
    if (folios.of(folio.head) === folio) folios.split(folio);
    for (let n = 0; n < folio.pages; n += 1) this.freePage(by, folio.page(n));
  }

  /** See `Machine.physical`. */
  physical(by: WindowOwner, page: Page, device: string | undefined): Uint8Array {
    const { memory, spreadArrays, trace } = this.host.hardware;
    const { guard } = this.watch;
    guard?.syncArrays();
    if (spreadArrays.isOut) spreadArrays.sync();
    if (device !== undefined && guard !== undefined) {
      const verb = `an access by ${device}`;
      checkTouch({ ...this.host, executing: by }, page, { verb, since: Infinity, write: true });
    }
    trace?.record({ event: 'physical', pfn: page.pfn });
    this.uninitialised.written(page, 0, memory.pageSize);
    return memory.bytesOf(page);
  }

  /** See `Machine.flushDcachePage`. */
  flushDcachePage(page: Page): void {
    const { config, dataCache, ledger, trace } = this.host.hardware;
    ledger.cacheFlushes += config.cacheAliasing ? 1 : 0;
    trace?.record({ event: 'flush-dcache-page', pfn: page.pfn });
    dataCache?.flushPage(page);
  }

  /** See `Machine.checkPoison`. */
  checkPoison(by: WindowOwner): void {
    this.watch.guard?.syncArrays();
    const { memory } = this.host.hardware;
    for (const page of this.#freed) {
      const at = memory.damageOf(page);
      if (at === undefined || page.owner === undefined) continue;
      const report = damageReport({ ...this.host, executing: by }, page, at);
      page.owner = { ...page.owner, isPoisoned: false };
      report();
    }
  }

  #allocated(pages: readonly Page[] | undefined): void {
    const { config, dataCache, trace } = this.host.hardware;
    for (const page of pages ?? []) {
      this.#freed.delete(page);
      dataCache?.forget(page);
      if (config.trackUninitialised) this.uninitialised.allocated(page);
    }
    if (trace === undefined) return;
    if (pages === undefined) trace.record({ event: 'refused', what: 'pages' });
    else for (const page of pages) trace.record({ event: 'alloc', pfn: page.pfn });
  }
}
