import { expect } from 'chai';
import { explain, formatSchedule, parseSchedule } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import type { Machine } from 'scatterlist/machine';
import { listening } from '../../lib/explore/schedule-listener.ts';
import { replaySchedule } from '../../lib/explore/strategies/replay.ts';
import { counter } from './programs.ts';

const irq: Program = {
  machine: { cpus: 1 },
  setup: (machine: Machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
  tasks: {
    *one({ task }) {
      task.machine.checkLeaks();
      yield;
    },
  },
  interrupts: { done: { kind: 'hardirq', run: () => undefined } },
};

describe('a listener of explain', () => {
  it('hears each decision with what else was possible, before it is made', () => {
    const heard: (readonly [options: string, steps: number])[] = [];
    let events = 0;
    const { schedule } = explain(irq, parseSchedule('0.1.0'), {
      listener: {
        decides: ({ choices }) => heard.push([formatSchedule(choices), events]),
        happened: () => (events += 1),
      },
    });
    expect(heard.map(([options]) => options)).to.deep.equal(['0.1', '0.1', '0']);
    expect(schedule).to.have.length(heard.length);
    expect(heard.map(([, before]) => before)).to.deep.equal(heard.map(([, before]) => before).sort());
    expect(heard[0]?.[1]).to.equal(0);
  });

  it('hears the events of the steps, in order, with the machine as it is then', () => {
    const heard: string[] = [];
    const depths: number[] = [];
    const { events, steps } = explain(irq, parseSchedule('1.0.0'), {
      listener: {
        happened: ({ event }, machine) => {
          heard.push(event);
          depths.push(machine.hardware.cpu(0).hardirqDepth);
        },
      },
    });
    const setup = steps[0]?.firstEvent ?? 0;
    expect(setup).to.be.greaterThan(0);
    expect(heard).to.deep.equal(events.slice(setup).map(({ event }) => event));
    expect([depths[heard.indexOf('irq-enter')], depths[heard.indexOf('irq-exit')]]).to.deep.equal([1, 0]);
  });

  it('hears the end once, and nothing after it', () => {
    const heard: string[] = [];
    const told = explain(counter(), parseSchedule('0.1.1.0'), {
      listener: {
        decides: () => heard.push('decides'),
        happened: () => heard.push('happened'),
        ended: () => heard.push('ended'),
      },
    });
    expect(told.violation?.rule).to.equal('lost-write');
    expect(heard.indexOf('ended')).to.equal(heard.length - 1);
  });

  it('changes nothing of what is told', () => {
    const alone = explain(counter(), parseSchedule('0.1.1.0'));
    const heard = explain(counter(), parseSchedule('0.1.1.0'), { listener: { decides: () => undefined } });
    expect(heard.events).to.deep.equal(alone.events);
    expect(heard.schedule).to.deep.equal(alone.schedule);
  });

  it('is refused with a function of another name', () => {
    const listener = { decides: () => undefined, decided: () => undefined };
    expect(() => explain(counter(), [], { listener })).to.throw(
      "listener of explain has no option 'decided'",
    );
  });
});

describe('listening', () => {
  it('leaves the choice to the other strategy', () => {
    const asked: number[] = [];
    const strategy = listening(replaySchedule(parseSchedule('1')), ({ choices }) =>
      asked.push(choices.length),
    );
    expect([strategy.begin(), strategy.begin()]).to.deep.equal([true, false]);
    const point = {
      choices: [0, 1],
      inner: false,
      last: -1,
      footprint: undefined,
      stateKey: () => undefined,
    };
    expect(strategy.choose(point)).to.equal(1);
    expect(asked).to.deep.equal([2]);
  });
});
