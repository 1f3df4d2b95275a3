/** Places where a program can keep a number: in sight of the explorer, or out of it. */
import { explore } from 'scatterlist/explore';
import type { Outcome, Program, Strategy } from 'scatterlist/explore';
import type { Machine, Sleeping } from 'scatterlist/machine';

/** One step of a task: a change that other tasks can come between, or one that they cannot. */
export type Op = 'add' | 'addAtOnce' | 'double' | 'set';

/** A place, and an exploration of a program whose tasks change the number in it. */
export interface HidingPlace {
  readonly name: string;
  /** Whether the explorer can follow what lies there, so that it may leave orders out. */
  readonly isFollowed: boolean;
  /** `onEnd` is told the number at the end of each schedule. */
  readonly explore: (
    tasks: readonly (readonly Op[])[],
    onEnd: (x: number) => boolean,
    strategy?: Strategy,
  ) => Outcome;
}

interface Place<S extends object> {
  readonly setup: (machine: Machine) => S;
  readonly get: (env: S & { readonly machine: Machine }) => number;
  readonly set: (env: S & { readonly machine: Machine }, x: number) => void;
}

function place<S extends object>(
  name: string,
  isFollowed: boolean,
  { setup, get, set }: Place<S>,
): HidingPlace {
  return {
    name,
    isFollowed,
    explore: (tasks, onEnd, strategy) => {
      const body = (ops: readonly Op[]) =>
        function* (env: S & { readonly machine: Machine }): Sleeping<void> {
          for (const op of ops) {
            if (op === 'set') set(env, 5);
            else if (op === 'double') set(env, get(env) * 2);
            else {
              const x = get(env);
              if (op === 'add') yield;
              set(env, x + 1);
            }
            yield;
          }
        };
      const program: Program<S> = {
        machine: { cpus: 1, pageSize: 256 },
        setup,
        tasks: Object.fromEntries(tasks.map((ops, i) => [`t${String(i)}`, body(ops)])),
        check: (env) => onEnd(get(env)),
      };
      return explore(program, strategy);
    },
  };
}

let ofModule = 0;
const table = new WeakMap<object, number>();
const key = {};
const tool: { (): void; x?: number } = () => undefined;

class Field {
  x = 0;
}
class PrivateField {
  #x = 0;
  get x(): number {
    return this.#x;
  }
  set x(x: number) {
    this.#x = x;
  }
}
class StaticField {
  static #x = 0;
  static get x(): number {
    return StaticField.#x;
  }
  static set x(x: number) {
    StaticField.#x = x;
  }
}
class Inherits extends Map<string, number> {
  #x = 0;
  get x(): number {
    return this.#x;
  }
  set x(x: number) {
    this.#x = x;
  }
}
class ByPrototype {
  declare x: number;
}
ByPrototype.prototype.x = 0;

class SetLater {
  readonly get: () => number;
  readonly set: (x: number) => void;
  #x = 0;
  constructor() {
    this.get = () => this.#x;
    this.set = (x) => {
      this.#x = x;
    };
  }
}

interface Cell {
  readonly get: () => number;
  readonly set: (x: number) => void;
}

interface Nest {
  x: number;
  inner: Nest | undefined;
}

function nest(depth: number): Nest {
  let outer: Nest = { x: 0, inner: undefined };
  for (let i = 0; i < depth; i += 1) outer = { x: 0, inner: outer };
  return outer;
}

function innermost(outer: Nest): Nest {
  let at = outer;
  while (at.inner !== undefined) at = at.inner;
  return at;
}

const cell = {
  get: ({ cell: c }: { readonly cell: Cell }) => c.get(),
  set: ({ cell: c }: { readonly cell: Cell }, x: number) => {
    c.set(x);
  },
};
const holder = {
  get: ({ it }: { readonly it: { readonly x: number } }) => it.x,
  set: ({ it }: { readonly it: { x: number } }, x: number) => {
    it.x = x;
  },
};

function extra(object: object): number {
  const x: unknown = Reflect.get(object, 'x');
  return typeof x === 'number' ? x : 0;
}

