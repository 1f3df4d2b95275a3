/**
 * Short maps of device memory: `io_mapping_map_local_wc`, on the same slot stack as `kmap_local_page`.
 */
import { ConfigError } from '../../base/invariant.ts';
import { hex } from '../../base/units.ts';
import type { Page } from '../../machine/memory.ts';
import { checkOrder } from '../highmem/kmap-local.ts';
import type { Context } from '../core/machine.ts';
import { checkOnePage } from '../core/one-page.ts';
import { checkRelease, releaserOf, staysWithOwner } from '../core/release-checks.ts';
import { variantOf } from '../window/mechanism.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { IoWindow } from '../window/io-window.ts';
import type { Window } from '../window/window.ts';

/** Short maps of device memory. */
const BY_IO_MAPPING: Mechanism<Window> = {
  name: 'io_mapping_local',
  unmapName: 'io_mapping_unmap_local',
  scope: 'task',
  pool: undefined,
  isAtomic: false,
  release: (window) => {
    unmapIo(releaserOf(window), window);
  },
};

/**
 * Maps part of a device page for the running context: the window form of `ioMappingMapLocalWc`. A `mechanism` given as
 * a string is another name for reports; `unmapIo` releases the map all the same.
 *
 * @linux io_mapping_map_local_wc (7.2, 32-bit)
 * @context any; does not sleep. Shares the slots, and so the release order, of kmap_local_page.
 */
export function mapIo(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
  mechanism: Mechanism<Window> | string = BY_IO_MAPPING,
): IoWindow {
  const { machine } = context;
  const { region } = page.zone;
  if (region === undefined) throw new ConfigError(`pfn ${hex(page.pfn)} is ${page.kind}, not device memory`);
  machine.enter(context);
  machine.checkOwn(page);
  checkOnePage(context, page, pageOffset, lengthBytes);
  const window = new IoWindow(machine.hardware, page, context, region);
  window.slot = machine.localSlots.map(context.task, context.cpu, page.pfn);
  window.area = 'local';
  window.pageOffset = pageOffset;
  window.lengthBytes = lengthBytes;
  window.cpu = context.cpu.id;
  window.mapBy(variantOf(BY_IO_MAPPING, mechanism));
  machine.mapped(window, context);
  if (machine.guard !== undefined) context.task.localWindows.push(window);
  return window;
}

/**
 * Releases a short map of device memory; returns whether it was released.
 *
 * @linux io_mapping_unmap_local (7.2, 32-bit)
 * @context as the map
 */
export function unmapIo(
  asked: Context,
  window: Window,
  mechanism: Mechanism<Window> | string = BY_IO_MAPPING,
): boolean {
  const { machine } = asked;
  const context = machine.enter(asked);
  if (!checkRelease(context, window, variantOf(BY_IO_MAPPING, mechanism))) return false;
  if (staysWithOwner(context, window)) return false;
  const isReported = machine.guard !== undefined && checkOrder(context, window);
  machine.localSlots.unmapSlot(context.task, context.cpu, window.slot, isReported);
  const { localWindows } = context.task;
  const at = localWindows.lastIndexOf(window);
  if (at >= 0) localWindows.splice(at, 1);
  machine.unmapped(window, context);
  return true;
}
