/**
 * linux/gfp.h, linux/slab.h and linux/mm.h: pages and objects.
 */
import { pageToVirt, physToVirt, virtToPhys } from '../../../kernel/address/linear-address.ts';
import { virtToPage } from '../../../kernel/highmem/virt-to-page.ts';
import { physAddr, virtAddr } from '../../../base/units.ts';
import { callSite } from '../../../machine/call-site.ts';
import { LIMITS } from '../../../machine/limits.ts';
import type { Page } from '../../../machine/memory.ts';
import { readWord, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { worldOf } from '../../runtime/world.ts';
import { mightSleep } from '../../../kernel/core/preempt.ts';
import { folioOf } from './folio-pointer.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { pageOf, pointerOf } from './page-pointer.ts';

/** As in c/include/linux/gfp.h. */
const GFP = { highmem: 0x02, zero: 0x100, direct: 0x400, compound: 0x4_0000 } as const;
/** Where `struct page` has its count. */
const REFCOUNT = 28;

/** Reports an allocation that may sleep where nothing may. */
export function maySleepFor(c: Runner, flags: number, what: string): void {
  if ((flags & GFP.direct) !== 0) mightSleep(c.context, what);
}

/** `alloc_pages`: the pointer to the first of `2 ** order` pages, or NULL. */
export function takePages(c: Runner, flags: number, order: number): number {
  maySleepFor(c, flags, 'alloc_pages');
  const { machine } = c.context;
  const zone = (flags & GFP.highmem) === 0 ? 'lowmem' : 'highmem';
  const pages: readonly Page[] | undefined =
    machine.takePages(zone, 2 ** order) ??
    (zone === 'highmem' ? machine.takePages('lowmem', 2 ** order) : undefined);
  const [first] = pages ?? [];
  if (first === undefined) return 0;
  worldOf(machine).pages.take({
    first,
    count: 2 ** order,
    by: c.name,
    at: machine.config.callSites ? callSite(LIMITS.reportFrames) : undefined,
  });
  if ((flags & GFP.zero) !== 0)
    for (const page of pages ?? []) machine.uninitialised.written(page, 0, machine.pageSize);
  if ((flags & GFP.compound) !== 0 && order > 0) machine.folios.compound(first, 2 ** order);
  return setCount(c, first, 1);
}

/** Sets how many users a page has, and returns its pointer. */
export function setCount(c: Runner, page: Page, users: number): number {
  const pointer = pointerOf(c, page);
  writeWord(c, pointer + REFCOUNT, users);
  return pointer;
}

/** `get_page`: one more user. */
export function getPage(c: Runner, pointer: number): number {
  const { head } = folioOf(c, pointer);
  setCount(c, head, readWord(c, pointerOf(c, head) + REFCOUNT) + 1);
  return pointer;
}

/** `put_page`: one user less; the last one frees the folio. */
export function putPage(c: Runner, pointer: number): void {
  const folio = folioOf(c, pointer);
  const users = readWord(c, pointerOf(c, folio.head) + REFCOUNT) - 1;
  setCount(c, folio.head, Math.max(users, 0));
  if (users <= 0) freePages(c, folio.head, Math.log2(folio.pages));
}

/** `__free_pages`. */
export function freePages(c: Runner, first: Page, order: number): void {
  const { machine } = c.context;
  const folio = machine.folios.of(first);
  if (folio.pages > 1) machine.folios.split(folio);
  for (let i = 0; i < 2 ** order; i += 1) {
    const page = machine.hardware.memory.nthPage(first, i);
    machine.freePage(page);
    worldOf(machine).pages.give(page);
  }
}

function allocate(c: Runner, bytes: number, flags: number): number {
  maySleepFor(c, flags, 'kmalloc');
  return worldOf(c.context.machine).heap.allocate(c, bytes, (flags & GFP.zero) !== 0);
}

/** Functions that hand out memory, and that turn addresses into pages. */
export const PAGES: KernelFunctions = {
  alloc_pages: takePages,
  __free_pages: (c, page, order) => {
    freePages(c, pageOf(c, page), order);
  },
  get_page: (c, page) => {
    getPage(c, page);
  },
  put_page: putPage,
  __kmalloc: allocate,
  kfree: (c, address) => {
    worldOf(c.context.machine).heap.free(c, address);
  },
  ksize: (c, address) => worldOf(c.context.machine).heap.objectAt(address)?.bytes ?? 0,
  virt_to_page: (c, address) => pointerOf(c, virtToPage(c.context.machine, address)),
  page_to_virt: (c, page) => pageToVirt(c.context.machine, pageOf(c, page)),
  virt_to_phys: (c, address) => virtToPhys(c.context, virtAddr(address)),
  phys_to_virt: (c, address) => physToVirt(c.context.machine, physAddr(address)),
};
