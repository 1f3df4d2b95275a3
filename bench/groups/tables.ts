/** Building tables from pages, and freeing them. */
import { sgAllocTableFromPages, sgFreeTable } from 'scatterlist';
import type { Group } from '../measure.ts';
import { MIB, PAGE, directMachine, pattern } from './fixture.ts';

const PAGES = 4096;

export function tables(): Group {
  const { machine } = directMachine();
  const contiguous = machine.allocPages(PAGES, { zone: 'highmem' });
  const scattered = machine.allocPages(PAGES, { zone: 'highmem', layout: 'scattered' });
  const from = pattern(MIB);
  const to = new Uint8Array(MIB);
  const build = (pages: typeof contiguous) => () => {
    const made = sgAllocTableFromPages(pages, { size: PAGES * PAGE });
    if (!made.ok) throw new Error(made.error.code);
    sgFreeTable(made.value);
  };
  return {
    name: 'tables',
    title: `a table from ${String(PAGES)} pages, and its free`,
    baseline: {
      name: 'memcpy of 1 MiB',
      run: () => {
        to.set(from);
      },
    },
    variants: [
      { name: 'contiguous pages, one entry', perCall: PAGES, run: build(contiguous) },
      { name: 'scattered pages, one entry each', perCall: PAGES, run: build(scattered) },
    ],
  };
}
