import { expect } from 'chai';
import fc from 'fast-check';
import { exhaustive, explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import type { Sleeping } from 'scatterlist/machine';
import {
  NOT_SEEN,
  nextSearchMemory,
  pieceExplorer,
  seesMore,
  sharedSearchMemory,
} from '../../lib/explore/pieces.ts';
import { WHOLE } from '../../lib/explore/strategies/piece.ts';
import type { PiecesResult } from '../../lib/explore/pieces.ts';
import type { PackedPiece } from '../../lib/explore/strategies/piece.ts';
import { counter } from './programs.ts';
import { programOf, shapes } from './random-programs.ts';

interface Shared {
  readonly rules: readonly string[];
  readonly steps: number;
  readonly states: number;
  readonly jobs: number;
}

/** Larger programs would take the time of many. */
const MOST_STEPS = 600;

/** Explores a program with several workers in one thread, which stop after a few schedules and take any piece. */
function share<S extends object>(program: Program<S>, workers: number, random: () => number): Shared {
  const rules = new Set<string>();
  const explorers = Array.from({ length: workers }, () => pieceExplorer(program));
  let memory = sharedSearchMemory(5000);
  let bag: PackedPiece[] = [WHOLE];
  let seen = NOT_SEEN;
  let sum = { steps: 0, states: 0, jobs: 0 };
  while (bag.length > 0) {
    const worker = explorers[Math.floor(random() * workers)];
    if (worker === undefined) throw new Error('no worker');
    const pieces = bag.splice(Math.floor(random() * bag.length), 1 + Math.floor(random() * 2));
    memory = nextSearchMemory(memory);
    let left = 1 + Math.floor(random() * 6);
    const result = worker.run(
      // As it would be after a journey.
      JSON.parse(JSON.stringify({ pieces, seen })) as { pieces: PackedPiece[]; seen: typeof seen },
      {
        memory,
        isEnough: () => {
          left -= 1;
          return left === 0;
        },
      },
    );
    if (result.nondeterministic !== undefined) throw new Error(result.nondeterministic.what);
    if (seesMore(result.seen, seen)) {
      seen = result.seen;
      memory = sharedSearchMemory(5000);
      bag = [WHOLE];
      rules.clear();
      sum = { steps: 0, states: 0, jobs: 0 };
      continue;
    }
    if (result.found !== undefined) rules.add(result.found.rule);
    bag.push(...result.rest);
    sum.jobs += 1;
    sum.steps += result.counts.steps;
    sum.states += result.counts.states;
  }
  return { rules: [...rules].sort(), ...sum };
}

function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (state >>> 0) / 2 ** 32;
  };
}

