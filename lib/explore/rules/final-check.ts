import { ConfigError } from '../../base/invariant.ts';
import type { Page } from '../../machine/memory.ts';
import { environment } from '../environment.ts';
import { byteText, differences, isMismatch, rangeText, sameBytes } from '../mismatch.ts';
import type { Mismatch } from '../mismatch.ts';
import { refusePromise } from '../program.ts';
import type { FinalEnv } from '../program.ts';
import { differing, readByCheck } from './last-writers.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** The author's own check. */
export const finalCheck: EndRule = {
  id: 'final-check',
  meaning: 'The check of the program returned false, a sentence or a mismatch of bytes, or threw an error.',
  example: 'Two tasks add one to a counter in a page and the counter is 1.',
  judge(end: End): Facts | undefined {
    const { check } = end.program;
    if (check === undefined || end.stuck) return undefined;
    const { recorder } = end;
    const results = Object.fromEntries(end.tasks.map((task) => [task.name, task.result]));
    const bytesOf = (page: Page): Uint8Array => end.machine.hardware.memory.bytesOf(page);
    const memory: FinalEnv<object>['memory'] = {
      load8: (page, offset) => {
        recorder?.read(page, offset, 1);
        return bytesOf(page)[offset] ?? 0;
      },
      sameBytes: (of, expected, at = 0) => sameBytes({ of, expected, at }, bytesOf),
    };
    recorder?.looks();
    let verdict: boolean | string | Mismatch | void;
    try {
      verdict = check(environment({ ...end.surroundings, results, memory }, end.shared));
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      verdict = error instanceof Error ? error.message : String(error);
    }
    refusePromise('check', verdict);
    if (typeof verdict === 'object') return differs(end, verdict, bytesOf);
    if (verdict !== false && typeof verdict !== 'string') return undefined;
    return {
      what: verdict === false ? 'the final check returned false' : verdict,
      details: recorder === undefined ? [] : readByCheck(recorder, bytesOf),
    };
  },
};

function differs(end: End, mismatch: Mismatch, bytesOf: (page: Page) => Uint8Array): Facts {
  if (!isMismatch(mismatch))
    throw new ConfigError('check returned an object that is no mismatch; see memory.sameBytes');
  const found = differences(mismatch, bytesOf);
  const [first] = found;
  if (first === undefined)
    return { what: 'the final check returned a mismatch of bytes that are as expected' };
  const more = found.length > 1 ? `; ${String(found.length)} bytes differ` : '';
  return {
    what: `${rangeText(mismatch.of, first.at, first.at + 1)} is ${byteText(first.actual)}, expected ${byteText(first.expected)}${more}`,
    details: end.recorder === undefined ? [] : differing(end.recorder, mismatch.of, found),
  };
}
