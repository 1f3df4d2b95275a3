/** Groups that fill and compare lists. The baseline does the same on views made beforehand. */
import { sgCompare, sgCopyFromBuffer, sgZeroBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { Buffer } from 'node:buffer';
import type { Group } from '../measure.ts';
import { MIB, directMachine, fromPages, pattern } from './fixture.ts';

export function zero(): Group {
  const { machine, task } = directMachine();
  const pages = machine.allocPages(256, { zone: 'highmem', layout: 'scattered' });
  const table = fromPages(pages);
  const views = pages.map((page) => machine.physical(page));
  const local = kmapLocal(task);
  return {
    name: 'zero',
    title: 'zero 256 x 4 KiB pages',
    baseline: {
      name: 'fill of each view',
      run: () => {
        for (let i = 0; i < views.length; i += 1) views[i]!.fill(0);
      },
    },
    variants: [{ name: 'sgZeroBuffer, kmap_local', run: () => void sgZeroBuffer(table, MIB, local) }],
  };
}

export function compare(): Group {
  const { machine, task } = directMachine();
  const local = kmapLocal(task);
  const sides = [0, 1].map(() => {
    const pages = machine.allocPages(256, { zone: 'highmem', layout: 'scattered' });
    const table = fromPages(pages);
    sgCopyFromBuffer(table, pattern(MIB), local);
    const buffers = pages.map((page) =>
      Buffer.from(machine.physical(page).buffer as ArrayBuffer, page.chunkOffset, 4096),
    );
    return { table, buffers };
  });
  const [one, two] = [sides[0]!, sides[1]!];
  return {
    name: 'compare',
    title: 'compare two equal lists of 256 pages',
    baseline: {
      name: 'Buffer.equals of each page',
      run: () => {
        for (let i = 0; i < 256; i += 1)
          if (!one.buffers[i]!.equals(two.buffers[i]!)) throw new Error('unequal');
      },
    },
    variants: [
      {
        name: 'sgCompare, kmap_local',
        run: () => void sgCompare(one.table, two.table, { lengthBytes: MIB }, local),
      },
    ],
  };
}
