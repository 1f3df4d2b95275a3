/**
 * Tokens that stay with their slot.
 *
 * A local map on a direct machine always finds the same slot at the same depth, so its window can wait
 * there with everything filled in but the page. A token that lies on top of a task's stack proves owner,
 * CPU and order by being there, which is what makes map and unmap cost nanoseconds.
 */
import type { Page } from '../machine/memory.ts';
import type { Context } from './machine.ts';
import type { RamWindow, Window } from './window.ts';

/** Lets the window of a first map at some depth wait there for the next one. */
export function keepSlotToken(context: Context, window: RamWindow): void {
  const { machine, task } = context;
  if (context !== task || window.area !== 'local' || !machine.isUnwatched) return;
  window.isSlotToken = true;
  task.slotTokens[task.localMaps.idx - machine.localSlots.increment] = window;
}

/** Maps with the token that waits at this depth; nothing where there is none or anything is unusual. */
export function mapSlotToken(
  context: Context,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
): RamWindow | undefined {
  const { machine, task } = context;
  const { localMaps } = task;
  const token = task.slotTokens[localMaps.idx];
  const { chunk } = page;
  if (
    token === undefined ||
    chunk === undefined ||
    context !== task ||
    machine.executing !== context ||
    token.cpu !== context.cpu.id ||
    !page.zone.isSystemRam ||
    !machine.isUnwatched
  ) {
    return undefined;
  }
  const { hardware } = machine;
  if (page.pfn < hardware.memory.directEnd) return undefined;
  const entry = page.pfn + 1;
  localMaps.idx += machine.localSlots.increment;
  localMaps.entries[localMaps.idx - 1] = entry;
  hardware.pageTable.local.entries[token.slot] = entry;
  task.migrateDisabled += 1;
  hardware.ledger.maps += 1;
  hardware.ledger.pteWrites += 1;
  token.page = page;
  token.chunk = chunk;
  token.pageOffset = pageOffset;
  token.lengthBytes = lengthBytes;
  token.base = page.chunkOffset + pageOffset;
  token.live = true;
  return token;
}

/** Releases the token on top of the stack; false where this is not it or anything is unusual. */
export function unmapSlotToken(context: Context, window: Window): boolean {
  const { machine, task } = context;
  const { localMaps } = task;
  const below = localMaps.idx - machine.localSlots.increment;
  if (
    task.slotTokens[below] !== window ||
    !window.live ||
    context !== task ||
    machine.executing !== context ||
    !machine.isUnwatched
  ) {
    return false;
  }
  const { hardware } = machine;
  localMaps.entries[localMaps.idx - 1] = 0;
  localMaps.idx = below;
  hardware.pageTable.local.entries[window.slot] = 0;
  task.migrateDisabled -= 1;
  hardware.ledger.unmaps += 1;
  hardware.ledger.pteWrites += 1;
  hardware.ledger.flushesLocal += 1;
  window.live = false;
  return true;
}
