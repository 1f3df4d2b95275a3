import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { Execution } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { InvariantError } from '../../../lib/base/invariant.ts';
import { GivenUp } from '../../../lib/explore/actor.ts';
import { Acting } from '../../../lib/explore/execution/acting.ts';
import { Cast } from '../../../lib/explore/execution/cast.ts';
import { Observed } from '../../../lib/explore/execution/observed.ts';
import { Run, configOf } from '../../../lib/explore/execution/run.ts';
import { Resources } from '../../../lib/explore/observer.ts';
import { STOP } from '../../../lib/explore/world.ts';

const program: Program = { tasks: { *task() {} } };

function newRun(): Run {
  const options = {
    program,
    config: configOf(program, false, new Set()),
    resources: new Resources(),
    keep: false,
    keepSites: false,
    allowed: new Set<string>(),
  };
  return new Run(options, undefined, new Observed(false), false);
}

/** How a schedule ends that throws this in a step. */
function endedBy(error: unknown): Acting {
  const acting = new Acting(program);
  acting.during('step', newRun(), () => {
    throw error;
  });
  return acting;
}

describe('Acting', () => {
  it('takes what the program throws for a broken rule', () => {
    const acting = endedBy(new RangeError('too far'));
    expect([acting.violation?.rule, acting.isGivenUp, acting.isOver]).to.deep.equal([
      'exception',
      false,
      true,
    ]);
    expect(acting.violation?.what).to.include('too far');
  });

  it('gives a schedule up without a verdict, and keeps the first reason of all schedules', () => {
    const acting = endedBy(new GivenUp());
    expect([acting.violation, acting.isGivenUp, acting.unexplored]).to.deep.equal([
      undefined,
      true,
      undefined,
    ]);
    for (const why of ['it waits', 'it spins']) {
      acting.begin(() => undefined);
      expect(acting.isOver).to.equal(false);
      acting.try(newRun(), () => {
        throw new GivenUp(why);
      });
    }
    expect([acting.isOver, acting.unexplored]).to.deep.equal([true, 'it waits']);
  });

  it('throws mistakes in the program, and of this library', () => {
    for (const error of [new ConfigError('no'), new InvariantError('never')])
      expect(() => endedBy(error)).to.throw(error.message);
  });

  it('names what runs', () => {
    const acting = new Acting(program);
    const seen: (string | undefined)[] = [];
    const look = (): void => {
      seen.push(acting.running);
    };
    acting.begin(look);
    const world = new Execution(program);
    world.begin(() => STOP);
    acting.during('check', newRun(), look);
    acting.step = [new Cast(world).at(0), 0, undefined];
    acting.during('step', newRun(), () => {
      look();
      expect(acting.aside(() => acting.running ?? 'the strategy')).to.equal('the strategy');
      look();
    });
    look();
    expect(seen).to.deep.equal(['setup', 'check', 'task "task"', 'task "task"', undefined]);
  });
});
