/**
 * The word index of `xsdfec_table_write` in drivers/misc/xilinx_sdfec.c (5.10 to 7.2), in the port of the driver.
 *
 * The function counts the words of all pages in one variable and indexes the map of each page with it.
 *
 * Shown: with a table of more than a page it reads behind the map of the second page. Not shown: what the real device
 * does with the words that were read there.
 *
 * Try it: `scatterlist explore examples/exhibits/xilinx-sdfec-words.ts`
 */
import { KMAP_LOCAL } from 'scatterlist/backends';
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { COLUMNS } from 'scatterlist/ports';
import sdfec from '../drivers/misc/xilinx-sdfec.ts';

const loaded = await sdfec.load({ name: 'a table', content: new Uint8Array(4104).fill(0x5a) });

function writes(variant: string): Program {
  const column = COLUMNS.find(({ contract }) => contract === KMAP_LOCAL);
  if (column === undefined) throw new Error('the matrix has no column for kmap_local');
  return defineProgram({ ...loaded.program(variant, 'highmem', column).program });
}

export default writes('word index runs on');
export const fixed = writes('original');