describe('pieceExplorer', () => {
  it('says that tasks loop, and follows loops alone', () => {
    const of = (isLive: boolean): PiecesResult => {
      const polls = pieceExplorer({
        setup: () => ({ flag: { up: false } }),
        tasks: {
          *poll({ flag }: { readonly flag: { up: boolean } }) {
            while (!flag.up) yield;
          },
          *raise({ flag }: { readonly flag: { up: boolean } }) {
            flag.up = isLive;
            yield;
          },
        },
      });
      const job = { pieces: [WHOLE], seen: NOT_SEEN };
      const together = polls.run(job);
      expect([together.loops, together.isEnd]).to.deep.equal([true, undefined]);
      return polls.run({ ...job, isAlone: true });
    };
    const [live, dead] = [of(true), of(false)];
    expect([live.isEnd, live.rest, live.found]).to.deep.equal([true, [], undefined]);
    expect([dead.isEnd, dead.found?.rule]).to.deep.equal([undefined, 'livelock']);
  });

  it('reaches with several workers what one search reaches, with about as many steps', () => {
    const sums = { compared: 0, jobs: 0, one: 0, shared: 0 };
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 3 }), fc.nat(), (shape, workers, seed) => {
        const alone = new Set<string>();
        const rules = new Set<string>();
        const { counts } = explore(programOf(shape, alone), exhaustive(), {
          budget: { steps: MOST_STEPS },
          shrink: false,
          onSchedule: ({ violation }) => {
            if (violation !== undefined) rules.add(violation.rule);
            return true;
          },
        });
        if (counts.steps >= MOST_STEPS) return;
        const together = new Set<string>();
        const parts = share(programOf(shape, together), workers, randomFrom(seed));
        expect([...together].sort()).to.deep.equal([...alone].sort());
        expect(parts.rules).to.deep.equal([...rules].sort());
        sums.compared += 1;
        sums.jobs += parts.jobs;
        sums.one += share(programOf(shape, alone), 1, () => 0.999).steps;
        sums.shared += parts.steps;
      }),
      { numRuns: Number(process.env['RUNS'] ?? 8), seed: Number(process.env['SEED'] ?? 12) },
    );
    if (process.env['PRINT'] !== undefined) console.log(JSON.stringify(sums));
    expect(sums.compared).to.be.greaterThan(0);
    expect(sums.shared / sums.one).to.be.lessThan(1.2);
  });

  it('gives back all that is left, wherever it is stopped, and no more than that', () => {
    // Each step reads and writes one place, so that no order is like another.
    const schedules = (most: number): readonly number[] => {
      const ends: string[] = [];
      function* task({ s }: { s: { order: string } }): Sleeping<void> {
        for (let i = 0; i < 2; i += 1) {
          s.order += 'x';
          yield;
        }
      }
      const program: Program<{ s: { order: string } }> = {
        setup: () => ({ s: { order: '' } }),
        tasks: {
          one: task,
          *two({ s, choose }) {
            const value = choose(3);
            yield;
            s.order += String(value);
          },
        },
        check: ({ s }) => {
          ends.push(s.order);
        },
      };
      let decisions = 0;
      let bag: readonly PackedPiece[] = [WHOLE];
      const explorer = pieceExplorer(program);
      const shares: number[] = [];
      let memory = sharedSearchMemory(5000);
      for (let jobs = 0; bag.length > 0 && jobs < 1000; jobs += 1) {
        decisions = 0;
        const isOver = (): boolean => (decisions += 1) > most;
        memory = nextSearchMemory(memory);
        bag = explorer.run({ pieces: bag, seen: NOT_SEEN }, { isOver, memory }).rest;
        shares.push(bag.reduce((sum, { share: part }) => sum + part, 0));
      }
      expect(shares.every((sum, i) => sum <= (shares[i - 1] ?? 1) + 1e-9)).to.equal(true);
      return [new Set(ends).size, ends.length];
    };
    const whole = schedules(Infinity);
    expect(whole[0]).to.equal(9);
    // A schedule has up to 9 decisions; with fewer, none would ever end.
    for (const most of [10, 11, 13, 16, 20, 29, 40]) {
      const [different = 0, all = 0] = schedules(most);
      expect([most, different]).to.deep.equal([most, 9]);
      expect(all).to.be.at.most(2 * (whole[1] ?? 0));
    }
  });

  it('stops at a violation, and where it comes to see more of the program', () => {
    const adding = pieceExplorer(counter());
    const failing = adding.run({ pieces: [WHOLE], seen: NOT_SEEN });
    expect(seesMore(failing.seen, NOT_SEEN)).to.equal(false);
    expect(failing.found?.rule).to.equal('final-check');
    expect(failing.rest.length).to.be.greaterThan(0);
    let hidden = 0;
    const explorer = pieceExplorer({
      tasks: {
        *one() {
          hidden = 1;
          yield;
        },
        *two() {
          hidden = 2;
          yield;
        },
      },
      check: () => hidden > 0,
    });
    const blind = explorer.run({ pieces: [WHOLE], seen: NOT_SEEN });
    expect(blind.seen.unseen.join()).to.match(/hidden/);
    expect(seesMore(blind.seen, NOT_SEEN)).to.equal(true);
    expect(blind.rest).to.have.length.greaterThan(0);
    // The same orders as by brute force: 4! / (2! 2!).
    const all = explorer.run({ pieces: [WHOLE], seen: blind.seen });
    expect([all.rest, all.counts.schedules, all.counts.states]).to.deep.equal([[], 6, 0]);
    expect(all.nondeterministic?.what).to.match(/hidden/);
  });

  it('says that a program is not deterministic', () => {
    let runs = 0;
    const result = pieceExplorer({
      tasks: {
        *one() {
          runs += 1;
          for (let left = runs % 3; left > 0; left -= 1) yield;
        },
        *two() {
          yield;
        },
      },
    }).run({ pieces: [WHOLE], seen: NOT_SEEN });
    expect(result.nondeterministic?.what ?? seesMore(result.seen, NOT_SEEN)).to.not.equal(false);
  });
});
