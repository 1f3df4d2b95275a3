import { expect } from 'chai';
import { defineProgram, explore, isDefinedProgram, pieceExplorer } from 'scatterlist/explore';
import type { Outcome, Program } from 'scatterlist/explore';
import { exploreTogether } from '../../../lib/cli/explore/together.ts';
import type { Search } from '../../../lib/cli/explore/together.ts';
import type { Help, Outside } from '../../../lib/cli/explore/outside.ts';
import { counter } from '../../explore/programs.ts';

interface Ran {
  readonly outcome: Outcome;
  readonly helps: readonly Help[];
  readonly found: readonly Outcome[];
}

/** Explores a program. What would be helping threads does all of it at once, in this thread. */
function ran<S extends object>(program: Program<S>, search: Partial<Search> = {}, stop?: string): Ran {
  const defined = defineProgram(program);
  if (!isDefinedProgram(defined)) throw new Error('no program');
  const helper = pieceExplorer(program);
  const helps: Help[] = [];
  const found: Outcome[] = [];
  const outside: Outside = {
    signal: stop === undefined ? undefined : { aborted: true, reason: stop },
    columns: undefined,
    showsProgress: false,
    enter: () => undefined,
    tell: () => undefined,
    help: (help) => {
      helps.push(help);
      helper.run(help.job, { memory: help.memory });
    },
    found: (outcome) => found.push(outcome),
  };
  const outcome = exploreTogether(defined, { budget: {}, helpers: 1, helpAfterMs: 0, ...search }, outside);
  return { outcome, helps, found };
}

function ruleOf(outcome: Outcome): string {
  return outcome.kind === 'violation' ? outcome.violation.rule : '';
}

describe('exploreTogether', () => {
  it('comes to the same with help and without', () => {
    for (const helpers of [0, 1]) {
      const good = ran(counter(true), { helpers });
      expect([good.outcome.kind, good.helps.length > 0]).to.deep.equal(['exhausted', helpers > 0]);
      const bad = ran(counter(), { helpers });
      const alone = explore(counter());
      expect(ruleOf(bad.outcome)).to.equal(ruleOf(alone)).and.not.equal('');
      expect(bad.found.map(({ kind }) => kind)).to.deep.equal(['violation']);
    }
  });

  it('takes what a helper found for its own', () => {
    const { outcome, helps } = ran(counter(true));
    const alone = ran(counter(true), { helpers: 0 }).outcome;
    // One schedule here, all others there.
    expect(helps.map(({ threads }) => threads)).to.deep.equal([1]);
    expect(outcome.counts.schedules).to.be.within(2, alone.counts.schedules + 2);
  });

  it('asks for no help before the time', () => {
    expect(ran(counter(true), { helpAfterMs: 60_000 }).helps).to.deep.equal([]);
  });

  it('begins again alone where tasks loop', () => {
    const { outcome, helps } = ran({
      setup: () => ({ flag: { up: false } }),
      tasks: {
        *poll({ flag }: { readonly flag: { up: boolean } }) {
          while (!flag.up) yield;
        },
        *wait() {
          yield;
        },
      },
    });
    expect(ruleOf(outcome)).to.equal('livelock');
    expect(helps.some(({ job }) => job.isAlone)).to.equal(false);
  });

  it('stops at each limit, and says which', () => {
    const kinds = (search: Partial<Search>, stop?: string): unknown => {
      const { outcome } = ran(counter(true), { helpers: 0, ...search }, stop);
      return outcome.kind === 'outOfBudget' && [outcome.limit, outcome.what];
    };
    expect(kinds({ budget: { schedules: 1 } })).to.deep.equal(['schedules', undefined]);
    expect(kinds({ budget: { milliseconds: 0 } })).to.deep.equal(['milliseconds', undefined]);
    expect(kinds({}, 'interrupted')).to.deep.equal(['stopped', 'interrupted']);
  });
});
