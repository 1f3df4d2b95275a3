import { expect } from 'chai';
import { measure, sizesOf } from '../../bench/measure.ts';
import type { Group, MeasureOptions, Timing } from '../../bench/measure.ts';

const BASE_MICROS = 10;

/** A host whose neighbour is told from outside: bookkeeping takes twice as long beside it, copies do not. */
class Host {
  now = 0;
  /** Whether the neighbour runs, by the round: every meter reading asks. */
  isShared: () => boolean = () => false;
  readings = 0;

  readonly group: Group = {
    name: 'group',
    title: 'a group',
    baseline: { name: 'copies', run: () => (this.now += BASE_MICROS) },
    variants: [
      {
        name: 'copies with bookkeeping',
        run: () => (this.now += BASE_MICROS + (this.isShared() ? 2 : 1)),
        perCall: 100,
      },
    ],
  };

  measure(options: Partial<MeasureOptions> = {}): Timing {
    return measure(this.group, {
      rounds: 8,
      sampleMicros: 100,
      coreMicros: 100,
      patienceMicros: 0,
      clock: () => this.now,
      work: () => {
        this.readings += 1;
        this.now += this.isShared() ? 200 : 100;
      },
      ...options,
    });
  }
}

/** Readings of the meter before the first round, and in each round: one ahead, and one behind each sample. */
const WARM_UP_READINGS = 4;
const ROUND_READINGS = 5;

describe('measure', () => {
  it('takes the median of as many rounds as are wanted, on a core of its own', () => {
    const { rows, rounds, quietRounds, isQuiet, coreMicros } = new Host().measure();
    expect([rounds, quietRounds, isQuiet, coreMicros]).to.deep.equal([8, 8, true, 100]);
    expect(rows.map(({ name, ratio, shared }) => [name, ratio, shared])).to.deep.equal([
      ['copies', 1, undefined],
      ['copies with bookkeeping', 1.1, undefined],
    ]);
    expect(rows.map(({ perUnit, unit }) => [perUnit, unit])).to.deep.equal([
      [10_000, 'ns'],
      [110, 'ns per unit'],
    ]);
  });

  it('leaves rounds on a shared core out, and says what they found', () => {
    const host = new Host();
    // Each of the first twelve rounds but every other.
    host.isShared = () => {
      const round = Math.floor((host.readings - WARM_UP_READINGS) / ROUND_READINGS);
      return round >= 0 && round < 12 && round % 2 === 0;
    };
    const { rows, rounds, quietRounds, isQuiet } = host.measure();
    expect([rounds, quietRounds, isQuiet]).to.deep.equal([14, 8, true]);
    expect(rows[1]).to.include({ ratio: 1.1, low: 1.1, high: 1.1, shared: 1.2, perUnit: 110 });
  });

  it('waits for the neighbour to go, once half of the rounds did not', () => {
    const host = new Host();
    host.isShared = () => host.readings >= WARM_UP_READINGS && host.now < 1e6;
    const { rounds, quietRounds, rows } = host.measure({ patienceMicros: 2e6 });
    expect([rounds, quietRounds]).to.deep.equal([12, 8]);
    expect(rows[1]).to.include({ ratio: 1.1 });
    // Four rounds have no median worth printing.
    expect(rows[1]?.shared).to.equal(undefined);
  });

  it('counts all rounds where the neighbour stays, and says so', () => {
    const host = new Host();
    host.isShared = () => true;
    const { rows, rounds, quietRounds, isQuiet } = host.measure({ patienceMicros: 10_000 });
    expect([rounds, quietRounds, isQuiet]).to.deep.equal([24, 0, false]);
    expect(rows[1]).to.include({ ratio: 1.2, shared: undefined });
    // The patience is for all rounds together.
    expect(host.readings - WARM_UP_READINGS - 24 * ROUND_READINGS).to.equal(10_000 / 200);
  });

  it('does not take one quiet round of 24 for its word, but two', () => {
    for (const [quietTo, isQuiet] of [
      [1, false],
      [2, true],
    ] as const) {
      const host = new Host();
      host.isShared = () => host.readings >= WARM_UP_READINGS + quietTo * ROUND_READINGS;
      expect(host.measure()).to.include({ rounds: 24, quietRounds: quietTo, isQuiet });
    }
  });
});

describe('sizesOf', () => {
  it('compares with the baseline', () => {
    const { rows, isQuiet } = sizesOf({
      name: 'sizes',
      title: 'sizes',
      baseline: { name: 'all', bytes: 200 },
      sizes: [{ name: 'half', bytes: 100 }],
    });
    expect(isQuiet).to.equal(true);
    expect(rows.map(({ name, ratio, perUnit, unit }) => [name, ratio, perUnit, unit])).to.deep.equal([
      ['all', 1, 200, 'bytes'],
      ['half', 0.5, 100, 'bytes'],
    ]);
  });
});
