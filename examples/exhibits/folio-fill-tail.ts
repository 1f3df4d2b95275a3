/**
 * Data that end with a page inside a folio, given to `folio_fill_tail` of include/linux/highmem.h (7.2).
 *
 * If only one page can be mapped at a time, the function zeroes what follows the data through the map of the last
 * page with data, of which no byte is left.
 *
 * Shown: a machine that follows Linux bit for bit writes behind its map. The machine of the fixed program is strict and
 * goes on to the next page. Not shown: a caller in Linux that passes such data on a 32-bit machine.
 *
 * Try it: `scatterlist explore examples/exhibits/folio-fill-tail.ts`
 */
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { Folio, folioFillTail } from 'scatterlist/machine';
import type { Machine, MachineOptions } from 'scatterlist/machine';

interface Shared {
  readonly folio: Folio;
}

function folioOf(machine: Machine): Folio {
  const [head] = machine.allocPages(2, { zone: 'highmem' });
  if (head === undefined) throw new Error('a folio has a head');
  return new Folio(head, 2);
}

const LENGTHS = [4000, 4096];

const fills = (semantics: NonNullable<MachineOptions['semantics']>): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, highmemPages: 4, semantics },
    setup: (machine) => ({ folio: folioOf(machine) }),
    tasks: {
      *write({ task, folio, choose, note }) {
        const lengthBytes = LENGTHS[choose(LENGTHS.length)] ?? 0;
        note(`${String(lengthBytes)} bytes of data`);
        yield;
        folioFillTail(task, folio, 0, new Uint8Array(lengthBytes).fill(0x5a));
      },
    },
  });

export default fills('compatible');
export const fixed = fills('strict');
