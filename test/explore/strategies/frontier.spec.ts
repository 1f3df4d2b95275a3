import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { exhaustive, explore, formatSchedule, frontier, mergeOutcomes, shard } from 'scatterlist/explore';
import { counter, steps } from '../programs.ts';

const brute = { sleepSets: false, visited: false };

function all(program: ReturnType<typeof steps>, prefixes?: ReturnType<typeof frontier>): readonly string[] {
  const seen: string[] = [];
  explore(program, exhaustive(prefixes === undefined ? brute : { ...brute, prefixes }), {
    onSchedule: ({ schedule }) => {
      seen.push(formatSchedule(schedule));
    },
  });
  return seen.sort();
}

describe('frontier', () => {
  it('divides the schedules: each in exactly one shard', () => {
    const program = steps(2, 2, 1);
    const prefixes = frontier(program, 8);
    expect(prefixes.length).to.be.at.least(8);
    const parts = [0, 1, 2].map((i) => all(program, shard(prefixes, i, 3)));
    expect(parts.every((part) => part.length > 0)).to.equal(true);
    expect(parts.flat().sort()).to.deep.equal(all(program));
  });

  it('has every beginning of the least depth that gives enough', () => {
    const beginnings = (least: number): readonly string[] =>
      frontier(steps(1, 1), least).map((prefix) => formatSchedule(prefix));
    const two = ['0.0', '0.1', '1.1', '1.0'];
    expect([0, 1, 2, 3, 4].map((least) => beginnings(least))).to.deep.equal([
      [''],
      [''],
      ['0', '1'],
      two,
      two,
    ]);
    expect(beginnings(7)).to.deep.equal(['0.0.1.1', '0.1.1.0', '0.1.0.1', '1.1.0.0', '1.0.0.1', '1.0.1.0']);
    const prefixes = frontier(steps(1, 1), 4);
    expect([0, 1, 2].map((i) => shard(prefixes, i, 3).map((each) => formatSchedule(each)))).to.deep.equal([
      ['0.0', '1.0'],
      ['0.1'],
      ['1.1'],
    ]);
    for (const [index, count] of [
      [3, 3],
      [-1, 3],
      [0, 0],
      [0.5, 2],
    ] as const)
      expect(() => shard(prefixes, index, count)).to.throw(ConfigError);
  });

  it('finds in some shard what the whole finds', () => {
    const prefixes = frontier(counter(), 4);
    const outcomes = [0, 1].map((i) => explore(counter(), exhaustive({ prefixes: shard(prefixes, i, 2) })));
    expect(mergeOutcomes(outcomes)?.kind).to.equal('violation');
  });
});
