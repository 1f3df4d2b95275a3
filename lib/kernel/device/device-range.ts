/**
 * Long maps of device frames in the vmalloc area, which `ioremap` and `vmap_pfn` share.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { NoVirtualSpace } from '../../base/errors.ts';
import type { IoRegion } from '../../machine/io-region.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { mightSleep } from '../core/preempt.ts';
import { checkRelease } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { IoWindow } from '../window/io-window.ts';
import { giveRangeBack } from '../highmem/vmap.ts';
import type { Window } from '../window/window.ts';

/** One or more pages of one device. */
export interface DevicePages {
  readonly region: IoRegion;
  readonly pages: readonly [Page, ...Page[]];
}

/** Maps device pages one after the other. */
export function mapDeviceRange(
  context: Context,
  { region, pages }: DevicePages,
  pageOffset: number,
  lengthBytes: number,
  mechanism: Mechanism<Window>,
): Result<IoWindow, NoVirtualSpace> {
  const { machine } = context;
  const { hardware } = machine;
  mightSleep(context, mechanism.name);
  for (const page of pages) machine.checkOwn(page);
  const index = machine.vmalloc.take(pages.length);
  if (index < 0) {
    hardware.trace?.record({ event: 'refused', what: 'vmalloc area' });
    return err({ code: 'NoVirtualSpace', needPages: pages.length, ...machine.vmalloc.room });
  }
  for (const [i, page] of pages.entries()) hardware.pageTable.vmalloc.set(index + i, page.pfn);
  hardware.ledger.pteWrites += pages.length;
  hardware.ledger.lockAcquisitions += 1;
  const window = new IoWindow(hardware, pages[0], context, region);
  window.pages = pages;
  window.slot = index;
  window.area = 'vmalloc';
  window.pageOffset = pageOffset;
  window.lengthBytes = lengthBytes;
  window.cpu = context.cpu.id;
  window.mapBy(mechanism);
  machine.mapped(window, context);
  return ok(window);
}

/** Releases such a map. */
export function unmapDeviceRange(asked: Context, window: Window, mechanism: Mechanism<Window>): void {
  mightSleep(asked, mechanism.unmapName);
  const context = asked.machine.enter(asked);
  if (checkRelease(context, window, mechanism)) giveRangeBack(context, window);
}
