import { expect } from 'chai';
import { runExperiment } from 'scatterlist/lab';
import { toy } from './toy.ts';

describe('runExperiment', () => {
  it('gives plain data, the same for the same seed', () => {
    const result = runExperiment(toy, { seed: 3 });
    expect(JSON.parse(JSON.stringify(result))).to.deep.equal(result);
    expect(runExperiment(toy, { seed: 3 })).to.deep.equal(result);
    expect(result).to.deep.include({
      name: 'toy',
      seed: 3,
      parameters: { flushes: 1, share: 0.5, slots: 8 },
    });
    expect(result.rows[1]).to.deep.equal({ what: 'locks', cycles: 40 });
  });

  it('takes other constants, and tells what was replaced', () => {
    const { constants, conclusion } = runExperiment(toy, { constants: { localFlush: 30 } });
    expect(conclusion.verdict).to.equal('does not hold');
    expect(constants.find(({ name }) => name === 'localFlush')).to.deep.include({
      cycles: 30,
      replaced: 120,
    });
    expect(constants.find(({ name }) => name === 'lock')).to.not.have.property('replaced');
  });

  it('refuses a constant, a parameter or a seed that is none', () => {
    expect(() => runExperiment(toy, { constants: { nix: 1 } })).to.throw("no constant 'nix'");
    expect(() => runExperiment(toy, { parameters: { nix: 1 } })).to.throw("no parameter 'nix'");
    expect(() => runExperiment(toy, { seed: -1 })).to.throw('seed is -1');
  });

  it('has rows in real time only with a clock, and only if the experiment has them', () => {
    expect(runExperiment(toy, { clock: () => 0 })).to.not.have.property('realTime');
  });
});
