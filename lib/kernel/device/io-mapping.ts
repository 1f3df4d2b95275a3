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
import { IoWindow } from '../window/io-window.ts';
import type { Releaser, Window } from '../window/window.ts';

/** Releases where only the window is at hand: in the context that executes. */
const IO_RELEASER: Releaser = {
  release: (window) => {
    unmapIo(releaserOf(window), window);
  },
};

/**
 * Maps part of a device page for the running context: the window form of `ioMappingMapLocalWc`.
 *
 * @linux io_mapping_map_local_wc (7.2, 32-bit)
 * @context any; does not sleep. Shares the slots, and so the release order, of kmap_local_page.
 */
export function mapIo(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
  mechanism = 'io_mapping_local',
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
  window.mechanism = mechanism;
  window.scope = 'task';
  window.cpu = context.cpu.id;
  machine.mapped(window, context);
  window.releaser = IO_RELEASER;
  if (machine.guard !== undefined) context.task.localWindows.push(window);
  return window;
}

/** Whether a window is such a map outside an atomic section, by whatever name its maker gave it. */
function isLocalMap(window: Window): boolean {
  return window instanceof IoWindow && window.scope === 'task' && window.mechanism !== 'io_mapping_atomic';
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
  mechanism: string = isLocalMap(window) ? window.mechanism : 'io_mapping_local',
): boolean {
  const { machine } = asked;
  const context = machine.enter(asked);
  if (!checkRelease(context, window, mechanism, mechanism.replace('mapping', 'mapping_unmap'))) return false;
  if (staysWithOwner(context, window)) return false;
  const isReported = machine.guard !== undefined && checkOrder(context, window);
  machine.localSlots.unmapSlot(context.task, context.cpu, window.slot, isReported);
  const { localWindows } = context.task;
  const at = localWindows.lastIndexOf(window);
  if (at >= 0) localWindows.splice(at, 1);
  machine.unmapped(window, context);
  return true;
}
