/**
 * `memcpy_folio` of include/linux/highmem.h (7.2) between lowmem folios, with DEBUG_KMAP_LOCAL_FORCE_MAP.
 *
 * The function asks whether a folio is highmem, not whether its maps cover one page. With forced maps a lowmem folio
 * is mapped page by page, but copied in one step.
 *
 * Shown: a machine that follows Linux bit for bit copies behind its map. The machine of the fixed program is strict
 * and copies page by page. Not shown: a fault in a kernel without this debugging option, where all of lowmem is mapped.
 *
 * Try it: `scatterlist explore examples/exhibits/memcpy-folio-forced.ts`
 */
import { defineProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { Folio, memcpyFolio } from 'scatterlist/machine';
import type { Machine, MachineOptions } from 'scatterlist/machine';

interface Shared {
  readonly from: Folio;
  readonly to: Folio;
}

function folioOf(machine: Machine): Folio {
  const [head] = machine.allocPages(2, { zone: 'lowmem' });
  if (head === undefined) throw new Error('a folio has a head');
  return new Folio(head, 2);
}

const LENGTHS = [4096, 4097];

const copies = (semantics: NonNullable<MachineOptions['semantics']>): Program<Shared> =>
  defineProgram<Shared>({
    machine: { cpus: 1, lowmemPages: 8, forceMap: true, semantics },
    setup: (machine) => ({ from: folioOf(machine), to: folioOf(machine) }),
    tasks: {
      *copy({ task, from, to, choose, note }) {
        const lengthBytes = LENGTHS[choose(LENGTHS.length)] ?? 0;
        note(`${String(lengthBytes)} bytes`);
        yield;
        memcpyFolio(task, to, 0, from, 0, lengthBytes);
      },
    },
  });

export default copies('compatible');
export const fixed = copies('strict');
