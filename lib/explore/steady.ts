/**
 * Keeps the clock and chance out of a program: what differs from run to run cannot be repeated by a schedule.
 */
import { ConfigError } from '../base/invariant.ts';
import { published } from './running.ts';
import type { Runner } from './running.ts';

/** Functions of global objects whose result, or effect, no schedule decides: the object's name, then the function's. */
const UNSTEADY: readonly (readonly [owner: string, name: string])[] = [
  ['Math', 'random'],
  ['Date', 'now'],
  ['performance', 'now'],
  ['crypto', 'getRandomValues'],
  ['crypto', 'randomUUID'],
  ['process', 'hrtime'],
  ['process', 'uptime'],
  ['', 'setTimeout'],
  ['', 'setInterval'],
  ['', 'setImmediate'],
  ['', 'queueMicrotask'],
];

/** Does some work; while a part of the program runs in it, the functions above are refused. */
export function steadily<T>(runner: Runner, work: () => T): T {
  let refused: ConfigError | undefined;
  const refuse = (what: string): void => {
    const { running } = runner;
    if (running === undefined) return;
    refused = new ConfigError(
      `${running} calls ${what}, so no schedule can be repeated; use choose or a constant`,
    );
    throw refused;
  };
  const restore: (() => void)[] = [];
  const replace = (owner: object, name: string, make: (original: object) => object): void => {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== 'function') return;
    const before = Reflect.getOwnPropertyDescriptor(owner, name);
    const now = { configurable: true, writable: true, enumerable: before?.enumerable ?? false };
    if (!Reflect.defineProperty(owner, name, { ...now, value: make(original) })) return;
    restore.push(() => {
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else Reflect.defineProperty(owner, name, before);
    });
  };
  try {
    for (const [ownerName, name] of UNSTEADY) {
      const owner: unknown = ownerName === '' ? globalThis : Reflect.get(globalThis, ownerName);
      if ((typeof owner !== 'object' && typeof owner !== 'function') || owner === null) continue;
      const what = ownerName === '' ? name : `${ownerName}.${name}`;
      replace(owner, name, (original) => refusing(original, what, refuse));
    }
    replace(globalThis, 'Date', (original) => refusingDate(original, refuse));
    const result = published(runner, work);
    // The program may have caught it.
    if (refused !== undefined) throw refused;
    return result;
  } finally {
    for (const one of restore.reverse()) one();
  }
}

type Refuse = (what: string) => void;

function refusing(original: object, what: string, refuse: Refuse): object {
  return new Proxy(original, {
    apply: (target, self, args): unknown => {
      refuse(what);
      return isCallable(target) ? Reflect.apply(target, self, args) : undefined;
    },
    // `process.hrtime.bigint`.
    get: (target, key, self): unknown => {
      const value: unknown = Reflect.get(target, key, self);
      return key === 'bigint' && isCallable(value) ? refusing(value, `${what}.bigint`, refuse) : value;
    },
  });
}

/** The constructor of dates: with arguments it does not look at the clock. */
function refusingDate(original: object, refuse: Refuse): object {
  return new Proxy(original, {
    apply: (target, self, args): unknown => {
      refuse('Date()');
      return isCallable(target) ? Reflect.apply(target, self, args) : undefined;
    },
    construct: (target, args, newTarget): object => {
      if (args.length === 0) refuse('new Date()');
      const made: unknown = isCallable(target) ? Reflect.construct(target, args, newTarget) : undefined;
      return typeof made === 'object' && made !== null ? made : {};
    },
  });
}

type Callable = (...args: unknown[]) => unknown;

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}
