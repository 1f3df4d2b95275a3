/** A group that shows how the cost of DMA operations grows with the length of the list. */
import {
  DmaDevice,
  createMachine,
  dmaMapSgtable,
  dmaSyncSgtableForCpu,
  dmaSyncSgtableForDevice,
  dmaUnmapSgtable,
} from 'scatterlist';
import type { Group, Variant } from '../measure.ts';
import { fromPages } from './fixture.ts';

/** Segments of the long list and of the short one; a smoke run takes few, because each turn maps all of them. */
const SIZES = { real: [16384, 2048], smoke: [256, 32] } as const;

/** Maps the same number of segments each time, of one long list or of a short one repeatedly, on a checked machine. */
export function dma({ smoke }: { readonly smoke: boolean }): Group {
  const [most, few] = smoke ? SIZES.smoke : SIZES.real;
  const variantOf = (segments: number): Variant => {
    const machine = createMachine({ highmemPages: 2 * most, lowmemPages: 64, bounceSlots: 2 });
    const task = machine.task('bench');
    const device = new DmaDevice(machine);
    const table = fromPages(machine.allocPages(segments, { zone: 'highmem', layout: 'scattered' }));
    const times = most / segments;
    return {
      name: `${String(segments)} segments, ${String(times)} times`,
      perCall: most,
      run: () => {
        for (let i = 0; i < times; i += 1) {
          const mapped = dmaMapSgtable(task, device, table, 'bidirectional');
          if (!mapped.ok) throw new Error(mapped.error.code);
          dmaSyncSgtableForCpu(task, device, table, 'bidirectional');
          dmaSyncSgtableForDevice(task, device, table, 'bidirectional');
          dmaUnmapSgtable(task, device, table, 'bidirectional');
        }
      },
    };
  };
  return {
    name: 'dma',
    title: 'mapping, syncing and unmapping lists for a device',
    baseline: variantOf(few),
    variants: [variantOf(most)],
  };
}
