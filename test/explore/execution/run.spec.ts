import { expect } from 'chai';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage } from 'scatterlist/machine';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { Observed } from '../../../lib/explore/execution/observed.ts';
import { Run, configOf } from '../../../lib/explore/execution/run.ts';
import { Resources } from '../../../lib/explore/observer.ts';

function runOf(program: Program, isKnown = false): Run {
  const options = {
    program,
    resources: new Resources(),
    keep: false,
    config: configOf(program, false, new Set()),
    keepSites: false,
    allowed: new Set<string>(),
  };
  return new Run(options, undefined, new Observed(true), isKnown);
}

describe('Run', () => {
  const mapping: Program = {
    tasks: {},
    setup: (machine) => {
      const page = machine.allocPage({ zone: 'highmem' });
      kmapLocalPage(machine.executing.task, page);
      return { page, count: 1 };
    },
  };

  it('sets the program up on a machine of its own', () => {
    const [first, second] = [runOf(mapping), runOf(mapping)];
    expect(first.machine).to.not.equal(second.machine);
    expect(first.baseline.size).to.equal(1);
    expect(first.sharedState.watched).to.have.property('count', 1);
    expect(first.hashState([], true)).to.equal(second.hashState([], true));
  });

  it('has one configuration for all schedules, in which none can leave anything', () => {
    const config = configOf({ tasks: {}, machine: { cpus: 3, lowmemPages: 5 } }, false, new Set(['leak']));
    expect(config).to.include({ cpus: 3, lowmemPages: 5, highmemPages: 64, mode: 'checked', trace: false });
    expect(Object.isFrozen(runOf(mapping).machine.config)).to.equal(true);
  });

  it('observes the set-up, unless that was done before', () => {
    expect(runOf(mapping).observer.seen.allocated.size).to.equal(1);
    const known = runOf(mapping, true);
    expect([known.observer.seen.allocated.size, known.observer.isOn]).to.deep.equal([0, false]);
  });

  it('refuses a set-up that returns no object', () => {
    expect(() => runOf({ tasks: {}, setup: () => 5 as never })).to.throw(
      ConfigError,
      'setup returned number',
    );
  });
});
