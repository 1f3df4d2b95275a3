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
import type { RamWindow, Window } from './window.ts';

/** Lets the window of a first map at some depth wait there for the next one. */
export function keepSlotToken(context: Context, window: RamWindow): void {
  const { quiet } = context;
  if (quiet === undefined || window.area !== 'local') return;
  window.isSlotToken = true;
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
  if (token === undefined || chunk === undefined || pfn < quiet.firstPfn || pfn >= quiet.endPfn)
    return undefined;
  quiet.idx = idx + quiet.increment;
  quiet.ptes[token.slot] = pfn + 1;
  context.task.migrateDisabled += 1;
  quiet.ledger.slotMaps += 1;
  token.page = page;
  if (token.chunk !== chunk) token.chunk = chunk;
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
  if (quiet === undefined || !isTop(quiet, window)) return false;
  const { ptes, ledger } = quiet;
  const { chunk, pfn } = page;
  if (chunk === undefined || pfn < quiet.firstPfn || pfn >= quiet.endPfn) return false;
  ptes[window.slot] = 0;
  ptes[window.slot] = pfn + 1;
  ledger.slotUnmaps += 1;
  ledger.slotMaps += 1;
  window.page = page;
  if (window.chunk !== chunk) window.chunk = chunk;
  window.pageOffset = pageOffset;
  window.lengthBytes = lengthBytes;
  window.reach = lengthBytes;
  window.base = page.chunkOffset + pageOffset;
  return true;
}

/** Releases the token on top of the stack; false where this is not it or anything is unusual. */
export function unmapSlotToken(context: Context, window: Window): boolean {
  const { quiet } = context;
  if (quiet === undefined || !isTop(quiet, window)) return false;
  quiet.idx -= quiet.increment;
  quiet.ptes[window.slot] = 0;
  context.task.migrateDisabled -= 1;
  quiet.ledger.slotUnmaps += 1;
  window.end();
  return true;
}

function isTop({ tokens, idx, increment }: SlotStack, window: Window): boolean {
  return tokens[idx - increment] === window && window.live;
}
