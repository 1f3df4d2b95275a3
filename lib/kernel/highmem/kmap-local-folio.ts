/**
 * Local maps of folios: a window from one byte of the folio on.
 */
import type { Page } from '../../machine/memory.ts';
import { checkRange } from '../core/check-range.ts';
import type { Folio } from '../parts/folio.ts';
import { kunmapLocal, mapLocal } from './kmap-local.ts';
import type { Context, Machine } from '../core/machine.ts';
import { NO_CHUNK } from '../window/ram-window.ts';
import type { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/**
 * Whether a map reaches only one page of the folio, so that the folio must be walked page by page.
 *
 * @linux folio_test_partial_kmap (7.2)
 * @context any
 */
export function folioTestPartialKmap(machine: Machine, folio: Folio): boolean {
  machine.checkOwn(folio.head);
  return machine.config.forceMap || machine.hardware.memory.isHighmem(folio.head);
}

/** Maps bytes that may lie in several directly reachable pages. */
export function mapLocalRun(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): RamWindow {
  const { memory } = context.machine.hardware;
  const window = mapLocal(context, page, pageOffset, Math.min(lengthBytes, memory.pageSize - pageOffset));
  window.lengthBytes = lengthBytes;
  const pages = Math.ceil((pageOffset + lengthBytes) / memory.pageSize);
  if (pages > 1 && (page.kind === 'unmappable' || !memory.isOneRun(page, pages))) window.chunk = NO_CHUNK;
  window.begin();
  return window;
}

/**
 * Maps a folio from a byte on: to the end of that page, or of the folio if all of it is directly
 * reachable.
 *
 * @linux kmap_local_folio (7.2)
 * @context any; does not sleep
 * @differs returns a window with a length. A strict machine refuses an offset at or after the end of the
 * folio; Linux maps the page that follows.
 */
export function kmapLocalFolio(context: Context, folio: Folio, offset: number): RamWindow {
  const { machine } = context;
  const { memory } = machine.hardware;
  machine.hardware.checkNumber(context, 'offset', offset, Number.MAX_SAFE_INTEGER);
  if (machine.config.semantics === 'strict')
    checkRange(context, 'kmap_local_folio', offset, 1, folio.sizeBytes);
  const page = folio.page(Math.floor(offset / memory.pageSize));
  const inPage = offset % memory.pageSize;
  if (folioTestPartialKmap(machine, folio)) return mapLocal(context, page, inPage, memory.pageSize - inPage);
  return mapLocalRun(context, page, inPage, Math.max(folio.sizeBytes - offset, 0));
}

/**
 * Releases a local map of a folio and drops the reference that came with it.
 *
 * @linux folio_release_kmap (7.2)
 * @context as the map; does not sleep
 * @differs folios have no reference count here, so only the map is released
 */
export function folioReleaseKmap(context: Context, window: Window): void {
  kunmapLocal(context, window);
}
