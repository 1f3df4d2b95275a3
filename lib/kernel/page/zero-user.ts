/**
 * Zeroing up to two segments of a page or folio: `zero_user_segments` and its folio forms.
 */
import { MOST_32 } from '../../base/whole.ts';
import type { Page } from '../../machine/memory.ts';
import { checkRange } from '../core/check-range.ts';
import { flushDcachePage } from './flush-dcache.ts';
import { Folio } from '../parts/folio.ts';
import { kunmapLocal, mapLocal } from '../highmem/kmap-local.ts';
import { mapLocalRun } from '../highmem/kmap-local-folio.ts';
import type { Context } from '../core/machine.ts';
import type { RamWindow } from '../window/ram-window.ts';

type Segment = readonly [start: number, end: number];

function fill(window: RamWindow, segments: readonly Segment[]): void {
  for (const [start, end] of segments) if (start < end) window.fill(0, start, end - start);
}

/** What Linux zeroes when it is given a page: the whole folio for a head page, else the page alone. */
function headOrPage(context: Context, page: Page): Folio {
  const folio = context.machine.folios.of(page);
  return folio.head === page ? folio : new Folio(page, 1);
}

function zeroSegments(context: Context, page: Page, segments: readonly Segment[]): void {
  const { machine } = context;
  for (const [start, end] of segments) {
    machine.hardware.checkNumber(context, 'start', start, MOST_32);
    machine.hardware.checkNumber(context, 'end', end, Number.MAX_SAFE_INTEGER);
  }
  const folio = headOrPage(context, page);
  const check = (): void => {
    for (const [, end] of segments) checkRange(context, 'zero_user_segments', end, 0, folio.sizeBytes);
  };
  if (machine.config.highmem || machine.config.semantics === 'strict') check();
  if (!machine.config.highmem) {
    const window = mapLocalRun(context, page, 0, folio.sizeBytes);
    check();
    fill(window, segments);
    kunmapLocal(context, window);
    for (let n = 0; n < folio.pages; n += 1) flushDcachePage(context, folio.page(n));
    return;
  }
  for (let n = 0; n < folio.pages; n += 1) {
    const from = n * machine.pageSize;
    const here = segments
      .map(([start, end]): Segment => [Math.max(start - from, 0), Math.min(end - from, machine.pageSize)])
      .filter(([start, end]) => start < end);
    if (here.length === 0) continue;
    const window = mapLocal(context, folio.page(n), 0, machine.pageSize);
    fill(window, here);
    kunmapLocal(context, window);
    flushDcachePage(context, folio.page(n));
  }
}

/**
 * Zeroes the bytes from `start1` up to `end1` and from `start2` up to `end2`; a segment whose start is
 * not below its end is empty.
 *
 * For a head page the bytes are those of its folio, for any other page those of the page.
 *
 * @linux zero_user_segments (7.2)
 * @context any; does not sleep
 * @differs on a machine without high memory a strict machine reports an end behind the folio before it maps
 */
export function zeroUserSegments(
  context: Context,
  page: Page,
  start1: number,
  end1: number,
  start2: number,
  end2: number,
): void {
  zeroSegments(context, page, [
    [start1, end1],
    [start2, end2],
  ]);
}

/**
 * Zeroes the bytes from `start` up to `end`.
 *
 * @linux zero_user_segment (7.2)
 * @context any; does not sleep
 * @differs as `zeroUserSegments`
 */
export function zeroUserSegment(context: Context, page: Page, start: number, end: number): void {
  zeroUserSegments(context, page, start, end, 0, 0);
}

/**
 * Zeroes `lengthBytes` from `start` on.
 *
 * @linux zero_user (6.1); gone in 7.2, which writes `zero_user_segment` with start and end
 * @context any; does not sleep
 * @differs as `zeroUserSegments`
 */
export function zeroUser(context: Context, page: Page, start: number, lengthBytes: number): void {
  context.machine.hardware.checkNumber(context, 'lengthBytes', lengthBytes, MOST_32);
  zeroUserSegments(context, page, start, start + lengthBytes, 0, 0);
}

/**
 * Zeroes two segments of a folio.
 *
 * @linux folio_zero_segments (7.2)
 * @context any; does not sleep
 * @differs as `zeroUserSegments`
 */
export function folioZeroSegments(
  context: Context,
  folio: Folio,
  start1: number,
  end1: number,
  start2: number,
  end2: number,
): void {
  zeroUserSegments(context, folio.head, start1, end1, start2, end2);
}

/**
 * Zeroes one segment of a folio.
 *
 * @linux folio_zero_segment (7.2)
 * @context any; does not sleep
 * @differs as `zeroUserSegments`
 */
export function folioZeroSegment(context: Context, folio: Folio, start: number, end: number): void {
  zeroUserSegment(context, folio.head, start, end);
}

/**
 * Zeroes `lengthBytes` of a folio from `start` on.
 *
 * @linux folio_zero_range (7.2)
 * @context any; does not sleep
 * @differs as `zeroUserSegments`; the end is not cut to 32 bits first
 */
export function folioZeroRange(context: Context, folio: Folio, start: number, lengthBytes: number): void {
  context.machine.hardware.checkNumber(context, 'lengthBytes', lengthBytes, Number.MAX_SAFE_INTEGER);
  zeroUserSegment(context, folio.head, start, start + lengthBytes);
}
