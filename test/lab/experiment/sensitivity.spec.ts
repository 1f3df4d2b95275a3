import { expect } from 'chai';
import { CONSTANTS, runExperiment } from 'scatterlist/lab';
import { FARTHEST, sensitivityOf } from '../../../lib/lab/experiment/sensitivity.ts';
import { toy } from './toy.ts';

describe('the sensitivity of a verdict', () => {
  const { sensitivity, conclusion } = runExperiment(toy);
  const row = (name: string) => sensitivity.find(({ constant }) => constant === name);

  it('is told for each constant that the rows read', () => {
    expect(sensitivity.map(({ constant }) => constant)).to.deep.equal(['localFlush', 'lock', 'own']);
  });

  it('names the nearest figures with another verdict', () => {
    // The flush of 120 is dearer than two locks of 20; at 40, and with a lock of 60, it is not.
    expect(row('localFlush')?.below?.at).to.be.within(39.9, 40);
    expect(row('localFlush')?.below?.verdict).to.equal('does not hold');
    expect(row('localFlush')?.above).to.equal(undefined);
    expect(row('lock')?.above?.at).to.be.within(60, 60.1);
    expect(row('lock')?.below).to.equal(undefined);
  });

  it('halves and doubles', () => {
    expect(row('localFlush')?.halved).to.deep.equal({ verdict: 'holds', figure: 60 });
    expect(row('localFlush')?.doubled).to.deep.equal({ verdict: 'holds', figure: 240 });
    expect(row('own')).to.deep.include({ halved: { verdict: 'holds', figure: 120 } });
  });

  it('finds a change that comes only at 0', () => {
    const measurement = toy.measure({ flushes: 100 }, 1);
    const found = sensitivityOf(measurement, { ...CONSTANTS, ...toy.constants }, 'localFlush', conclusion);
    expect(found.below?.at).to.be.within(0.39, 0.4);
    const zero = sensitivityOf(
      {
        ...measurement,
        conclude: (rows) => ({
          ...conclusion,
          verdict: Number(rows[0]?.['cycles']) > 0 ? 'holds' : 'does not hold',
        }),
      },
      { ...CONSTANTS, ...toy.constants },
      'localFlush',
      conclusion,
    );
    expect(zero.below).to.deep.equal({ at: 0, verdict: 'does not hold' });
  });

  it('tries figures above a constant that is 0', () => {
    const free = {
      ...CONSTANTS,
      ...toy.constants,
      lock: { cycles: 0, source: '', how: 'estimate' },
    } as const;
    const found = sensitivityOf(toy.measure({}, 1), free, 'lock', conclusion);
    expect(found.above?.at).to.be.within(60, 60.1);
    expect(found.above?.at).to.be.below(FARTHEST);
  });
});
