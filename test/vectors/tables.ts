/** Tables and their memory as the recordings describe them. */
import { TrackingAllocator, errnoOf } from 'scatterlist';
import type { Machine, Result, SgArray, SgEntry, SgTable } from 'scatterlist';
import { createMachine } from 'scatterlist';
import type { ErrnoCode, ErrorOf } from 'scatterlist';
import type { MachineOptions } from 'scatterlist/machine';
import { SG_CHAIN, SG_END } from '../../lib/scatterlist/list/sg-array.ts';

/** More frames than any recording names. */
const FRAMES = 2 ** 20;

export const COMPATIBLE = { semantics: 'compatible' } as const;

export function tableMachine(options: MachineOptions = {}): Machine {
  return createMachine({
    lowmemPages: FRAMES,
    highmemPages: 0,
    onViolation: 'record',
    ...COMPATIBLE,
    ...options,
  });
}

export function memoryFailingAt(failAt: number | null): TrackingAllocator {
  return new TrackingAllocator(failAt === null ? {} : { failAt });
}

export function retOf(result: Result<unknown, ErrorOf<ErrnoCode>>): number {
  return result.ok ? 0 : errnoOf(result.error);
}

/** `[kind, slots]` of the calls from one on, with `"fail"` behind a failed one. */
export function allocationsOf(memory: TrackingAllocator, from = 0): readonly unknown[] {
  return memory.calls
    .slice(from)
    .map(({ memory: kind, count, failed }) => [kind, count, ...(failed ? ['fail'] : [])]);
}

/** The arrays given back since, as numbers of the calls that made them. */
export function freesOf(memory: TrackingAllocator, from = 0): readonly number[] {
  return memory.frees.slice(from).map(({ array }) => memory.arrays.indexOf(array));
}

/** All slots of arrays that link or end: `chains` and `ends`; `used` is how much of the first is looked at. */
export function marksOf(
  arrays: readonly SgArray[],
  used = Infinity,
): { readonly chains: readonly unknown[]; readonly ends: readonly unknown[] } {
  const chains: unknown[] = [];
  const ends: unknown[] = [];
  for (const [chunk, array] of arrays.entries()) {
    for (let slot = 0; slot < Math.min(array.slots, chunk === 0 ? used : Infinity); slot += 1) {
      const marks = array.marks[slot] ?? 0;
      const to = array.linkAt(slot);
      if ((marks & SG_CHAIN) !== 0)
        chains.push([chunk, slot, to === undefined ? -1 : arrays.indexOf(to.array)]);
      if ((marks & SG_END) !== 0) ends.push([chunk, slot]);
    }
  }
  return { chains, ends };
}

export function countsOf(table: SgTable): {
  readonly nents: number;
  readonly orig_nents: number;
  readonly sgl: boolean;
} {
  return { nents: table.nents, orig_nents: table.origNents, sgl: table.sgl !== null };
}

/** `[pfn, offset, length]` */
export function entryOf(sg: SgEntry): readonly number[] {
  return [sg.page?.pfn ?? -1, sg.offset, sg.length];
}
