/**
 * Follows which generators each actor has begun and not ended: together they hold all of its local variables.
 */
import { Hash } from '../../base/hash.ts';
import { isProxy } from '../../base/built-in.ts';
import { Lock } from '../../kernel/locking/lock.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { isEnvironment } from '../environment.ts';
import type { Debugger, Inside, Scope, Stop } from '../sight/scopes.ts';
import { isKernelObject, addStructure } from '../structure.ts';

type Next = (this: Generator, ...values: [] | [unknown]) => IteratorResult<unknown, unknown>;

function isNext(value: unknown): value is Next {
  return typeof value === 'function';
}

// Every generator inherits `next` from here; a `yield*` looks it up when it begins.
const PROTOTYPE: unknown = Object.getPrototypeOf(function* none() {}.prototype);

/** Objects of which a debugger does not show all. */
const CLOSED = /^\[object (?:.* Iterator|Weak\w+|Promise|Iterator Helper|FinalizationRegistry)\]$/;
/** Scopes that all runs of a function share; what is in them is no local state. */
const SHARED_SCOPE = /^(?:Closure|Module|Script|Global)/;

/** The generators of all actors of one run. */
export class Suspended {
  private readonly debug: Debugger;
  readonly #of = new Map<number, Set<Generator>>();
  readonly #numbers = new WeakMap<object, number>();
  #last = 0;

  constructor(debug: Debugger) {
    this.debug = debug;
  }

  /** Does some work in which actors take steps; `acting` is the number of the actor that does. */
  during(acting: () => number, work: () => void): void {
    if (typeof PROTOTYPE !== 'object' || PROTOTYPE === null) return;
    const before = Reflect.getOwnPropertyDescriptor(PROTOTYPE, 'next');
    const next: unknown = before?.value;
    if (!isNext(next)) return;
    const of = (): Set<Generator> => this.#ofActor(acting());
    Reflect.defineProperty(PROTOTYPE, 'next', {
      ...before,
      value: function (this: Generator, ...values: [] | [unknown]): IteratorResult<unknown, unknown> {
        const all = of().add(this);
        let done = true;
        try {
          const result = Reflect.apply(next, this, values);
          done = result.done === true;
          return result;
        } finally {
          if (done) all.delete(this);
        }
      },
    });
    try {
      work();
    } finally {
      Reflect.defineProperty(PROTOTYPE, 'next', before ?? {});
    }
  }

  #ofActor(actor: number): Set<Generator> {
    const all = this.#of.get(actor) ?? new Set();
    this.#of.set(actor, all);
    return all;
  }

  #insides(actor: number): readonly Inside[] {
    return [...(this.#of.get(actor) ?? [])].map((generator) => this.debug.look(generator));
  }

  /** Where an actor's generators stopped, the innermost first. */
  stops(actor: number): readonly Stop[] {
    return this.#insides(actor).flatMap(({ stop }) => stop ?? []);
  }

  /** A hash of an actor's local variables and of where it stopped. What cannot be seen is different each time. */
  localState(actor: number): number {
    const hash = new Hash();
    for (const { stop, receiver, scopes } of this.#insides(actor)) {
      if (stop === undefined) continue;
      hash.addText(stop.scriptId).add(stop.line).add(stop.column);
      this.#addValue(hash, receiver, scopes);
      for (const { name, variables } of scopes) {
        if (SHARED_SCOPE.test(name)) continue;
        for (const [variable, value] of Object.entries(variables)) {
          hash.addText(variable);
          this.#addValue(hash, value, scopes);
        }
      }
    }
    return hash.value;
  }

  /** A hash of each local variable of an actor, by name; the variables of the innermost generator come first. */
  variables(actor: number): ReadonlyMap<string, number> {
    const found = new Map<string, number>();
    for (const { stop, scopes } of this.#insides(actor)) {
      if (stop === undefined) continue;
      for (const { name, variables } of scopes) {
        if (SHARED_SCOPE.test(name)) continue;
        for (const [variable, value] of Object.entries(variables)) {
          const hash = new Hash();
          this.#addValue(hash, value, scopes);
          if (!found.has(variable)) found.set(variable, hash.value);
        }
      }
    }
    return found;
  }

  /** The number of an object: with which object a variable holds, not only with what that holds. */
  #number(value: object): number {
    const number = this.#numbers.get(value) ?? (this.#last += 1);
    this.#numbers.set(value, number);
    return number;
  }

  #addValue(hash: Hash, value: unknown, around: readonly Scope[]): void {
    if (typeof value === 'object' && value !== null) {
      if (isEnvironment(value)) return;
      // Two shared objects that hold the same are two.
      if (isProxy(value)) hash.add(this.#number(value));
    }
    const met = new Set<object>();
    const stranger = (object: object): undefined => {
      if (object instanceof Lock || object instanceof WaitQueue) hash.add(this.#number(object));
      if (met.has(object) || isKernelObject(object) || isEnvironment(object)) return;
      met.add(object);
      if (CLOSED.test(Object.prototype.toString.call(object))) {
        this.#last += 1;
        hash.add(this.#last);
        return;
      }
      const { privateFields, scopes, bound } = this.debug.look(object);
      for (const [name, field] of privateFields) addStructure(hash.addText(name), field, stranger);
      for (const part of bound) addStructure(hash, part, stranger);
      for (const { variables } of scopes.slice(0, scopes.length - common(scopes, around)))
        addStructure(hash, variables, stranger);
    };
    addStructure(hash, value, stranger);
  }
}

/** How many of the outermost scopes two functions have in common, or all that are of a module. */
function common(a: readonly Scope[], b: readonly Scope[]): number {
  let count = 0;
  while (count < a.length) {
    const name = a.at(-1 - count)?.name ?? '';
    if (name !== b.at(-1 - count)?.name && !/^(?:Module|Script|Global)/.test(name)) break;
    count += 1;
  }
  return count;
}
