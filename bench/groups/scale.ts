/** How cost grows with the list, and what checking costs. */
import { createMachine, sgCopyToBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Group } from '../measure.ts';
import { PAGE, directMachine, fromPages } from './fixture.ts';

/** The same number of bytes copied, from lists of 16 to 64 pages: all in one cache level. */
export function flat(): Group {
  const { machine, task } = directMachine();
  const local = kmapLocal(task);
  const variantOf = (pages: number) => {
    const table = fromPages(machine.allocPages(pages, { zone: 'highmem', layout: 'scattered' }));
    const out = new Uint8Array(pages * PAGE);
    const times = 64 / pages;
    return {
      name: `${String(pages)} pages, ${String(times)} times`,
      run: () => {
        for (let i = 0; i < times; i += 1) void sgCopyToBuffer(table, out, local);
      },
    };
  };
  return {
    name: 'flat',
    title: 'cost per byte as the list grows',
    baseline: variantOf(16),
    variants: [variantOf(32), variantOf(64)],
  };
}

export function checked(): Group {
  const variantOf = (mode: 'checked' | 'direct') => {
    const machine = createMachine({ mode });
    const table = fromPages(machine.allocPages(256, { zone: 'highmem', layout: 'scattered' }));
    const local = kmapLocal(machine.task('bench'));
    const out = new Uint8Array(256 * PAGE);
    return { name: `sgCopyToBuffer, ${mode} machine`, run: () => void sgCopyToBuffer(table, out, local) };
  };
  return {
    name: 'checked',
    title: 'what checking costs: gather 256 pages',
    baseline: variantOf('direct'),
    variants: [variantOf('checked')],
  };
}
