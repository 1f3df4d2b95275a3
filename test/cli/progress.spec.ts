import { expect } from 'chai';
import { progressLine } from '../../lib/cli/progress.ts';
import type { Progress } from '../../lib/cli/progress.ts';

describe('progressLine', () => {
  const counts = { schedules: 5000, steps: 123_456, states: 9494, pruned: 1, milliseconds: 2500 };
  const line = (part: number | undefined, budget: Progress['budget'], shrinkingMs?: number): string =>
    progressLine({ counts, part, budget, shrinkingMs });
  const done = '5,000 schedules, 9,494 states, 49,382 steps/s, 2.5 s';

  it('says how far it is, how fast, and when it ends, never further than a day ahead', () => {
    const minute = { milliseconds: 60_000 };
    expect(line(0.25, minute)).to.equal(`25.0 %, ${done}, about 8 s left`);
    expect(line(1e-130, minute)).to.equal(`0.0 %, ${done}, at most 58 s left`);
    expect(line(1e-130, { milliseconds: 1e12 })).to.equal(`0.0 %, ${done}`);
    expect(line(undefined, minute)).to.equal(`${done}, at most 58 s left`);
    expect(line(undefined, {})).to.equal(done);
    expect(line(0, {})).to.equal(`0.0 %, ${done}`);
    expect(line(0.01, { milliseconds: 1000 })).to.equal(`1.0 %, ${done}, at most 0 s left`);
  });

  it('counts schedules where the budget does', () => {
    expect(line(undefined, { schedules: 9000 })).to.equal(`${done}, at most 4,000 schedules left`);
    expect(line(1e-130, { schedules: 5000 })).to.equal(`0.0 %, ${done}, at most 0 schedules left`);
    expect(line(0.5, { schedules: 9000 })).to.equal(`50.0 %, ${done}, about 3 s left`);
  });

  it('says that it is shrinking', () => {
    expect(line(0.5, { milliseconds: 1000 }, 9_001)).to.equal(
      'a rule is broken; shrinking the schedule, at most 10 s left; 5,000 schedules, 9,494 states, 2.5 s',
    );
  });

  it('says that what was found is run for the report', () => {
    expect(progressLine({ counts, part: 0.5, budget: {}, shrinkingMs: 0, toldPart: 0.378 })).to.equal(
      'a rule is broken; running the schedule for the report, 37 %; 5,000 schedules, 9,494 states, 2.5 s',
    );
  });

  it('has no rate before any time has passed', () => {
    const start = { ...counts, milliseconds: 0 };
    expect(progressLine({ counts: start, part: undefined, budget: {}, shrinkingMs: undefined })).to.equal(
      '5,000 schedules, 9,494 states, 0.0 s',
    );
  });
});
