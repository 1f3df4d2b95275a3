/**
 * Visits fragments of network buffers, in parts that one map can cover: `skb_frag_foreach_page`.
 */
import { checkRange } from '../core/check-range.ts';
import { MOST_32 } from '../../base/whole.ts';
import type { Page } from '../../machine/memory.ts';
import type { Machine } from '../core/machine.ts';

/** A part of a fragment. */
export interface FragPart {
  readonly page: Page;
  readonly offset: number;
  readonly length: number;
  /** Number of bytes in the parts before. */
  readonly copied: number;
}

/**
 * Whether a fragment that begins in a page must be gone through page by page.
 *
 * @linux skb_frag_must_loop (7.2)
 * @context any
 */
export function skbFragMustLoop(machine: Machine, page: Page): boolean {
  machine.checkOwn(page);
  return machine.config.forceMap || machine.hardware.memory.isHighmem(page);
}

/**
 * Visits `length` bytes from `offset` of a fragment: page by page if a map covers one page, else as one
 * part.
 *
 * @linux skb_frag_foreach_page (7.2), a macro that heads a loop
 * @context as `visit` requires
 */
export function skbFragForeachPage(
  machine: Machine,
  first: Page,
  offset: number,
  length: number,
  visit: (part: FragPart) => void,
): void {
  machine.checkOwn(first);
  machine.hardware.checkNumber(machine.executing, 'offset', offset, MOST_32);
  machine.hardware.checkNumber(machine.executing, 'length', length, MOST_32);
  const { memory } = machine.hardware;
  const bytes = (memory.endFor(first) - first.pfn) * memory.pageSize;
  if (machine.config.semantics === 'strict')
    checkRange(machine.executing, 'skb_frag_foreach_page', offset, length, bytes);
  const { pageSize } = memory;
  const skipped = Math.floor(offset / pageSize);
  const start = memory.nthPage(first, skipped);
  if (!skbFragMustLoop(machine, start)) {
    if (length > 0) visit({ page: start, offset: offset % pageSize, length, copied: 0 });
    return;
  }
  for (let copied = 0; copied < length;) {
    const at = offset + copied;
    const part = Math.min(length - copied, pageSize - (at % pageSize));
    visit({
      page: memory.nthPage(first, Math.floor(at / pageSize)),
      offset: at % pageSize,
      length: part,
      copied,
    });
    copied += part;
  }
}
