import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { InterruptSpec } from 'scatterlist/explore';
import { Arrivals } from '../../../lib/explore/actors/arrivals.ts';

describe('Arrivals', () => {
  const machine = createMachine({ cpus: 2 });
  const stage = {
    machine,
    program: { tasks: {} },
    shared: {},
    raise: () => undefined,
    softirqFirst: () => false,
  };
  const arrivals = (spec: Partial<InterruptSpec<object>>): Arrivals =>
    new Arrivals(stage, { kind: 'hardirq', run: () => undefined, ...spec });

  it('are due as often as declared', () => {
    const [once, twice] = [arrivals({}), arrivals({ times: 2 })];
    expect([once.due, twice.due]).to.deep.equal([true, true]);
    for (const each of [once, twice]) each.serve();
    expect([once.due, twice.due]).to.deep.equal([false, true]);
    twice.serve();
    expect(twice.due).to.equal(false);
  });

  it('are due once for each time that they were raised', () => {
    const raised = arrivals({ onlyRaised: true });
    expect(raised.due).to.equal(false);
    raised.raised = 2;
    raised.raisedOn = 1;
    expect(raised.cpus.map(({ id }) => id)).to.deep.equal([1]);
    raised.serve();
    expect([raised.due, raised.raisedOn]).to.deep.equal([true, 1]);
    raised.serve();
    expect([raised.due, raised.raisedOn]).to.deep.equal([false, -1]);
  });

  it('come to CPU 0, to the CPU that is named, or to any', () => {
    const cpus = (cpu: number | 'any' | undefined): readonly number[] =>
      arrivals(cpu === undefined ? {} : { cpu }).cpus.map(({ id }) => id);
    expect([cpus(undefined), cpus(1), cpus('any')]).to.deep.equal([[0], [1], [0, 1]]);
  });

  it('wait until the condition of the program is true', () => {
    let ready = false;
    const waiting = arrivals({ when: () => ready });
    expect(waiting.due).to.equal(false);
    ready = true;
    expect(waiting.due).to.equal(true);
  });
});
