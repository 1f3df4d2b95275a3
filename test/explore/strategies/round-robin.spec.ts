import { expect } from 'chai';
import { explore, formatSchedule, roundRobin } from 'scatterlist/explore';
import { steps } from '../programs.ts';

describe('roundRobin', () => {
  it('runs one schedule, everybody in turn', () => {
    const seen: string[] = [];
    explore(steps(2, 1, 2), roundRobin(), {
      onSchedule: ({ schedule }) => {
        seen.push(formatSchedule(schedule));
      },
    });
    expect(seen).to.deep.equal(['0.1.2.0.1.2.0.2']);
  });
});
