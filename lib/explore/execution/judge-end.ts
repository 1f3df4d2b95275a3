/**
 * Judges the end of a schedule by the rules of the explorer.
 */
import type { Violation } from '../../machine/violation.ts';
import { endRules } from '../rules/index.ts';
import type { End } from '../rules/rule.ts';
import { violationOf } from '../violation-of.ts';

/**
 * Asks the rules one after the other, until one is broken. `attempt` runs a part of it and returns whether all was well;
 * `allowed` names rules that the program may break.
 */
export function judgeEnd(
  end: End,
  allowed: ReadonlySet<string>,
  attempt: (work: () => void) => boolean,
): void {
  const { machine } = end;
  const report = (violation: Violation): void => {
    machine.hardware.report(violation);
  };
  const isClean = attempt(() => {
    machine.checkPoison();
  });
  if (!isClean) return;
  for (const rule of endRules) {
    const goesOn = attempt(() => {
      const facts = rule.judge(end);
      if (facts === undefined) return;
      const violation = violationOf(rule.id, facts);
      // What is allowed does not end the judgement: another rule may be broken, too.
      report(allowed.has(rule.id) ? { ...violation, severity: 'warn' } : violation);
    });
    if (!goesOn) return;
  }
}
