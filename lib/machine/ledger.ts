/**
 * The cost ledger: what mapping cost, counted exactly, and a model that turns the counts into cycles.
 */

/** What a ledger counts. */
export interface LedgerCounts {
  readonly maps: number;
  readonly unmaps: number;
  readonly pteWrites: number;
  readonly flushesLocal: number;
  readonly flushesGlobal: number;
  readonly ipis: number;
  readonly lockAcquisitions: number;
  readonly lockWaits: number;
  readonly bytesBounced: number;
  readonly deviceAccesses: number;
  readonly contextSwitches: number;
  readonly cacheFlushes: number;
  readonly keySwitches: number;
}

/** The name of a count. */
export type CountName = keyof LedgerCounts;

/** What one event costs, in CPU cycles, with the source of the figure. */
export interface CycleCost {
  readonly cycles: number;
  readonly source: string;
}

/**
 * The default cost model. The figures are orders of magnitude for a 3 GHz x86 core; they weigh
 * backends against each other and predict no particular machine.
 */
export const CYCLE_MODEL: Readonly<Record<CountName, CycleCost>> = {
  maps: {
    cycles: 10,
    source: 'kmap_local pair 6.95 ns in the C of mm/highmem.c, about half of it for the map, at 3 GHz',
  },
  unmaps: { cycles: 10, source: 'the other half of the same pair' },
  pteWrites: { cycles: 2, source: 'a store that hits the L1 cache' },
  flushesLocal: {
    cycles: 120,
    source:
      'INVLPG of one page: about 100 to 200 cycles in published x86 instruction timings; arch/x86/mm/tlb.c of Linux reckons about 100 ns with what is around it',
  },
  flushesGlobal: {
    cycles: 500,
    source: 'a full TLB reload (CR3 or CR4 write): several hundred cycles, refills not counted',
  },
  ipis: {
    cycles: 2000,
    source:
      'published TLB shootdown measurements (such as Amit, Tai and Wei, EuroSys 2020): some thousand cycles for one remote core',
  },
  lockAcquisitions: { cycles: 20, source: 'an uncontended atomic read-modify-write on x86' },
  lockWaits: { cycles: 3000, source: 'one sleep and wake-up: two context switches' },
  bytesBounced: { cycles: 0.0625, source: '1 MiB memcpy in 21.9 us: 16 bytes a cycle at 3 GHz' },
  deviceAccesses: { cycles: 600, source: 'an uncached read over PCI Express: a few hundred nanoseconds' },
  contextSwitches: { cycles: 1500, source: 'about half a microsecond for a switch between kernel threads' },
  cacheFlushes: { cycles: 2000, source: 'a page of 64 lines written back at about 30 cycles a line' },
  keySwitches: { cycles: 200, source: 'a write to a model-specific register (IA32_PKRS)' },
};

/** Counts kept outside the ledger, because one of them stands for several counts of the ledger. */
export interface SlotTally {
  /** Maps in a local slot: each counts as a map and a page-table write. */
  slotMaps: number;
  /** Their releases: each counts as an unmap, a page-table write and a local flush. */
  slotUnmaps: number;
  /** Releases that are directly followed by the next map: each counts as both. */
  slotRemaps: number;
}

/** Counts of one machine; plain fields, so that counting is one add. */
export class Ledger implements LedgerCounts {
  maps = 0;
  unmaps = 0;
  pteWrites = 0;
  flushesLocal = 0;
  flushesGlobal = 0;
  ipis = 0;
  lockAcquisitions = 0;
  lockWaits = 0;
  bytesBounced = 0;
  deviceAccesses = 0;
  contextSwitches = 0;
  cacheFlushes = 0;
  keySwitches = 0;
  readonly #tallies: SlotTally[] = [];

  /** Includes counts that are kept elsewhere, such as those of a task's slots. */
  include(tally: SlotTally): void {
    this.#tallies.push(tally);
  }

  /** Counts mappings that were made and released and needed no page-table entry. */
  count(mappings: number): void {
    this.maps += mappings;
    this.unmaps += mappings;
  }

  /** Copies the counts as they are now. */
  snapshot(): LedgerCounts {
    let slotMaps = 0;
    let slotUnmaps = 0;
    for (const tally of this.#tallies) {
      slotMaps += tally.slotMaps + tally.slotRemaps;
      slotUnmaps += tally.slotUnmaps + tally.slotRemaps;
    }
    return {
      ...this,
      maps: this.maps + slotMaps,
      unmaps: this.unmaps + slotUnmaps,
      pteWrites: this.pteWrites + slotMaps + slotUnmaps,
      flushesLocal: this.flushesLocal + slotUnmaps,
    };
  }

  /** Starts counting again from zero. */
  reset(): void {
    Object.assign(this, new Ledger());
    for (const tally of this.#tallies) {
      tally.slotMaps = 0;
      tally.slotUnmaps = 0;
      tally.slotRemaps = 0;
    }
  }
}

/** Weighs counts by a cost model. */
export function modelledCycles(
  counts: LedgerCounts,
  model: Readonly<Record<CountName, CycleCost>> = CYCLE_MODEL,
): number {
  return (
    counts.maps * model.maps.cycles +
    counts.unmaps * model.unmaps.cycles +
    counts.pteWrites * model.pteWrites.cycles +
    counts.flushesLocal * model.flushesLocal.cycles +
    counts.flushesGlobal * model.flushesGlobal.cycles +
    counts.ipis * model.ipis.cycles +
    counts.lockAcquisitions * model.lockAcquisitions.cycles +
    counts.lockWaits * model.lockWaits.cycles +
    counts.bytesBounced * model.bytesBounced.cycles +
    counts.deviceAccesses * model.deviceAccesses.cycles +
    counts.contextSwitches * model.contextSwitches.cycles +
    counts.cacheFlushes * model.cacheFlushes.cycles +
    counts.keySwitches * model.keySwitches.cycles
  );
}
