import { expect } from 'chai';
import { EXPERIMENTS, runExperiment } from 'scatterlist/lab';
import { Measured, experimentEntries } from '../../../../site/lab/experiments/measured.ts';

let now = 0;
const clock = (): number => (now += 5);

describe('site/lab/experiments/measured', () => {
  it('lists every experiment with its small parameters', () => {
    expect(experimentEntries().map(({ name, small }) => [name, small])).to.deep.equal(
      EXPERIMENTS.map(({ name, smoke }) => [name, smoke]),
    );
  });

  for (const experiment of EXPERIMENTS) {
    it(`gives what runExperiment gives: ${experiment.name}`, () => {
      const { name, smoke } = experiment;
      const weighed = new Measured(clock).weigh({ name, parameters: smoke, constants: {}, seed: 1 });
      const { rows, conclusion, chart, constants } = runExperiment(experiment, { parameters: smoke });
      const { used, ...result } = weighed;
      expect(result).to.deep.include({ rows, conclusion, chart, milliseconds: 5 });
      expect([...used].sort()).to.deep.equal(constants.map((one) => one.name).sort());
    });
  }

  it('weighs the counts again for other constants, and runs again for other parameters', () => {
    const measured = new Measured(clock);
    const setting = { name: 'context-switch', parameters: { preemptions: 10 }, constants: {}, seed: 1 };
    const first = measured.weigh(setting);
    const dear = measured.weigh({ ...setting, constants: { contextSwitch: 999_999 } });
    expect([first.milliseconds, dear.milliseconds]).to.deep.equal([5, 0]);
    expect(dear.rows).to.deep.equal(
      runExperiment(EXPERIMENTS.find(({ name }) => name === 'context-switch') ?? expect.fail(), {
        parameters: { preemptions: 10 },
        constants: { contextSwitch: 999_999 },
      }).rows,
    );
    expect(measured.weigh({ ...setting, parameters: { preemptions: 20 } }).milliseconds).to.equal(5);
  });

  it('refuses what there is not, in one line', () => {
    const measured = new Measured(clock);
    const setting = { name: 'none', parameters: {}, constants: {}, seed: 1 };
    expect(() => measured.weigh(setting)).to.throw('there is no experiment "none"');
    expect(() => measured.weigh({ ...setting, name: 'cpus', parameters: { cpusMost: 3 } })).to.throw(
      'parameter cpusMost is 3; it must be a power of two from 1 to 64 CPUs',
    );
  });
});
