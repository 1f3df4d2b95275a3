/**
 * Writing back the data cache: `flush_dcache_page` and `flush_dcache_folio`.
 */
import { MOST_32 } from '../../base/whole.ts';
import { hex } from '../../base/units.ts';
import type { VirtAddr } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import type { Folio } from '../parts/folio.ts';
import type { Context } from '../core/machine.ts';

/**
 * Makes stores to a page visible to user mappings of it.
 *
 * @linux flush_dcache_page (7.2)
 * @context any; does not sleep
 */
export function flushDcachePage(context: Context, page: Page): void {
  context.machine.enter(context);
  context.machine.flushDcachePage(page);
}

/**
 * Makes stores to a folio visible to user mappings of it, page by page.
 *
 * @linux flush_dcache_folio (7.2)
 * @context any; does not sleep
 */
export function flushDcacheFolio(context: Context, folio: Folio): void {
  for (let n = 0; n < folio.pages; n += 1) flushDcachePage(context, folio.page(n));
}

/**
 * Writes back and drops the cache lines at an address, one after the other. As in hardware, the address must be
 * mapped.
 *
 * @linux __cpuc_flush_dcache_area (7.2, arm)
 * @context any; does not sleep
 * @differs without a simulated cache only the addresses are checked
 */
export function flushDcacheArea(context: Context, vaddr: VirtAddr, lengthBytes: number): void {
  const { machine } = context;
  const { addresses, dataCache, memory, pageTable } = machine.hardware;
  machine.enter(context);
  machine.hardware.checkNumber(context, 'vaddr', vaddr, Number.MAX_SAFE_INTEGER);
  machine.hardware.checkNumber(context, 'lengthBytes', lengthBytes, MOST_32);
  const { pageSize } = machine;
  for (let done = 0; done < lengthBytes;) {
    const at = vaddr + done;
    const part = Math.min(lengthBytes - done, pageSize - (at % pageSize));
    const area = pageTable.locate(at);
    const pfn =
      area === undefined ? (addresses.pageBase(at) - addresses.pageOffset) / pageSize : pageTable.entry(area);
    const page = memory.pageAt(pfn);
    if (page === undefined || (area === undefined && !memory.isDirect(page))) {
      machine.hardware.violate({
        rule: 'wild-access',
        severity: 'bug',
        what: `cache maintenance at ${hex(at)}, where no page is mapped`,
        context: context.state(),
      });
    }
    machine.hardware.trace?.record({ event: 'dcache', pfn, colour: dataCache?.colourOf(at) ?? 0 });
    dataCache?.flush(memory.page(pfn), dataCache.colourOf(at), at % pageSize, part);
    done += part;
  }
}
