import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { explore, formatSchedule, random } from 'scatterlist/explore';
import { counter, found, steps } from '../programs.ts';

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

  it('runs as many schedules as it is told, the same ones for a seed, whatever the version', () => {
    const seen: string[] = [];
    explore(steps(2, 2, 1), random({ seed: 7, schedules: 4 }), {
      onSchedule: ({ schedule }) => {
        seen.push(formatSchedule(schedule));
      },
    });
    expect(seen).to.deep.equal(['2.2.0.0.0.1.1.1', '2.0.2.1.0.0.1.1', '0.2.0.0.1.1.2.1', '2.2.0.0.0.1.1.1']);
    expect(explore(steps(1), random({ schedules: 0 })).counts.schedules).to.equal(0);
    const strategy = random({ schedules: 4 });
    strategy.begin();
    expect([strategy.progress, strategy.states, strategy.name]).to.deep.equal([0.25, 0, 'random']);
    for (const options of [{ seed: -1 }, { seed: 0.5 }, { schedules: -1 }])
      expect(() => random(options)).to.throw(ConfigError);
  });

  it('repeats itself with the same seed only', () => {
    expect(schedules(1)).to.deep.equal(schedules(1));
    expect(schedules(1)).to.not.deep.equal(schedules(2));
    expect(new Set(schedules(1)).size).to.be.greaterThan(1);
  });
});
