import type { Machine, Page } from 'scatterlist';

/** Stores a byte through the data cache, as a store at an address does; memory does not have it yet. */
export function storeDirty(machine: Machine, page: Page, vaddr: number, value: number): void {
  const { dataCache } = machine.hardware;
  if (dataCache === undefined) throw new Error('the machine has no data cache');
  const colour = dataCache.colourOf(vaddr);
  dataCache.view(page, colour, 0, 1)[0] = value;
  dataCache.stored(page, colour, 0, 1);
}

/** The first byte of a page as the chips hold it. */
export function inMemory(machine: Machine, page: Page): number | undefined {
  return machine.hardware.memory.bytesOf(page)[0];
}
