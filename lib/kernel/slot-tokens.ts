/**
 * Tokens that stay with their slot.
 *
 * A local map on a direct machine always finds the same slot at the same depth, so its window can wait
 * there with everything filled in but the page. A token that lies on top of a task's stack proves owner,
 * CPU and order by being there, which is what makes map and unmap cost nanoseconds.
 */
import type { Page } from '../machine/memory.ts';
import type { SlotStack } from './local-slots.ts';
import type { Context } from './machine.ts';
import type { RamWindow } from './window.ts';

/** Lets the window of a first map at some depth wait there for the next one. */
export function keepSlotToken(context: Context, window: RamWindow): void {
  const { quiet } = context;
  if (quiet === undefined || window.area !== 'local') return;
  // Where the pool is asked first, the next map may be elsewhere.
  if (context.machine.config.kmapHighGet) return;
  window.stackTop = quiet.idx;
  quiet.tokens[quiet.idx - quiet.increment] = window;
}

/** Maps with the token that waits at this depth; nothing where there is none or anything is unusual. */
export function mapSlotToken(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): RamWindow | undefined {
  const { quiet } = context;
  if (quiet === undefined) return undefined;
  const { idx } = quiet;
  const token = quiet.tokens[idx];
  const { chunk, pfn } = page;
  if (token === undefined || chunk === undefined || page.zone !== quiet.zone) return undefined;
  quiet.idx = token.stackTop;
  quiet.ptes[token.slot] = pfn + 1;
  quiet.slotMaps += 1;
  token.page = page;
  token.chunk = chunk;
  token.pageOffset = pageOffset;
  token.lengthBytes = lengthBytes;
  token.base = page.chunkOffset + pageOffset;
  token.reach = lengthBytes;
  return token;
}

/** Releases the token on top of the stack and maps with it again, in one go; false where either is not as usual. */
export function remapSlotToken(
  context: Context,
  window: RamWindow,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): boolean {
  const { quiet } = context;
  if (quiet === undefined || !isTop(context, quiet, window)) return false;
  const { chunk, pfn } = page;
  if (chunk === undefined || page.zone !== quiet.zone) return false;
  // Nobody sees the slot empty in between, so it is written once.
  quiet.ptes[window.slot] = pfn + 1;
  quiet.slotUnmaps += 1;
  quiet.slotMaps += 1;
  window.page = page;
  window.chunk = chunk;
  window.pageOffset = pageOffset;
  window.lengthBytes = lengthBytes;
  window.reach = lengthBytes;
  window.base = page.chunkOffset + pageOffset;
  return true;
}

/** Releases the token on top of the stack; false where this is not it or anything is unusual. */
export function unmapSlotToken(context: Context, window: RamWindow): boolean {
  const { quiet } = context;
  if (quiet === undefined || !isTop(context, quiet, window)) return false;
  quiet.idx -= quiet.increment;
  quiet.ptes[window.slot] = 0;
  quiet.slotUnmaps += 1;
  window.end();
  return true;
}

function isTop(context: Context, { idx }: SlotStack, window: RamWindow): boolean {
  return window.stackTop === idx && window.reach >= 0 && window.owner === context;
}