export const HIDING_PLACES: readonly HidingPlace[] = [
  place('a plain object', true, { setup: () => ({ it: { x: 0 } }), ...holder }),
  place('what setup returns itself', true, {
    setup: () => ({ x: 0 }),
    get: ({ x }) => x,
    set: (env, x) => {
      env.x = x;
    },
  }),
  place('fifty objects deep', true, {
    setup: () => ({ outer: nest(50) }),
    get: ({ outer }) => innermost(outer).x,
    set: ({ outer }, x) => {
      innermost(outer).x = x;
    },
  }),
  place('a Map in a Map', true, {
    setup: () => ({ maps: new Map([['a', new Map([['x', 0]])]]) }),
    get: ({ maps }) => maps.get('a')?.get('x') ?? 0,
    set: ({ maps }, x) => {
      maps.get('a')?.set('x', x);
    },
  }),
  place('a Set', true, {
    setup: () => ({ values: new Set([0]) }),
    get: ({ values }) => [...values][0] ?? 0,
    set: ({ values }, x) => {
      values.clear();
      values.add(x);
    },
  }),
  place('a typed array', true, {
    setup: () => ({ words: new Uint32Array(1) }),
    get: ({ words }) => words[0] ?? 0,
    set: ({ words }, x) => {
      words[0] = x;
    },
  }),
  place('an ArrayBuffer', true, {
    setup: () => ({ buffer: new ArrayBuffer(4) }),
    get: ({ buffer }) => new Uint32Array(buffer)[0] ?? 0,
    set: ({ buffer }, x) => {
      new Uint32Array(buffer)[0] = x;
    },
  }),
  place('a SharedArrayBuffer', true, {
    setup: () => ({ buffer: new SharedArrayBuffer(4) }),
    get: ({ buffer }) => Atomics.load(new Int32Array(buffer), 0),
    set: ({ buffer }, x) => {
      Atomics.store(new Int32Array(buffer), 0, x);
    },
  }),
  place('a Date', true, {
    setup: () => ({ date: new Date(0) }),
    get: ({ date }) => date.getTime(),
    set: ({ date }, x) => {
      date.setTime(x);
    },
  }),
  place('where a RegExp goes on', true, {
    setup: () => ({ pattern: /x/g }),
    get: ({ pattern }) => pattern.lastIndex,
    set: ({ pattern }, x) => {
      pattern.lastIndex = x;
    },
  }),
  place('a property that is not listed', true, {
    setup: () => ({ it: Object.defineProperty({ x: 0 }, 'x', { enumerable: false }) }),
    ...holder,
  }),
  place('an object that takes no properties', true, {
    setup: () => ({ it: Object.preventExtensions({ x: 0 }) }),
    ...holder,
  }),
  place('a property of a typed array', true, {
    setup: () => ({ it: Object.assign(new Uint8Array(2), { x: 0 }) }),
    ...holder,
  }),
  place('the field of a class', true, { setup: () => ({ it: new Field() }), ...holder }),
  place('an accessor over a field', true, {
    setup: () => ({
      it: {
        field: 0,
        get x(): number {
          return this.field;
        },
        set x(x: number) {
          this.field = x;
        },
      },
    }),
    ...holder,
  }),
  place('a private field', false, { setup: () => ({ it: new PrivateField() }), ...holder }),
  place('a private field that functions of the constructor set', false, {
    setup: () => ({ cell: new SetLater() }),
    ...cell,
  }),
  place('a private field of a Map', false, { setup: () => ({ it: new Inherits() }), ...holder }),
  place('a private static field', false, {
    setup: () => {
      StaticField.x = 0;
      return {};
    },
    get: () => StaticField.x,
    set: (_, x) => {
      StaticField.x = x;
    },
  }),
  place('a variable of a function', false, {
    setup: () => {
      let x = 0;
      return {
        cell: {
          get: () => x,
          set: (to: number) => {
            x = to;
          },
        },
      };
    },
    ...cell,
  }),
  place('an object of a function', false, {
    setup: () => {
      const it = { x: 0 };
      return {
        cell: {
          get: () => it.x,
          set: (to: number) => {
            it.x = to;
          },
        },
      };
    },
    ...cell,
  }),
  place('accessors over a variable', false, {
    setup: () => {
      let hidden = 0;
      return {
        it: {
          get x() {
            return hidden;
          },
          set x(x: number) {
            hidden = x;
          },
        },
      };
    },
    ...holder,
  }),
  place('a function made by a task', false, {
    setup: () => ({ read: (): number => 0 }),
    get: ({ read }) => read(),
    set: (env, x) => {
      let kept = x;
      kept += 0;
      env.read = () => kept;
    },
  }),
  place('a variable of a module', false, {
    setup: () => {
      ofModule = 0;
      return {};
    },
    get: () => ofModule,
    set: (_, x) => {
      ofModule = x;
    },
  }),
  place('a WeakMap', false, {
    setup: () => ({ map: new WeakMap([[key, 0]]) }),
    get: ({ map }) => map.get(key) ?? 0,
    set: ({ map }, x) => {
      map.set(key, x);
    },
  }),
  place('a WeakMap of a module', false, {
    setup: () => {
      table.set(key, 0);
      return {};
    },
    get: () => table.get(key) ?? 0,
    set: (_, x) => {
      table.set(key, x);
    },
  }),
  place('what a WeakRef refers to', false, {
    setup: () => {
      const it = { x: 0 };
      return { it, ref: new WeakRef(it) };
    },
    get: ({ ref }) => ref.deref()?.x ?? 0,
    set: ({ ref }, x) => {
      const it = ref.deref();
      if (it !== undefined) it.x = x;
    },
  }),
  place('a generator', false, {
    setup: () => ({
      generator: (function* (): Generator<number, never, number | undefined> {
        let x = 0;
        for (;;) x = (yield x) ?? x;
      })(),
    }),
    get: ({ generator }) => generator.next().value,
    set: ({ generator }, x) => {
      generator.next();
      generator.next(x);
    },
  }),
  place('behind a Proxy', false, {
    setup: () => {
      let x = 0;
      return {
        it: new Proxy(
          { x: 0 },
          {
            get: () => x,
            set: (_, __, to: number) => {
              x = to;
              return true;
            },
          },
        ),
      };
    },
    ...holder,
  }),
  place('a property of a Promise', false, {
    setup: () => ({ it: Object.assign(Promise.resolve(), { x: 0 }) }),
    ...holder,
  }),
  place('a property of a function of a module', false, {
    setup: () => {
      tool.x = 0;
      return {};
    },
    get: () => tool.x ?? 0,
    set: (_, x) => {
      tool.x = x;
    },
  }),
  place('the prototype of a class', false, {
    setup: () => {
      ByPrototype.prototype.x = 0;
      return { it: new ByPrototype() };
    },
    get: ({ it }) => it.x,
    set: (_, x) => {
      ByPrototype.prototype.x = x;
    },
  }),
  place('a property of a built-in object', false, {
    setup: () => {
      Reflect.deleteProperty(Math, 'x');
      return {};
    },
    get: () => extra(Math),
    set: (_, x) => {
      Reflect.set(Math, 'x', x);
    },
  }),
  place('a global variable', false, {
    setup: () => {
      Reflect.set(globalThis, 'x', 0);
      return {};
    },
    get: () => extra(globalThis),
    set: (_, x) => {
      Reflect.set(globalThis, 'x', x);
    },
  }),
  place('a property of the machine', false, {
    setup: () => ({}),
    get: ({ machine }) => extra(machine),
    set: ({ machine }, x) => {
      Reflect.set(machine, 'x', x);
    },
  }),
  place('a property of a page', false, {
    setup: (machine) => ({ page: machine.allocPage({ zone: 'lowmem' }) }),
    get: ({ page }) => extra(page),
    set: ({ page }, x) => {
      Reflect.set(page, 'x', x);
    },
  }),
  place('what a bound function is bound to', false, {
    setup: () => {
      bound.x = 0;
      return {};
    },
    get: () => readBound(),
    set: (_, x) => {
      writeBound(x);
    },
  }),
];

const bound = { x: 0 };
const readBound = function (this: { readonly x: number }): number {
  return this.x;
}.bind(bound);
const writeBound = function (this: { x: number }, x: number): void {
  this.x = x;
}.bind(bound);
