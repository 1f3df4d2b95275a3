import { expect } from 'chai';
import { explore, formatSchedule, pct } from 'scatterlist/explore';
import { counter, found, steps } from '../programs.ts';

describe('pct', () => {
  it('finds a lost update', () => {
    expect(found(explore(counter(), pct())).violation.rule).to.equal('lost-write');
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
