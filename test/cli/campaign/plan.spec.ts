import { expect } from 'chai';
import sinon from 'sinon';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WHOLE, defineProgram, isDefinedProgram, pieceExplorer } from 'scatterlist/explore';
import type { Outcome, PiecesResult, Program } from 'scatterlist/explore';
import { NO_WORK } from '../../../lib/cli/campaign/bag.ts';
import type { Job } from '../../../lib/cli/campaign/bag.ts';
import { runPlan } from '../../../lib/cli/campaign/plan.ts';
import type { Plan } from '../../../lib/cli/campaign/plan.ts';
import type { Crew } from '../../../lib/cli/campaign/run.ts';
import { counter } from '../../explore/programs.ts';

/** One worker in this thread, which ends after some schedules. */
function crewOf<S extends object>(program: Program<S>, schedules = Infinity): Crew & { jobs: Job[] } {
  const explorer = pieceExplorer(program);
  const jobs: Job[] = [];
  return {
    size: 1,
    title: 'one in this thread',
    work: NO_WORK,
    jobs,
    run: async (job: Job): Promise<PiecesResult> => {
      await Promise.resolve();
      jobs.push(job);
      return explorer.run(job, { isEnough: (ended) => ended >= schedules });
    },
    ask: () => undefined,
    stop: () => undefined,
  };
}

describe('runPlan', () => {
  let folder = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scatterlist-plan-'));
    file = join(folder, 'program.ts');
    writeFileSync(file, 'the text of the program');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const run = <S extends object>(
    program: Program<S>,
    crew: Crew,
    plan: Partial<Plan> = {},
  ): Promise<Outcome> => {
    const defined = defineProgram(program);
    if (!isDefinedProgram(defined)) throw new Error('no program');
    return runPlan(defined, { file, budget: {}, ...plan }, crew);
  };

  it('comes to an end, and to a violation that is shrunk', async () => {
    const good = await run(counter(true), crewOf(counter(true)));
    expect([good.kind, good.strategy, good.counts.schedules > 1]).to.deep.equal([
      'exhausted',
      'exhaustive',
      true,
    ]);
    const bad = await run(counter(), crewOf(counter(), 1));
    expect(bad.kind === 'violation' && [bad.violation.rule, bad.switches]).to.deep.equal(['lost-write', 2]);
  });

  it('writes at a limit what is left, and goes on from it', async () => {
    const checkpoint = join(folder, 'left.json');
    const first = await run(counter(true), crewOf(counter(true), 1), {
      budget: { schedules: 1 },
      checkpoint,
    });
    expect(first.kind === 'outOfBudget' && first.limit).to.equal('schedules');
    expect(readFileSync(checkpoint, 'utf8')).to.contain('scatterlist checkpoint');
    const crew = crewOf(counter(true));
    const rest = await run(counter(true), crew, { resume: checkpoint, checkpoint });
    expect([rest.kind, rest.counts.schedules > first.counts.schedules]).to.deep.equal(['exhausted', true]);
    expect(crew.jobs[0]?.pieces).not.to.deep.equal([WHOLE]);
    // What has come to its end has nothing left.
    expect((await run(counter(true), crewOf(counter(true)), { resume: checkpoint })).kind).to.equal(
      'exhausted',
    );
  });

  it('stops on a signal, with what was found so far', async () => {
    const crew = crewOf(counter(true), 1);
    const listeners = process.listenerCount('SIGINT');
    const running = run(counter(true), {
      ...crew,
      run: (job, onLeft) => {
        process.emit('SIGINT', 'SIGINT');
        return crew.run(job, onLeft);
      },
    });
    const outcome = await running;
    expect(outcome.kind === 'outOfBudget' && [outcome.limit, outcome.what]).to.deep.equal([
      'stopped',
      'interrupted',
    ]);
    expect(process.listenerCount('SIGINT')).to.equal(listeners);
  });

  it('says that one thread explores alone where tasks loop', async () => {
    const polls: Program<{ flag: { up: boolean } }> = {
      setup: () => ({ flag: { up: false } }),
      tasks: {
        *poll({ flag }) {
          while (!flag.up) yield;
        },
        *raise({ flag }) {
          flag.up = true;
          yield;
        },
      },
    };
    const crew = crewOf(polls);
    const slow: Crew = {
      ...crew,
      run: async (job, onLeft) => {
        if (job.isAlone) await new Promise((resolve) => setTimeout(resolve, 300));
        return crew.run(job, onLeft);
      },
    };
    const write = sinon.stub(process.stderr, 'write').returns(true);
    try {
      expect((await run(polls, slow)).kind).to.equal('exhausted');
      expect(write.args.flat().join('')).to.match(
        /program\.ts: tasks loop, so one thread explores all of it\n$/,
      );
    } finally {
      write.restore();
    }
    expect(crew.jobs.map(({ isAlone }) => isAlone).at(-1)).to.equal(true);
  });
});
