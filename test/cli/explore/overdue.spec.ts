import { expect } from 'chai';
import { verdictOn } from '../../../lib/cli/explore/overdue.ts';
import type { Life } from '../../../lib/cli/explore/overdue.ts';

describe('a thread that does not end by itself', () => {
  const busy: Life = {
    phase: 'exploring',
    spent: 0,
    silent: 0,
    stopping: undefined,
    isFull: false,
    most: 2000,
  };
  const rows: readonly (readonly [about: string, life: Partial<Life>, verdict: string])[] = [
    ['has its budget', { spent: 1900, silent: 1900 }, 'go on'],
    ['has a grace as long as the budget', { spent: 3900, silent: 3900 }, 'go on'],
    ['ends after that if no step returns', { spent: 4001, silent: 2001 }, 'end'],
    ['goes on shrinking while steps return', { spent: 9000, silent: 100 }, 'go on'],
    ['is told to stop if shrinking does not end', { spent: 17_001, silent: 100 }, 'stop'],
    ['has a grace of 5 s at most', { most: 60_000, spent: 65_001, silent: 5001 }, 'end'],
    ['has a grace of 1 s at least', { most: 0, spent: 900, silent: 900 }, 'go on'],
    [
      'has a minute for a step if no time is given',
      { most: Infinity, spent: 59_000, silent: 59_000 },
      'go on',
    ],
    ['and no more', { most: Infinity, spent: 99_000, silent: 60_001 }, 'end'],
    ['explores for hours if no time is given', { most: Infinity, spent: 1e8, silent: 100 }, 'go on'],
    ['that loads has 20 s', { phase: 'loading', spent: 19_000, silent: 19_000 }, 'go on'],
    ['and no more time to load', { phase: 'loading', spent: 20_001, silent: 20_001 }, 'end'],
    ['that reports has a minute', { phase: 'reporting', most: 0, spent: 59_000, silent: 59_000 }, 'go on'],
    ['that was told to stop has 2 s for a step', { stopping: 2500, silent: 1500 }, 'go on'],
    ['and ends after them', { stopping: 2001, silent: 2001 }, 'end'],
    ['has a moment for it if the memory is full', { stopping: 199, silent: 900, isFull: true }, 'go on'],
    ['and no more, because it goes on taking it', { stopping: 201, silent: 201, isFull: true }, 'end'],
    [
      'ends by itself if the memory is full and steps return',
      { stopping: 900, silent: 99, isFull: true },
      'go on',
    ],
    [
      'that was told to stop in its report finishes it',
      { phase: 'reporting', stopping: 9000, silent: 9000 },
      'go on',
    ],
    ['that was told to stop while it loads ends at once', { phase: 'loading', stopping: 0 }, 'end'],
  ];
  for (const [about, life, verdict] of rows) {
    it(about, () => {
      expect(verdictOn({ ...busy, ...life })).to.equal(verdict);
    });
  }
});
