/**
 * The checks of freed pages on a checked machine: may a page be freed, and may it be accessed.
 *
 * Mapping a free page is allowed, as in Linux; an access to it is reported. Mapping one for a device is reported at
 * once, because the device's accesses cannot be watched.
 */
import { hex } from '../../base/units.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Page } from '../../machine/memory.ts';
import type { PageAct, PageOwner } from '../../machine/page-owner.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { AreaPage } from '../../machine/tlb.ts';
import { siteText } from '../../machine/violation.ts';
import type { ContextState, Detail, MappingState } from '../../machine/violation.ts';
import type { DeviceOwned } from '../parts/device-owned.ts';
import type { FolioMap } from '../parts/folio.ts';
import type { Window, WindowOwner } from '../window/window.ts';

/** The part of a machine that these checks use. */
export interface PageHost {
  readonly hardware: Hardware;
  readonly executing: WindowOwner;
  readonly folios: FolioMap;
  readonly live: ReadonlySet<Window>;
  readonly deviceOwned: DeviceOwned;
  /** The pool, whose slots keep their page until they are needed again. */
  readonly pkmap: { count(slot: number): number };
}

/** An access, for a report. */
export interface Touch {
  /** `a load of 4 bytes at offset 8`; what follows names the page. */
  readonly verb: string;
  /** Serial number of the mapping through which the access is made. */
  readonly since: number;
  readonly write: boolean;
  readonly context?: ContextState | undefined;
  readonly mapping?: MappingState | undefined;
}

/** Describes the executing context, to be recorded with a page. */
export function actOf(executing: WindowOwner, at: PageAct['at']): PageAct {
  const { kind, name, cpu } = executing.state();
  return { by: `${kind} "${name}" on cpu${String(cpu)}`, at };
}

/** Whether a page may be accessed through a mapping with serial number `since`. */
export function isReachable({ owner }: Page, since: number): boolean {
  return owner !== undefined && !owner.isFree && owner.since <= since;
}

/** Reports an access to a page that is free, or whose owner is not the one at the time of the mapping. */
export function checkTouch(machine: PageHost, page: Page, touch: Touch): void {
  const { owner } = page;
  if (isReachable(page, touch.since)) return;
  const why =
    owner === undefined
      ? 'was never allocated'
      : owner.isFree
        ? 'was freed'
        : 'has been allocated anew since it was mapped';
  // The write is reported now, so it must not be reported again when the page is allocated.
  if (touch.write && owner?.isPoisoned === true) page.owner = { ...owner, isPoisoned: false };
  machine.hardware.violate({
    rule: 'use-after-free',
    what: `${touch.verb} of pfn ${hex(page.pfn)}, which ${why}`,
    context: touch.context,
    mapping: touch.mapping,
    details: lifeOf(owner),
  });
}

/**
 * Prepares the report of a free page that was written to by an unwatched access. It is prepared before the page gets a
 * new owner; the returned function sends it afterwards.
 */
export function damageReport(machine: PageHost, page: Page, offset: number): () => void {
  const byte = machine.hardware.memory.bytesOf(page)[offset] ?? 0;
  const facts = {
    rule: 'use-after-free',
    what: `byte ${String(offset)} of pfn ${hex(page.pfn)} was written (to ${hex(byte)}) while the page was free`,
    context: machine.executing.state(),
    details: lifeOf(page.owner),
  } as const;
  return () => {
    machine.hardware.violate(facts);
  };
}

function lifeOf(owner: PageOwner | undefined): readonly Detail[] {
  return [
    ...actText('allocated', owner?.allocated),
    ...actText('freed', owner?.isFree === true ? owner.freed : undefined),
  ];
}

function actText(label: string, act: PageAct | undefined): readonly Detail[] {
  if (act === undefined) return [];
  return [{ label, text: act.at === undefined ? `by ${act.by}` : `by ${act.by}, at ${siteText(act.at)}` }];
}

