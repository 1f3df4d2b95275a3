import { ConfigError } from '../../base/invariant.ts';
import type { Page } from '../../machine/memory.ts';
import { environment } from '../environment.ts';
import { refusePromise } from '../program.ts';
import type { End, EndRule, Facts } from './rule.ts';

/** The author's own check. */
export const finalCheck: EndRule = {
  id: 'final-check',
  meaning: 'The check of the program returned false or a sentence, or threw an error.',
  example: 'Two tasks add one to a counter in a page and the counter is 1.',
  judge(end: End): Facts | undefined {
    const { check } = end.program;
    if (check === undefined || end.stuck) return undefined;
    const { machine } = end;
    const results = Object.fromEntries(end.tasks.map((task) => [task.name, task.result]));
    const memory = {
      load8: (page: Page, offset: number): number => machine.hardware.memory.bytesOf(page)[offset] ?? 0,
    };
    let verdict: boolean | string | void;
    try {
      verdict = check(environment({ ...end.surroundings, results, memory }, end.shared));
    } catch (error) {
      if (error instanceof ConfigError) throw error;
      verdict = error instanceof Error ? error.message : String(error);
    }
    refusePromise('check', verdict);
    if (verdict === false) return { what: 'the final check returned false' };
    return typeof verdict === 'string' ? { what: verdict } : undefined;
  },
};
