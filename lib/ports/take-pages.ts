/**
 * The pages that a port works on, of whichever kind it is run with.
 */
import type { Machine } from '../kernel/core/machine.ts';
import type { MemoryKind, Page, PageLayout } from '../machine/memory.ts';

/**
 * Takes pages of a kind of memory: from an allocator or, for device memory, from a region of their own, which is always
 * contiguous.
 *
 * @linux none
 */
export function takePages(
  machine: Machine,
  memory: MemoryKind,
  count: number,
  layout: PageLayout = 'scattered',
): readonly Page[] {
  return memory === 'iomem'
    ? machine.ioRegion(count, { name: 'device memory' })
    : machine.allocPages<MemoryKind>(count, { zone: memory, layout });
}
