/**
 * Looks into functions and objects in the way of a debugger: which variables of enclosing functions and modules a
 * function can reach, and which private fields an object has. The language itself shows neither.
 *
 * The debugger is asked of Node at run time, so that this file can be loaded everywhere; without one the explorer says
 * that it cannot see, and leaves no order out.
 */

import { builtIn, read } from '../../base/built-in.ts';

/** Variables of one scope, by name. */
export interface Scope {
  /** As the debugger calls it: `Closure (make)`, `Module`. */
  readonly name: string;
  readonly variables: object;
}

/** What a debugger shows of a function or an object beyond its properties. */
export interface Inside {
  /** For a function: the scopes around it, innermost first, without the global one. */
  readonly scopes: readonly Scope[];
  /** Where a function stands: its script. */
  readonly scriptId: string | undefined;
  /** Private fields, but not private methods, with the values of those that are constant. */
  readonly privateFields: ReadonlyMap<string, unknown>;
  /** What a bound function calls, and with what. */
  readonly bound: readonly unknown[];
  /** For a generator that has not ended: where it stopped. */
  readonly stop: Stop | undefined;
  /** For a generator: its `this`. */
  readonly receiver: unknown;
}

/** Where a generator stopped. */
export interface Stop {
  readonly scriptId: string;
  /** Both count from 0. */
  readonly line: number;
  readonly column: number;
}

/** One loaded script. */
export interface Script {
  readonly url: string;
  readonly source: string;
}

/** The part of `inspector.Session` that is used. */
interface Session {
  connect(): void;
  post(method: string, params: object, done: (error: unknown, result?: unknown) => void): void;
  on(event: string, listener: (message: unknown) => void): void;
}

/** Where a value lies while the debugger and this file hand it to each other. */
const DESK: unique symbol = Symbol.for('scatterlist.explorer.desk');
const DESK_EXPRESSION = "globalThis[Symbol.for('scatterlist.explorer.desk')]";
const GROUP = 'scatterlist';

function textOf(from: unknown, ...path: readonly string[]): string | undefined {
  const value = read(from, ...path);
  return typeof value === 'string' ? value : undefined;
}

function listOf(from: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = read(from, ...path);
  return Array.isArray(value) ? value : [];
}

function isSession(value: unknown): value is Session {
  return ['connect', 'post', 'on'].every((name) => typeof read(value, name) === 'function');
}

function newSession(): Session | undefined {
  const type = read(builtIn('node:inspector'), 'Session');
  if (typeof type !== 'function') return undefined;
  const session: unknown = Reflect.construct(type, []);
  return isSession(session) ? session : undefined;
}

function stopOf(internal: ReadonlyMap<string | undefined, unknown>): Stop | undefined {
  const scriptId = textOf(internal.get('[[GeneratorLocation]]'), 'value', 'scriptId');
  if (scriptId === undefined || textOf(internal.get('[[GeneratorState]]'), 'value') !== 'suspended')
    return undefined;
  const at = read(internal.get('[[GeneratorLocation]]'), 'value');
  return { scriptId, line: Number(read(at, 'lineNumber')), column: Number(read(at, 'columnNumber')) };
}

/** A debugger of the own process. */
export class Debugger {
  private readonly session: Session;
  readonly #urls = new Map<string, string>();
  readonly #scripts = new Map<string, Script>();
  #isOn = false;

  static #shared: Debugger | undefined = undefined;

  /** The debugger of this process, which is asked for once; `undefined` where the host has none. */
  static shared(): Debugger | undefined {
    const session = Debugger.#shared === undefined ? newSession() : undefined;
    if (session !== undefined) Debugger.#shared = new Debugger(session);
    return Debugger.#shared;
  }

  private constructor(session: Session) {
    this.session = session;
    session.connect();
    session.on('Debugger.scriptParsed', (message) => {
      this.#urls.set(textOf(message, 'params', 'scriptId') ?? '', textOf(message, 'params', 'url') ?? '');
    });
  }

