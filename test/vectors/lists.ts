/** Lists as the recordings describe them. */
import { SgArray, sgChain, sgMarkEnd } from 'scatterlist';
import type { Machine, SgEntry } from 'scatterlist';

/** `[pfn, offset, length]`, or with `dma_address, dma_length` behind. */
export type Entry = readonly number[];

export interface ListInput {
  readonly entries: readonly Entry[];
  /** Entries of each array of the chained list. */
  readonly chunks: readonly number[];
}

/** Builds a list, really chained; nothing for one without entries. */
export function buildList(machine: Machine, { entries, chunks }: ListInput): SgEntry | null {
  const { memory } = machine.hardware;
  let first: SgEntry | null = null;
  let previous: SgArray | undefined;
  let done = 0;
  for (const [i, count] of chunks.entries()) {
    const array = new SgArray(i + 1 < chunks.length ? count + 1 : count);
    for (let slot = 0; slot < count; slot += 1) {
      const [pfn = 0, offset = 0, length = 0, dmaAddress, dmaLength] = entries[done + slot] ?? [];
      // As C holds it, whether or not the bytes exist.
      array.set(slot, memory.page(pfn), length, offset, 'compatible');
      if (dmaAddress !== undefined && dmaLength !== undefined) {
        array.dma.addresses[slot] = dmaAddress;
        array.dma.lengths[slot] = dmaLength;
      }
    }
    done += count;
    if (done === entries.length && count > 0) sgMarkEnd(array.entry(count - 1));
    if (previous !== undefined) sgChain(previous, previous.slots, array.entry(0));
    first ??= array.entry(0);
    previous = array;
  }
  return first;
}
