import { expect } from 'chai';
import sinon from 'sinon';
import { defineProgram, isDefinedProgram } from 'scatterlist/explore';
import type { DefinedProgram } from 'scatterlist/explore';
import example from '../../../examples/explore/atomic-to-local.ts';
import { PROCESS } from '../../../lib/cli/explore/outside.ts';
import type { Outside } from '../../../lib/cli/explore/outside.ts';
import { report } from '../../../lib/cli/explore/report.ts';
import { telling } from '../../../lib/cli/explore/telling.ts';

function defined(): DefinedProgram {
  const program: unknown = defineProgram(example);
  if (!isDefinedProgram(program)) throw new Error('not defined');
  return program;
}
const addOne = defined();

/** What some work prints on both outputs, each look at the clock being so many milliseconds after the one before. */
function printed(step: number, work: () => void): { readonly out: string; readonly err: string } {
  const text = { out: '', err: '' };
  let now = 0;
  const stubs = [
    sinon.stub(Date, 'now').callsFake(() => (now += step)),
    sinon.stub(process.stdout, 'write').callsFake((chunk) => {
      text.out += String(chunk);
      return true;
    }),
    sinon.stub(process.stderr, 'write').callsFake((chunk) => {
      text.err += String(chunk);
      return true;
    }),
  ];
  try {
    work();
  } finally {
    for (const stub of stubs) stub.restore();
  }
  return text;
}

const outside = (more: Partial<Outside>): Outside => ({
  ...PROCESS,
  columns: 80,
  showsProgress: false,
  ...more,
});

describe('telling a schedule', () => {
  const tell = (world: Outside): void => {
    telling(addOne, [0, 0, 0], world, 1e9);
  };

  it('shows on a terminal how far it is, and removes the line', () => {
    const { out, err } = printed(300, () => {
      tell(outside({ showsProgress: true }));
    });
    expect(out).to.equal('');
    const [first, ...lines] = err.split('\r\x1b[K');
    expect([first, lines.at(-1)]).to.deep.equal(['', '']);
    expect(lines.length).to.be.greaterThan(2);
    for (const line of lines.slice(0, -1))
      expect(line).to.match(/^running the schedule for the report, \d+ %, \d\.\d s$/);
  });

  it('shows no line where it is fast, and none if it goes to no terminal', () => {
    expect(
      printed(1, () => {
        tell(outside({ showsProgress: true }));
      }).err,
    ).to.equal('');
    expect(
      printed(300, () => {
        tell(outside({}));
      }).err,
    ).to.equal('');
  });

  it('ends with its time; the report then says what is known', () => {
    const counts = { schedules: 1, steps: 2, states: 3, pruned: 4, milliseconds: 5 };
    const context = { irq: 'task', task: 'a' };
    const violation = { rule: 'leak', severity: 'bug', what: 'it leaks', details: [], context };
    const { out } = printed(40_000, () => {
      const outcome: unknown = {
        kind: 'violation',
        strategy: 's',
        counts,
        unseen: [],
        violation,
        schedule: '0.0',
        switches: 0,
      };
      expect(report(addOne, outcome as Parameters<typeof report>[1], {}, 'a.ts', outside({}))).to.equal(1);
    });
    expect(out).to.equal(
      "leak: it leaks. Schedule '0.0'. 1 schedules, 2 steps, 3 states, 4 cut short, 0.01 s (s)\n" +
        '  The time for the report ended; scatterlist replay with a larger --budget tells more.\n',
    );
  });

  it('has five seconds after the thread was told to stop', () => {
    const stopped = outside({ signal: { aborted: true } });
    const told: unknown[] = [];
    for (const step of [10, 2000])
      printed(step, () => {
        told.push(telling(addOne, [0, 0, 0], stopped).stopped);
      });
    expect(told).to.deep.equal([undefined, true]);
  });

  it('is ended by a signal that comes while it runs, and not by one that came before', () => {
    let isGiven = true;
    const given = outside({
      signal: {
        get aborted() {
          return isGiven;
        },
      },
    });
    expect(telling(addOne, [0, 0], given).stopped).to.equal(undefined);
    isGiven = false;
    let looks = 0;
    const coming = outside({
      signal: {
        get aborted() {
          looks += 1;
          return looks > 1;
        },
      },
    });
    expect(telling(addOne, [0, 0], coming).stopped).to.equal(true);
  });
});
