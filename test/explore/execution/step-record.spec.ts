import { expect } from 'chai';
import { Execution, explain, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { STOP } from '../../../lib/explore/world.ts';

const program: Program = {
  machine: { cpus: 2 },
  tasks: {
    first: {
      cpu: 1,
      *run({ machine }) {
        machine.allocPage({ zone: 'highmem' });
        yield;
      },
    },
  },
  devices: { *card() {} },
};

describe('recordStep', () => {
  it('says which decision began a step, who took it where, and which event was its first', () => {
    const { steps, events } = explain(program, parseSchedule('0.1.0'));
    expect(steps.map(({ at, choice, actor, cpu }) => [at, choice, actor, cpu])).to.deep.equal([
      [0, 0, 0, 1],
      [1, 1, 1, -1],
      [2, 0, 0, 1],
    ]);
    expect(steps[0]?.firstEvent).to.equal(0);
    expect(steps[1]?.firstEvent).to.be.greaterThan(0);
    expect(steps[2]?.firstEvent).to.be.at.most(events.length);
  });

  it('is done only for a report', () => {
    for (const [keep, count] of [
      [true, 1],
      [false, 0],
    ] as const) {
      const world = new Execution(program, keep);
      world.begin(() => STOP);
      world.take(0);
      expect(world.steps).to.have.length(count);
    }
  });
});
