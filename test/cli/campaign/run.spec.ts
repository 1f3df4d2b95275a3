import { expect } from 'chai';
import { pieceExplorer, sharedStatesMemory } from 'scatterlist/explore';
import type { PieceExplorer } from 'scatterlist/explore';
import { Bag } from '../../../lib/cli/campaign/bag.ts';
import type { Job } from '../../../lib/cli/campaign/bag.ts';
import { runCampaign } from '../../../lib/cli/campaign/run.ts';
import type { Crew, Done } from '../../../lib/cli/campaign/run.ts';
import { counter, steps } from '../../explore/programs.ts';

/** Workers that take turns in this thread, and stop after a few schedules. */
class Turns implements Crew {
  readonly size = 2;
  jobs = 0;
  #isStopped = false;
  private readonly explorer: PieceExplorer;
  private readonly loses: boolean;
  readonly #tables = new Map<string, SharedArrayBuffer>();

  constructor(explorer: PieceExplorer, loses = false) {
    this.explorer = explorer;
    this.loses = loses;
  }

  async run(job: Job): Promise<Done> {
    await Promise.resolve();
    this.jobs += 1;
    const states = this.#tables.get(job.table) ?? sharedStatesMemory(1000);
    this.#tables.set(job.table, states);
    const once = (): ReturnType<PieceExplorer['run']> =>
      this.explorer.run(job, { states, isOver: () => this.#isStopped, isEnough: (ended) => ended >= 1 });
    // What the first attempt entered stays behind; the second must not use it.
    const wasLost = this.loses && this.jobs % 3 === 0;
    if (wasLost) {
      once();
      const fresh = sharedStatesMemory(1000);
      return { result: this.explorer.run(job, { states: fresh, isEnough: () => true }), wasLost };
    }
    return { result: once(), wasLost };
  }

  want(): void {
    // Every job ends soon.
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
