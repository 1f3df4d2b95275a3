/**
 * Sleeping functions that the program called without `yield*`, so that they did no work.
 */
import { ConfigError } from '../../base/invariant.ts';
import { shortLived } from '../../base/short-lived.ts';
import { watchSleepingCalls } from '../../base/sleeping-call.ts';

/** The calls of one step. */
export class NotRun {
  readonly #calls = new Map<Generator, string>();

  /** Does some work and follows the calls in it; `by` names the part of the program that runs. */
  during(by: () => string | undefined, work: () => void): void {
    this.#calls.clear();
    watchSleepingCalls((made, name) => {
      this.#calls.set(made, `${by() ?? 'the program'} calls ${name}()`);
      // The first step takes this away again.
      made.next = shortLived((...values) => {
        this.#calls.delete(made);
        Reflect.deleteProperty(made, 'next');
        return made.next(...values);
      });
    }, work);
  }

  /** Refuses a program that did not run what it called. */
  check(): void {
    for (const call of this.#calls.values())
      throw new ConfigError(`${call} and does not run it; write yield* before the call`);
  }
}
