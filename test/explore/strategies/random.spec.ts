import { expect } from 'chai';
import { explore, formatSchedule, random } from 'scatterlist/explore';
import { counter, found } from '../programs.ts';

function schedules(seed: number): readonly string[] {
  const seen: string[] = [];
  explore(counter(true), random({ seed, schedules: 20 }), {
    onSchedule: ({ schedule }) => {
      seen.push(formatSchedule(schedule));
    },
  });
  return seen;
}

describe('random', () => {
  it('finds what every second schedule shows', () => {
    expect(found(explore(counter(), random())).violation.rule).to.equal('lost-write');
  });

  it('repeats itself with the same seed only', () => {
    expect(schedules(1)).to.deep.equal(schedules(1));
    expect(schedules(1)).to.not.deep.equal(schedules(2));
    expect(new Set(schedules(1)).size).to.be.greaterThan(1);
  });
});
