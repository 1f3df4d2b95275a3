/**
 * The conformance suite: tests a backend against its own contract. What the contract promises must work, and what it
 * excludes must fail with the error or violation that it names.
 */
import { checkOptions } from '../base/options.ts';
import { resolveConfig } from '../machine/config.ts';
import { afterUnmap } from './after-unmap.ts';
import type { Clause } from './clause.ts';
import { contents } from './contents.ts';
import { contexts } from './contexts.ts';
import { everyFailure } from './every-failure.ts';
import { exhaustion } from './exhaustion.ts';
import { hostileShapes } from './hostile-shapes.ts';
import { kindsAndErrors } from './kinds-and-errors.ts';
import { nesting } from './nesting.ts';
import { Rig } from './rig.ts';
import { scope } from './scope.ts';
import { sideEffects } from './side-effects.ts';
import { sleeping } from './sleeping.ts';
import { spans } from './spans.ts';
import type { Runner, Subject } from './subject.ts';

const CLAUSES: readonly (readonly [title: string, clause: Clause])[] = [
  ['contents', contents],
  ['kinds and errors', kindsAndErrors],
  ['nesting', nesting],
  ['exhaustion', exhaustion],
  ['contexts', contexts],
  ['sleeping', sleeping],
  ['scope', scope],
  ['side effects', sideEffects],
  ['spans', spans],
  ['after unmap', afterUnmap],
  ['hostile shapes', hostileShapes],
  ['every failure', everyFailure],
];

/**
 * Declares the tests of a backend against its contract, with the `describe` and `it` of any test
 * runner.
 *
 * @linux none
 * @example
 * ```ts
 * conformance({ describe, it }, { backend: (context) => kmapLocal(context) });
 * ```
 */
export function conformance(runner: Runner, subject: Subject): void {
  checkOptions('conformance', subject, {
    name: 'string',
    backend: 'function',
    machine: 'object',
    failing: 'object',
  });
  resolveConfig(subject.machine ?? {});
  const { contract } = new Rig(subject, {}).backend;
  runner.describe(`${subject.name ?? contract.name} keeps its contract`, () => {
    for (const [title, clause] of CLAUSES) {
      runner.describe(title, () => {
        clause({ describe: runner.describe, it: runner.it, subject, contract });
      });
    }
  });
}
