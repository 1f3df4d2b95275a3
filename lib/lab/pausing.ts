/**
 * Functions of a design, with a point before each call that may sleep at which other contexts may run.
 */
import { sleepingCall, watchSleepingCalls } from '../base/sleeping-call.ts';
import type { Step } from '../kernel/parts/wait-queue.ts';

/** Wraps the functions of a design. What is not a generator cannot pause, and is left as it is. */
export function pausing<Api extends object>(api: Api): Api {
  return new Proxy(api, {
    get(target, key): unknown {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]): unknown => {
        let result: unknown;
        // Only the pause is told to the explorer: what is behind it begins a step later.
        watchSleepingCalls(ignore, () => {
          result = Reflect.apply(value, target, given);
        });
        return isGenerator(result) ? sleepingCall(pauseBefore(result), String(key)) : result;
      };
    },
  });
}

function ignore(): void {}

function* pauseBefore(work: Generator<Step, unknown, void>): Generator<Step, unknown, void> {
  yield;
  return yield* work;
}

function isGenerator(value: unknown): value is Generator<Step, unknown, void> {
  return Object.prototype.toString.call(value) === '[object Generator]';
}
