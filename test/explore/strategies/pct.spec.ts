import { expect } from 'chai';
import { ConfigError } from 'scatterlist';
import { explore, formatSchedule, pct } from 'scatterlist/explore';
import type { PctOptions } from '../../../lib/explore/strategies/pct.ts';
import { counter, found, steps } from '../programs.ts';

describe('pct', () => {
  it('finds a lost update', () => {
    expect(found(explore(counter(), pct())).violation.rule).to.equal('lost-write');
  });

  function seen(options: PctOptions): readonly string[] {
    const schedules: string[] = [];
    explore(steps(2, 2, 1), pct(options), {
      onSchedule: ({ schedule }) => {
        schedules.push(formatSchedule(schedule));
      },
    });
    return schedules;
  }

  it('runs 1000 schedules for bugs of 3 orderings if it is told nothing', () => {
    expect(seen({})).to.deep.equal(seen({ depth: 3, seed: 1, schedules: 1000 }));
  });

  it('runs as many schedules as it is told, the same ones for a seed, whatever the version', () => {
    expect(seen({ depth: 3, seed: 7, schedules: 6 })).to.deep.equal([
      '0.0.0.2.2.1.1.1',
      '0.1.1.1.2.2.0.0',
      '2.2.0.0.0.1.1.1',
      '1.1.2.2.0.0.0.1',
      '1.1.1.2.2.0.0.0',
      '1.1.1.2.2.0.0.0',
    ]);
    // Without a change of priorities everybody goes on to the end.
    expect(seen({ depth: 1, seed: 7, schedules: 3 })).to.deep.equal([
      '0.0.0.1.1.1.2.2',
      '2.2.1.1.1.0.0.0',
      '2.2.0.0.0.1.1.1',
    ]);
    expect(seen({ schedules: 0 })).to.deep.equal([]);
    const strategy = pct({ schedules: 4 });
    strategy.begin();
    expect([strategy.progress, strategy.states, strategy.name]).to.deep.equal([0.25, 0, 'pct']);
  });

  it('refuses numbers that mean nothing', () => {
    for (const options of [{ depth: 0 }, { depth: 1.5 }, { seed: -1 }, { schedules: -1 }, { schedules: NaN }])
      expect(() => pct(options)).to.throw(ConfigError);
    expect(() => pct({ depht: 1 } as PctOptions)).to.throw(ConfigError, "pct has no option 'depht'");
    expect(() => pct({ depth: 1, seed: 0, schedules: 0 })).not.to.throw();
  });

  it('lets the actor of the highest priority go on but for depth - 1 changes', () => {
    explore(steps(5, 5), pct({ depth: 2, schedules: 50 }), {
      onSchedule: ({ schedule }) => {
        const text = formatSchedule(schedule).split('.');
        const switches = text.filter((actor, i) => i > 0 && actor !== text[i - 1]).length;
        expect(switches).to.be.at.most(3);
      },
    });
  });
});
