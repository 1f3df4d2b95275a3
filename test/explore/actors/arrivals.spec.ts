import { expect } from 'chai';
import sinon from 'sinon';
import { createMachine } from 'scatterlist';
import type { InterruptSpec } from 'scatterlist/explore';
import { onMachine } from '../programs.ts';
import { Hash } from '../../../lib/base/hash.ts';
import { Arrivals } from '../../../lib/explore/actors/arrivals.ts';

describe('Arrivals', () => {
  const machine = createMachine({ cpus: 2 });
  const stage = {
    ...onMachine(machine),
    program: { tasks: {} },
    shared: {},
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

  it('are due for ever where they are raised and no number is declared, and as often as declared where one is', () => {
    const [open, twice] = [arrivals({ onlyRaised: true }), arrivals({ onlyRaised: true, times: 2 })];
    for (const each of [open, twice]) {
      each.raised = 9;
      for (let i = 0; i < 3; i += 1) each.serve();
    }
    expect([open.due, twice.due, open.raised]).to.deep.equal([true, false, 6]);
    const plain = arrivals({});
    plain.serve();
    expect([plain.raised, plain.served]).to.deep.equal([0, 1]);
  });

  it('evaluate the condition once more when they are served', () => {
    const when = sinon.stub().returns(true);
    arrivals({ when }).serve();
    expect(when.callCount).to.equal(1);
    expect(when.firstCall.args[0]).to.include({ machine });
  });

  it('are urgent until each that was raised is served', () => {
    const urgent = arrivals({ kind: 'softirq', onlyRaised: true });
    Object.assign(urgent, { raised: 2, raisedOn: 1, urgent: true });
    urgent.serve();
    expect(urgent.urgent).to.equal(true);
    urgent.serve();
    expect([urgent.urgent, urgent.raisedOn]).to.deep.equal([false, -1]);
  });

  it('are another state for each number that they keep', () => {
    const key = (change: object): number => {
      const hash = new Hash();
      Object.assign(arrivals({}), change).addTo(hash);
      return hash.value;
    };
    const changes = [{}, { raised: 1 }, { raisedOn: 0 }, { raisedOn: 1 }, { served: 1 }, { urgent: true }];
    expect(new Set(changes.map(key)).size).to.equal(changes.length);
    expect(key({ urgent: true })).to.equal(key({ urgent: true }));
  });
});
