/** Groups that show how the cost grows with the length of the list, and what checking costs. */
import { createMachine, sgCopyToBuffer, sgPcopyToBuffer } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import type { Group, Variant } from '../measure.ts';
import { PAGE, directMachine, fromPages } from './fixture.ts';

const FEW_PAGES = 64;

/**
 * Copies the same number of bytes from lists of 16 pages up to 1 GiB. The long lists name the same 64 pages again and again,
 * and are copied in windows of 64 entries. So the bytes stay in one cache level, and only the list grows.
 */
export function flat(): Group {
  const { machine, task } = directMachine();
  const local = kmapLocal(task);
  const variantOf = (pages: number): Variant => {
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
  const few = machine.allocPages(FEW_PAGES, { zone: 'highmem', layout: 'scattered' });
  const windowsOf = (pages: number): Variant => {
    const table = fromPages(Array.from({ length: pages }, (_, i) => few[i % FEW_PAGES]!));
    const bytes = FEW_PAGES * PAGE;
    const out = new Uint8Array(bytes);
    let at = 0;
    return {
      name: `${String(pages)} pages, 64 at a time`,
      run: () => {
        void sgPcopyToBuffer(table, out, local, at);
        at = (at + bytes) % (pages * PAGE);
      },
    };
  };
  return {
    name: 'flat',
    title: 'cost per byte as the list grows',
    baseline: variantOf(16),
    variants: [variantOf(32), variantOf(64), windowsOf(1024), windowsOf(262144)],
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
