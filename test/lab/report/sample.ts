/** A cell with a bit of everything, for tests of reports. */
import type { LabCell, Measured, MistakeRecord } from 'scatterlist/lab';
import { Ledger } from '../../../lib/machine/ledger.ts';

export const NOTICE = {
  by: 'machine',
  run: 'plain',
  what: 'leaks: one map',
  report: 'WARNING: a leak',
} as const;

export function mistake(given: Partial<MistakeRecord> = {}): MistakeRecord {
  return {
    mistake: 'unmapTwice',
    title: 'unmaps twice',
    cannot: undefined,
    diff: ['- unmap(a);'],
    typescript: { verdict: 'accepts' },
    notice: NOTICE,
    by: 'machine',
    ...given,
  };
}

export function cell(facade: string, given: Partial<Measured> = {}): LabCell {
  return {
    facade,
    job: 'copyResponse',
    cannot: undefined,
    measured: {
      outcome: { name: 'done', what: 'does the job', report: undefined },
      lines: 14,
      calls: { map: 1, unmap: 2 },
      failures: [
        { call: 'map', failAt: 0, effect: 'refused', what: 'returns -12 and leaves all as it was' },
        { call: 'map', failAt: 1, effect: 'half', what: 'returns -12 when a part of the bytes has moved' },
        { call: 'map', failAt: 2, effect: 'leak', what: 'leaks: one map' },
      ],
      errorPaths: [{ line: 23, text: 'return ptrErr(addr);', failAt: [0, 1] }],
      mistakes: [mistake()],
      deadlock: {
        found: 'deadlock',
        pools: { pkmapSlots: 4, vmallocPages: 0, bounceSlots: 1 },
        schedules: 6,
        rule: 'deadlock',
        what: 'each waits',
        schedule: '0.1.0',
        report: undefined,
      },
      crowd: {
        pools: { pkmapSlots: 4, vmallocPages: 0, bounceSlots: 1 },
        done: 7,
        refused: 1,
        lost: 0,
        waits: 3,
        inVain: 1,
        longestSteps: 9,
        overtaken: 2,
        stopped: undefined,
      },
      cycles: 3248,
      counts: { ...new Ledger().snapshot(), maps: 4 },
      ...given,
    },
  };
}