  /** What can be seen of a function or an object. */
  look(value: object): Inside {
    const found = this.#onDesk(value, () => {
      const objectId = textOf(
        this.#post('Runtime.evaluate', { expression: DESK_EXPRESSION }),
        'result',
        'objectId',
      );
      return this.#post('Runtime.getProperties', { objectId, ownProperties: true });
    });
    const internal = new Map(
      listOf(found, 'internalProperties').map((part) => [textOf(part, 'name'), read(part, 'value')] as const),
    );
    const fields = listOf(found, 'privateProperties').filter((part) => !this.#isMethod(part));
    const inside = {
      scopes: this.#scopes(internal.get('[[Scopes]]')),
      scriptId: textOf(internal.get('[[FunctionLocation]]'), 'value', 'scriptId'),
      privateFields: new Map(
        fields.map((part) => [textOf(part, 'name') ?? '', this.#valueOf(read(part, 'value'))] as const),
      ),
      bound: ['[[TargetFunction]]', '[[BoundThis]]', '[[BoundArgs]]'].map((name) =>
        this.#valueOf(internal.get(name)),
      ),
      stop: stopOf(internal),
      receiver: this.#valueOf(internal.get('[[GeneratorReceiver]]')),
    };
    this.#post('Runtime.releaseObjectGroup', { objectGroup: GROUP });
    return inside;
  }

  /** The script with an id. */
  script(id: string): Script | undefined {
    const known = this.#scripts.get(id);
    if (known !== undefined) return known;
    this.#listScripts();
    const url = this.#urls.get(id);
    if (url === undefined) return undefined;
    const source = textOf(this.#post('Debugger.getScriptSource', { scriptId: id }), 'scriptSource') ?? '';
    const script = { url, source };
    this.#scripts.set(id, script);
    return script;
  }

  /** All loaded scripts whose address passes. */
  scripts(passes: (url: string) => boolean): readonly Script[] {
    this.#listScripts();
    return [...this.#urls].flatMap(([id, url]) => (passes(url) ? (this.script(id) ?? []) : []));
  }

  // A debugger that is switched on is told of each script, of those that were loaded before too. It stops nothing.
  #listScripts(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    this.#post('Debugger.enable', {});
  }

  #isMethod(field: unknown): boolean {
    return read(field, 'value') === undefined;
  }

  #scopes(list: unknown): readonly Scope[] {
    const scopes = this.#valueOf(list);
    return Object.values(typeof scopes === 'object' ? (scopes ?? {}) : {}).flatMap((scope: unknown) => {
      const name = textOf(scope, 'description') ?? '';
      const variables = read(scope, 'object');
      return name === 'Global' || typeof variables !== 'object' || variables === null
        ? []
        : [{ name, variables }];
    });
  }

  /** The value that the debugger describes. */
  #valueOf(remote: unknown): unknown {
    const objectId = textOf(remote, 'objectId');
    if (objectId === undefined) return read(remote, 'value');
    let value: unknown;
    this.#onDesk(
      (it: unknown) => {
        value = it;
      },
      () =>
        this.#post('Runtime.callFunctionOn', {
          objectId,
          functionDeclaration: `function () { 'use strict'; ${DESK_EXPRESSION}(this); }`,
        }),
    );
    return value;
  }

  #onDesk<T>(value: unknown, work: () => T): T {
    Reflect.defineProperty(globalThis, DESK, { configurable: true, value });
    try {
      return work();
    } finally {
      Reflect.deleteProperty(globalThis, DESK);
    }
  }

  #post(method: string, params: object): unknown {
    let answer: unknown;
    this.session.post(method, { ...params, objectGroup: GROUP }, (error, result) => {
      if (error !== null) throw new Error(`${method}: ${textOf(error, 'message') ?? 'it failed'}`);
      answer = result;
    });
    return answer;
  }
}
