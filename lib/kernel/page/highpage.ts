/**
 * Copying and clearing whole pages.
 */
import { done, err } from '../../base/result.ts';
import type { Ok, Result } from '../../base/result.ts';
import type { MemoryFailure } from '../../base/errors.ts';
import type { Page } from '../../machine/memory.ts';
import { copyBetween } from '../window/copy-between.ts';
import { kmapLocalPage, kunmapLocal } from '../highmem/kmap-local.ts';
import type { Context } from '../core/machine.ts';
import { closeDirect, pageAddress } from '../highmem/page-address.ts';

function copyStart(context: Context, to: Page, from: Page, lengthBytes: number): void {
  context.machine.helper(() => {
    const source = kmapLocalPage(context, from);
    const target = kmapLocalPage(context, to);
    copyBetween(target, 0, source, 0, lengthBytes);
    kunmapLocal(context, target);
    kunmapLocal(context, source);
  });
}

/** Makes the kernel and a user see the same bytes of a page, where the data cache has aliases. */
function flushUserAliases(context: Context, page: Page): void {
  const { machine } = context;
  machine.enter(context);
  if (machine.config.dcacheColours > 1) machine.hardware.dataCache?.flushPage(page);
}

/**
 * Copies a page.
 *
 * @linux copy_highpage (7.2)
 * @context any; does not sleep
 */
export function copyHighpage(context: Context, to: Page, from: Page): void {
  copyStart(context, to, from, context.machine.pageSize);
}

/**
 * Copies a page that user space maps.
 *
 * @linux copy_user_highpage (7.2)
 * @context any; does not sleep
 * @differs takes no user address and no mapping: a data cache with aliases is flushed for every address
 */
export function copyUserHighpage(context: Context, to: Page, from: Page): void {
  flushUserAliases(context, from);
  copyHighpage(context, to, from);
  flushUserAliases(context, to);
}

/**
 * Copies a page whose memory may have failed: stops at the first cache line that cannot be read and
 * reports the frame.
 *
 * @linux copy_mc_highpage (7.2), which returns the number of bytes not copied
 * @context any; does not sleep
 * @errors MemoryFailure
 */
export function copyMcHighpage(
  context: Context,
  to: Page,
  from: Page,
): Ok<undefined> | Result<never, MemoryFailure> {
  const { memoryErrors, pageSize } = context.machine;
  const failed = memoryErrors.firstIn(from, 0, pageSize);
  copyStart(context, to, from, failed ?? pageSize);
  if (failed === undefined) return done;
  memoryErrors.reported.push(from.pfn);
  return err({ code: 'MemoryFailure', pfn: from.pfn, bytesNotCopied: pageSize - failed });
}

/**
 * Copies a page that user space maps and whose memory may have failed.
 *
 * @linux copy_mc_user_highpage (7.2), which returns the number of bytes not copied
 * @context any; does not sleep
 * @errors MemoryFailure
 * @differs takes no user address and no mapping
 */
export function copyMcUserHighpage(
  context: Context,
  to: Page,
  from: Page,
): Ok<undefined> | Result<never, MemoryFailure> {
  flushUserAliases(context, from);
  const copied = copyMcHighpage(context, to, from);
  flushUserAliases(context, to);
  return copied;
}

/**
 * Zeroes a page.
 *
 * @linux clear_highpage (7.2)
 * @context any; does not sleep
 */
export function clearHighpage(context: Context, page: Page): void {
  context.machine.helper(() => {
    const window = kmapLocalPage(context, page);
    window.fill(0);
    kunmapLocal(context, window);
  });
}

/**
 * Zeroes a page that user space maps.
 *
 * @linux clear_user_highpage (7.2)
 * @context any; does not sleep
 * @differs takes no user address
 */
export function clearUserHighpage(context: Context, page: Page): void {
  clearUserHighpages(context, page, 1);
}

/**
 * Zeroes pages that follow each other and that user space maps: at their permanent addresses on a
 * machine without high memory, else through one local map after the other.
 *
 * @linux clear_user_highpages (7.2)
 * @context any; does not sleep
 * @differs takes no user address
 */
export function clearUserHighpages(context: Context, first: Page, pages: number): void {
  const { memory } = context.machine.hardware;
  context.machine.checkOwn(first);
  context.machine.hardware.checkNumber(context, 'pages', pages, memory.endFor(first) - first.pfn);
  for (let n = 0; n < pages; n += 1) {
    const page = memory.nthPage(first, n);
    const direct = context.machine.config.highmem ? undefined : pageAddress(context, page);
    if (direct === undefined) clearHighpage(context, page);
    else {
      direct.fill(0);
      closeDirect(context, direct);
    }
    flushUserAliases(context, page);
  }
}
