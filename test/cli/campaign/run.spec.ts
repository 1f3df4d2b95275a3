import { expect } from 'chai';
import { nextSearchMemory, pieceExplorer, sharedSearchMemory } from 'scatterlist/explore';
import type { PackedPiece, PieceExplorer, PiecesResult, SharedSearchMemory } from 'scatterlist/explore';
import { Bag, NO_WORK } from '../../../lib/cli/campaign/bag.ts';
import type { Job } from '../../../lib/cli/campaign/bag.ts';
import { runCampaign } from '../../../lib/cli/campaign/run.ts';
import type { Crew } from '../../../lib/cli/campaign/run.ts';
import { counter, steps } from '../../explore/programs.ts';

/** Workers that take turns in this thread, and stop after a few schedules. */
class Turns implements Crew {
  readonly size = 2;
  readonly title = 'two in turns';
  readonly work = NO_WORK;
  jobs = 0;
  #isStopped = false;
  private readonly explorer: PieceExplorer;
  private readonly loses: boolean;
  readonly #tables = new Map<string, SharedSearchMemory>();

  constructor(explorer: PieceExplorer, loses = false) {
    this.explorer = explorer;
    this.loses = loses;
  }

  async run(job: Job, onLeft: (left: readonly PackedPiece[]) => void): Promise<PiecesResult> {
    await Promise.resolve();
    this.jobs += 1;
    const known = this.#tables.get(job.table) ?? sharedSearchMemory(1000);
    this.#tables.set(job.table, known);
    const once = (): PiecesResult =>
      this.explorer.run(job, {
        memory: nextSearchMemory(known),
        isOver: () => this.#isStopped,
        isEnough: (ended, rest) => {
          onLeft(rest());
          return ended >= 1;
        },
      });
    // What a lost attempt has explored to its end stays behind.
    if (this.loses && this.jobs % 3 === 0) once();
    return once();
  }

  ask(): void {
    // What is left is told after each schedule.
  }

  stop(): void {
    this.#isStopped = true;
  }
}

describe('runCampaign', () => {
  it('explores to the end, also where attempts are lost', async () => {
    for (const loses of [false, true]) {
      const bag = new Bag();
      const crew = new Turns(pieceExplorer(counter(true)), loses);
      expect(await runCampaign(bag, crew)).to.equal(undefined);
      expect([bag.isDone, bag.found, crew.jobs > 2]).to.deep.equal([true, [], true]);
    }
  });

  it('ends with a violation', async () => {
    for (const loses of [false, true]) {
      const bag = new Bag();
      await runCampaign(bag, new Turns(pieceExplorer(counter()), loses));
      expect(bag.found[0]?.rule).to.equal('final-check');
    }
  });

  it('stops at each limit, with all that is left', async () => {
    const stop = new AbortController();
    stop.abort();
    for (const [options, limit] of [
      [{ budget: { schedules: 1 } }, 'schedules'],
      [{ budget: { steps: 1 } }, 'steps'],
      [{ budget: { milliseconds: 0 } }, 'milliseconds'],
      [{ signal: stop.signal }, 'stopped'],
    ] as const) {
      const bag = new Bag();
      const explorer = pieceExplorer(counter(true));
      expect(await runCampaign(bag, new Turns(explorer), options)).to.equal(limit);
      const later = new Bag(bag.left);
      expect(await runCampaign(later, new Turns(explorer))).to.equal(undefined);
      expect(later.isDone).to.equal(true);
    }
  });

  it('tells how far it is', async () => {
    const bag = new Bag();
    await runCampaign(bag, new Turns(pieceExplorer(steps(1, 1))));
    expect(bag.progress).to.equal(1);
    expect(bag.counts.schedules).to.be.greaterThan(0);
  });
});