/** Reports a page that must not be freed now. */
export function checkFree(machine: PageHost, page: Page): void {
  const violate = (
    rule: RuleId,
    severity: 'warn' | 'bug',
    what: string,
    { mapping, details = [] }: { mapping?: MappingState; details?: readonly Detail[] } = {},
  ): void => {
    machine.hardware.violate({
      rule,
      severity,
      what: `pfn ${hex(page.pfn)} ${what}`,
      context: machine.executing.state(),
      mapping,
      details: [...details, ...lifeOf(page.owner)],
    });
  };
  const { region } = page.zone;
  if (region !== undefined)
    violate('invalid-free', 'bug', `is memory of the device ${region.name}, which was never allocated`);
  if (page.owner === undefined) violate('double-free', 'bug', 'was never allocated');
  if (!page.isAllocated) violate('double-free', 'bug', 'is free already');
  const folio = machine.folios.of(page);
  if (folio.head !== page) {
    const which = `page ${String(page.pfn - folio.head.pfn)} of a folio of ${String(folio.pages)}`;
    violate('invalid-free', 'bug', `is ${which}, whose head is pfn ${hex(folio.head.pfn)}`);
  }
  const holder = holderOf(machine.live, page);
  if (holder !== undefined)
    violate('freed-while-mapped', 'warn', 'was freed while a mapping of it is live', {
      mapping: holder.describe(),
    });
  const dma = machine.deviceOwned.mappingOf(page);
  if (dma !== undefined) {
    const { deviceName, direction, lengthBytes, address, mappedAt } = dma;
    violate(
      'freed-under-dma',
      'warn',
      `was freed while it is mapped for ${deviceName}: ${direction}, ${String(lengthBytes)} bytes at bus address ${hex(address)}`,
      mappedAt === undefined ? {} : { details: [{ label: 'mapped', text: `at ${siteText(mappedAt)}` }] },
    );
  }
  const pool = machine.deviceOwned.poolInUse(page);
  // A window on a bounce buffer in this page is live and was reported already.
  if (pool === undefined || holder !== undefined) return;
  const inUse = `${String(pool.slotsInUse)} of ${String(pool.slots)} slots in use`;
  violate('freed-under-dma', 'warn', `was freed while it is part of a bounce pool with ${inUse}`);
}

/**
 * On a checked machine, reports a page that is freed although an address which was unmapped still leads to it. A slot of
 * the pool that has no user may, because the pool clears and flushes it before it is used again.
 */
export function checkLeftOver(machine: PageHost, page: Page): void {
  // A live mapping was reported already.
  if (holderOf(machine.live, page) !== undefined) return;
  const leftOver = leftOverOf(machine, page.pfn);
  if (leftOver === undefined) return;
  machine.hardware.violate({
    rule: 'left-over-translation',
    what: `pfn ${hex(page.pfn)} was freed, and ${leftOver}, which no live mapping uses`,
    context: machine.executing.state(),
    details: lifeOf(page.owner),
  });
}

function leftOverOf({ hardware, pkmap }: PageHost, pfn: number): string | undefined {
  const { pageTable, cpus } = hardware;
  const entries = pageTable.mapsOf(pfn);
  const isPooled = (at: AreaPage): boolean => at.area === 'pkmap' && pkmap.count(at.index) > 0;
  const entry = entries.find((at) => !isPooled(at));
  if (entry !== undefined)
    return `the page table still maps it at ${hex(pageTable.addressOf(entry))} (${entry.area} page ${String(entry.index)})`;
  const pooled = entries.map((at) => pageTable.addressOf(at));
  for (const { id, tlb } of cpus) {
    const cached = tlb.entries().find(([vaddr, frame]) => frame === pfn && !pooled.includes(vaddr));
    if (cached !== undefined) return `the TLB of cpu${String(id)} still translates ${hex(cached[0])} to it`;
  }
  return undefined;
}

function holderOf(live: ReadonlySet<Window>, page: Page): Window | undefined {
  for (const window of live) if (window.covers(page)) return window;
  return undefined;
}

/** Reports an access through a window. */
export function checkWindowTouch(
  machine: PageHost,
  page: Page,
  window: Window,
  access: { readonly verb: string; readonly write: boolean },
  context: WindowOwner,
): void {
  checkTouch(machine, page, {
    ...access,
    since: window.serial,
    context: context.state(),
    mapping: window.describe(),
  });
}
