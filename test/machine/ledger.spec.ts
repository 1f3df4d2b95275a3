import { expect } from 'chai';
import fc from 'fast-check';
import { CYCLE_MODEL, modelledCycles } from 'scatterlist/machine';
import type { CountName, LedgerCounts } from 'scatterlist/machine';
import { Ledger } from '../../lib/machine/ledger.ts';

const NAMES = Object.keys(CYCLE_MODEL) as CountName[];

describe('Ledger', () => {
  it('starts at zero, copies and resets', () => {
    const ledger = new Ledger();
    expect(Object.keys(ledger.snapshot()).sort()).to.deep.equal([...NAMES].sort());
    ledger.ipis = 3;
    const before = ledger.snapshot();
    ledger.ipis += 1;
    expect([before.ipis, ledger.ipis]).to.deep.equal([3, 4]);
    ledger.reset();
    expect(Object.values(ledger.snapshot()).every((count) => count === 0)).to.equal(true);
  });

  it('includes what others count: a map in a local slot, and its release, in one step each', () => {
    const ledger = new Ledger();
    ledger.maps = 10;
    const tallies = [
      { slotMaps: 1, slotUnmaps: 2, slotRemaps: 0 },
      { slotMaps: 1, slotUnmaps: -1, slotRemaps: 1 },
    ];
    for (const tally of tallies) ledger.include(tally);
    const counted = ({ maps, unmaps, pteWrites, flushesLocal }: LedgerCounts): object => ({
      maps,
      unmaps,
      pteWrites,
      flushesLocal,
    });
    expect(counted(ledger.snapshot())).to.deep.equal({ maps: 13, unmaps: 2, pteWrites: 5, flushesLocal: 2 });
    ledger.reset();
    expect(counted(ledger.snapshot())).to.deep.equal({ maps: 0, unmaps: 0, pteWrites: 0, flushesLocal: 0 });
    tallies[1]!.slotMaps += 1;
    expect(ledger.snapshot().maps).to.equal(1);
  });

  it('is weighed count by count, each with a figure and its source', () => {
    for (const name of NAMES) {
      const { cycles, source } = CYCLE_MODEL[name];
      expect(cycles).to.be.greaterThan(0);
      expect(source).not.to.equal('');
    }
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: NAMES.length, maxLength: NAMES.length }), (counts) => {
        const ledger = new Ledger();
        let sum = 0;
        for (const [i, name] of NAMES.entries()) {
          ledger[name] = counts[i]!;
          sum += counts[i]! * CYCLE_MODEL[name].cycles;
        }
        expect(modelledCycles(ledger)).to.be.closeTo(sum, 1e-6);
      }),
    );
  });

  it('has a model that does not change by accident: the costs of reports are compared over versions', () => {
    expect(Object.fromEntries(NAMES.map((name) => [name, CYCLE_MODEL[name].cycles]))).to.deep.equal({
      maps: 10,
      unmaps: 10,
      pteWrites: 2,
      flushesLocal: 120,
      flushesGlobal: 500,
      ipis: 2000,
      lockAcquisitions: 20,
      lockWaits: 3000,
      bytesBounced: 0.0625,
      deviceAccesses: 600,
      contextSwitches: 1500,
      cacheFlushes: 2000,
      keySwitches: 200,
    });
  });

  it('can be weighed by another model', () => {
    const ledger = new Ledger();
    ledger.maps = 5;
    expect(modelledCycles(ledger, { ...CYCLE_MODEL, maps: { cycles: 2, source: 'made up' } })).to.equal(10);
  });
});
