import { expect } from 'chai';
import { CONSTANTS, defineExperiment, isExperiment } from '../../../lib/entries/lab.ts';
import { spec, toy } from './toy.ts';

describe('defineExperiment', () => {
  it('makes an experiment, with the constants of all and its own', () => {
    expect(isExperiment(toy)).to.equal(true);
    expect(isExperiment(spec)).to.equal(false);
    expect(isExperiment(null)).to.equal(false);
    expect(Object.keys(toy.constants)).to.deep.equal([...Object.keys(CONSTANTS), 'own']);
    expect(toy.smoke).to.deep.equal({ flushes: 2, share: 0.5, slots: 8 });
  });

  it('runs once and weighs as often as one likes', () => {
    const measurement = toy.measure({ flushes: 3 }, 1);
    expect(measurement.parameters).to.deep.include({ flushes: 3 });
    const rows = (flush: number) => measurement.rows((name) => (name === 'localFlush' ? flush : 1));
    expect(rows(10)[0]?.['cycles']).to.equal(30);
    expect(rows(20)[0]?.['cycles']).to.equal(60);
    expect(measurement.conclude(rows(10)).verdict).to.equal('holds');
  });

  it('draws the same numbers for the same seed', () => {
    const drawn = (seed: number) => toy.measure({}, seed).rows(() => 1)[0]?.['drawn'];
    expect(drawn(1)).to.equal(drawn(1));
    expect(drawn(1)).to.not.equal(drawn(2));
  });

  it('refuses a specification that lacks a part, has an unknown one, or a name that is none', () => {
    const made = (changed: object) => () => defineExperiment({ ...spec, ...changed });
    expect(made({ name: 'Two words' })).to.throw(
      "the name of an experiment is 'Two words'; it must be small letters, digits and hyphens",
    );
    expect(made({ method: undefined, run: undefined })).to.throw('an experiment has no method, run');
    expect(made({ methods: 'x' })).to.throw("an experiment has no option 'methods'");
    expect(made({ smoke: { flushes: -1 } })).to.throw('parameter flushes is -1');
  });
});
