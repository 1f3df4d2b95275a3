/**
 * Finds what the code of a program can reach besides what `setup` returned and the machine.
 *
 * Leaving orders out is right only if everything that a step can read is known. A function can also read variables of
 * the functions and modules around it, private fields, and objects that show nothing of themselves. This walk goes from
 * the functions of a program through all of that. State that can change and cannot be followed is `unseen`; objects
 * that only code refers to are `kept`, and are compared while the program runs.
 */
import { isProxy } from '../../base/built-in.ts';
import { Hash } from '../../base/hash.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import { addStructure, hasState, isKernelObject, isPlain } from '../structure.ts';
import type { Program } from '../program.ts';
import { assignedNames } from './assigned.ts';
import type { Debugger } from './scopes.ts';
import { Scripts } from './scripts.ts';
import type { Code } from './scripts.ts';
import { assignedIn, fileOf, importedName, mentionsOf, withoutConstructors } from './source-text.ts';
import { Kept } from './kept.ts';
import { partsReadBy, partsReadByStep } from './readers.ts';
import {
  FOLLOWED,
  HARMLESS,
  MODULE_SCOPES,
  OF_FUNCTIONS,
  OF_MODULES,
  REACHES_ALL,
  STATELESS_MODULES,
  kindOf,
  ownPrototypesOf,
} from './kinds.ts';
import type { Scope, Script } from './scopes.ts';

/** Functions and objects after which the walk gives up. */
const MOST = 5_000;

/** How the program comes to a value: its own name, and the actor or other part that it was reached from. */
interface Place {
  readonly name: string;
  readonly root: string;
  /** Whether it is made anew for each schedule, by `setup` or by an actor. */
  readonly isMadeAnew: boolean;
}

function text({ name, root }: Place): string {
  return name === '' ? root : `${name} (reached from ${root})`;
}

/** What was found so far, as plain data. */
export interface Seen {
  readonly unseen: readonly string[];
  readonly partsRead: readonly string[];
  readonly partsReadAtEnd: readonly string[];
}

/** Everything that one program can reach, as far as it was looked for. */
export class Sight {
  readonly #unseen = new Set<string>();
  /** What only code refers to and is the same in all schedules. */
  readonly #kept = new Kept();
  /** The same of what the schedule that runs has made. */
  #keptAnew = new Kept();
  private readonly scripts: Scripts;
  readonly #met = new WeakSet();
  readonly #metInSetup = new WeakSet();
  readonly #metAtEnd = new WeakSet();
  readonly #hash = new Hash();
  /** A hash of the text of each function and of what it uses of the functions around it. */
  readonly #functionKeys = new WeakMap<object, number>();
  readonly #keyCounts = new Map<object, number>();
  /** Variables that are assigned, each with a function that sees it and what it was at first. */
  readonly #variables = new Map<
    string,
    { readonly fn: object; readonly name: string; readonly before: number }
  >();
  /** Parts of the machine that the program can read without an event; those that only its final check reads apart. */
  readonly partsRead: Set<string> = new Set<string>();
  readonly partsReadAtEnd: Set<string> = new Set<string>();
  /** Locks and queues that the schedule that runs has made, as far as the program was seen to reach them. */
  readonly objects: Set<object> = new Set<object>();
  #walked = 0;

  constructor(debug: Debugger | undefined) {
    this.scripts = new Scripts(debug);
    for (const type of [Object, Function, Array, Map, Set])
      this.#kept.count(type.prototype, `${type.name}.prototype`);
    if (this.scripts.home === undefined)
      this.#unseen.add(
        'this host shows nothing of the variables that functions share, so they cannot be followed',
      );
  }

  /** State that can change and cannot be followed: a sentence each. */
  get unseen(): readonly string[] {
    return [...this.#unseen];
  }

  /** Whether there is any such state. */
  get isBlind(): boolean {
    return this.#unseen.size > 0;
  }

  /** What was found so far. */
  get seen(): Seen {
    return {
      unseen: this.unseen,
      partsRead: [...this.partsRead],
      partsReadAtEnd: [...this.partsReadAtEnd],
    };
  }

  /** Takes over what another search of the same program has found. */
  learn({ unseen, partsRead, partsReadAtEnd }: Seen): void {
    for (const line of unseen) this.#unseen.add(line);
    for (const part of partsRead) this.partsRead.add(part);
    for (const part of partsReadAtEnd) this.partsReadAtEnd.add(part);
  }

  /** Looks at all functions of a program. */
  program(program: Program): void {
    for (const [name, task] of Object.entries(program.tasks))
      this.value(typeof task === 'function' ? task : task.run, `task "${name}"`);
    for (const [name, { run, when }] of Object.entries(program.interrupts ?? {})) {
      this.value(run, `interrupt "${name}"`);
      this.value(when, `the condition of interrupt "${name}"`);
    }
    for (const [name, device] of Object.entries(program.devices ?? {}))
      this.value(typeof device === 'function' ? device : device.run, `device "${name}"`);
    for (const [name, part] of Object.entries(program.parts ?? {})) this.value(part, `part ${name}`);
    this.#reads(program.setup, this.partsRead);
    this.#reads(program.check, this.partsReadAtEnd);
  }

  /** Notes what a function that is no step, and the functions that it names, can read of the machine. */
  #reads(fn: unknown, parts: Set<string>): void {
    const met = parts === this.partsRead ? this.#metInSetup : this.#metAtEnd;
    if (typeof fn !== 'function' || met.has(fn) || this.scripts.home === undefined) return;
    met.add(fn);
    const inside = this.scripts.look(fn);
    for (const part of partsReadBy(fn.name)) parts.add(part);
    if (inside === undefined || this.scripts.isOfOthers(this.scripts.of(inside.scriptId))) return;
    for (const part of partsReadBy(Function.prototype.toString.call(fn))) parts.add(part);
    for (const name of mentionsOf(fn)?.keys() ?? []) {
      const scope = inside.scopes.find(({ variables }) => Object.hasOwn(variables, name));
      if (scope !== undefined) this.#reads(Reflect.get(scope.variables, name), parts);
    }
  }

  /** Looks at a value that the program reaches through `path`. */
  value(value: unknown, root: string, isShared = false): void {
    this.#walked = 0;
    this.#value(value, { name: '', root, isMadeAnew: isShared }, isShared);
  }

  #value(value: unknown, place: Place, isShared = false): void {
    if (this.scripts.home === undefined) return;
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || this.#met.has(value))
      return;
    this.#met.add(value);
    this.#walked += 1;
    if (this.#walked === MOST)
      this.#unseen.add(`there is more behind ${text(place)} than can be looked through`);
    if (this.#walked >= MOST) return;
    if (typeof value === 'function') this.#function(value, place);
    else if (isKernelObject(value)) this.objects.add(value);
    else this.#object(value, place, isShared);
  }

  /** Told of each function and object of a class that shared values come to hold. */
  readonly stranger = (value: object): number | undefined => {
    if (this.isBlind) return this.#functionKeys.get(value);
    if (isKernelObject(value)) {
      this.asMade(value);
      this.objects.add(value);
    } else if (!this.#met.has(value))
      this.value(value, `the ${kindOf(value).replace(/^an? /, '')} that is shared`, true);
    return this.#functionKeys.get(value);
  };

  /** Notes it if an object of the machine has other properties than the first of its kind had. */
  asMade(object: object): void {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (typeof prototype !== 'object' || prototype === null) return;
    const { length } = Reflect.ownKeys(object);
    const first = this.#keyCounts.get(prototype) ?? length;
    this.#keyCounts.set(prototype, first);
    if (first !== length)
      this.#unseen.add(`a property was added to an object of class ${prototype.constructor.name}`);
  }

  /** What earlier schedules made is gone. */
  beginSchedule(): void {
    this.objects.clear();
    this.#keptAnew = new Kept();
  }

  /** Compares what only code refers to with what it was. */
  check(): void {
    for (const kept of [this.#kept, this.#keptAnew])
      for (const change of kept.changes(this.stranger)) this.#unseen.add(change);
  }

  #keptAt({ isMadeAnew }: Place): Kept {
    return isMadeAnew ? this.#keptAnew : this.#kept;
  }

  #function(fn: Code, place: Place): void {
    const inside = this.scripts.look(fn);
    if (inside === undefined) return;
    const script = this.scripts.of(inside.scriptId);
    for (const part of partsReadBy(fn.name)) this.partsRead.add(part);
    if (this.scripts.isOurs(script)) {
      // Ours may call what it was given; it keeps that in the function that made it, not in its module.
      for (const { name, variables } of inside.scopes)
        if (!MODULE_SCOPES.has(name)) for (const value of Object.values(variables)) this.#value(value, place);
      return;
    }
    for (const part of inside.bound) this.#value(part, place);
    if (script === undefined) return;
    if (script.url.startsWith('node:')) {
      if (!STATELESS_MODULES.test(script.url))
        this.#unseen.add(`${text(place)} calls ${fn.name} of ${script.url}`);
      return;
    }
    this.#keptAt(place).count(fn, text(place));
    if (Reflect.ownKeys(fn).some((key) => !OF_FUNCTIONS.has(key))) this.#keptAt(place).whole(fn, text(place));
    const source = Function.prototype.toString.call(fn);
    for (const part of partsReadByStep(source)) this.partsRead.add(part);
    this.#privateFields(inside.privateFields, source, place);
    this.#properties(fn, OF_FUNCTIONS, place);
    const prototype: unknown = Object.getOwnPropertyDescriptor(fn, 'prototype')?.value;
    if (typeof prototype === 'object' && prototype !== null) {
      this.#keptAt(place).prototype(prototype, text(place));
      this.#properties(prototype, new Set(), place);
    }
    const parent: unknown = Object.getPrototypeOf(fn);
    if (typeof parent === 'function') this.#value(parent, place);
    this.#names(fn, inside.scopes, script, place);
  }

  #names(fn: Code, scopes: readonly Scope[], script: Script, place: Place): void {
    const mentions = mentionsOf(fn);
    if (mentions === undefined) {
      this.#unseen.add(`the text of ${text(place)} cannot be read`);
      return;
    }
    const key = new Hash().addText(Function.prototype.toString.call(fn));
    for (const [name, parts] of mentions) {
      const scope = scopes.find(({ variables }) => Object.hasOwn(variables, name));
      if (scope === undefined) this.#global(name, place);
      else {
        const value: unknown = Reflect.get(scope.variables, name);
        if (!MODULE_SCOPES.has(scope.name)) addStructure(key.addText(name), value);
        this.#variable(fn, name, value, script, place);
        this.#partsOf(value, parts, { ...place, name: `"${name}"` });
      }
    }
    this.#functionKeys.set(fn, key.value);
  }

  #variable(fn: Code, name: string, value: unknown, script: Script, place: Place): void {
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    const exporter = isObject ? undefined : importedName(script.source, name);
    const scripts = exporter === undefined ? [script] : this.scripts.ofUser();
    const isAssigned = scripts.some((other) => assignedIn(other)?.has(exporter ?? name) !== false);
    if (!isAssigned) return;
    const title = `the variable "${name}" of ${fileOf(script.url)}`;
    this.#unseen.add(`${title} changes; it is used by ${text(place)}`);
    if (!place.isMadeAnew && !this.#variables.has(title))
      this.#variables.set(title, { fn, name, before: this.#hashOf(value) });
  }

  /** Whether what cannot be followed is what it was before the first schedule; if not, a sentence that names it. */
  survivor(): string | undefined {
    for (const [title, { fn, name, before }] of this.#variables) {
      const variable = this.scripts.variable(fn, name);
      if (variable !== undefined && this.#hashOf(variable.value) !== before) return keeps(title);
    }
    const name = this.#kept.survivor((value) => this.#functionKeys.get(value));
    return name === undefined ? undefined : keeps(name);
  }

  #hashOf(value: unknown): number {
    return addStructure(this.#hash.reset(), value).value;
  }

  /** Looks at certain properties of a value, or at all of it. */
  #partsOf(value: unknown, keys: ReadonlySet<string> | undefined, place: Place): void {
    const object = typeof value === 'object' && value !== null ? value : undefined;
    const isWhole =
      object === undefined || keys === undefined || [...keys].some((key) => !Object.hasOwn(object, key));
    if (isWhole) {
      this.#value(value, place);
      return;
    }
    for (const key of keys) {
      const part = { ...place, name: `"${key}"` };
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      if (descriptor?.get === undefined) {
        this.#keptAt(place).part(object, key, text(place));
        this.#value(descriptor?.value, part);
      } else {
        const copied = this.scripts.copiedFrom(descriptor.get, key);
        if (copied === undefined) this.#value(descriptor.get, part);
        else {
          this.#partsOf(copied, new Set([key]), place);
          this.#value(Reflect.get(object, key), part);
        }
      }
    }
  }

  #global(name: string, place: Place): void {
    if (HARMLESS.has(name)) {
      const value: unknown = Reflect.get(globalThis, name);
      if ((typeof value === 'object' && value !== null) || typeof value === 'function')
        this.#kept.count(value, name);
      return;
    }
    // A variable of the function itself may have the name of something that this host does not have.
    if (REACHES_ALL.has(name) && (Object.hasOwn(globalThis, name) || OF_MODULES.has(name)))
      this.#unseen.add(`${text(place)} uses ${name}, through which it can reach anything`);
    else if (Object.hasOwn(globalThis, name)) {
      const value: unknown = Reflect.get(globalThis, name);
      // Test runners define functions under names that programs use for variables of their own.
      if (typeof value !== 'function') this.#kept.part(globalThis, name, 'the global object');
      if (typeof value === 'object') this.#value(value, { ...place, name: `"${name}"` });
    }
  }

  #object(object: object, place: Place, isShared: boolean): void {
    const own = ownPrototypesOf(object);
    if (object instanceof WaitQueue) this.objects.add(object);
    if (isProxy(object) && !isPlain(object))
      this.#unseen.add(`${text(place)} is a Proxy, which does not show its state`);
    else if (own.length === 0) this.#contents(object, place, isShared);
    else this.#instance(object, own, place, isShared);
  }

  #instance(object: object, prototypes: readonly object[], place: Place, isShared: boolean): void {
    const texts: string[] = [];
    let isFollowed = false;
    for (const prototype of prototypes) {
      const type: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
      const script = typeof type === 'function' ? this.scripts.ofClass(type) : undefined;
      if (typeof type !== 'function' || script === undefined || script.url.startsWith('node:')) {
        this.#unseen.add(`${text(place)} is ${kindOf(object)}, which does not show its state`);
        return;
      }
      // The machine's own parts are followed by its events.
      if (this.scripts.isOurs(script, FOLLOWED)) isFollowed = true;
      else texts.push(Function.prototype.toString.call(type));
      if (this.scripts.isOurs(script)) continue;
      this.#value(type, { ...place, name: `class ${type.name}` });
      this.#keptAt(place).prototype(prototype, type.name);
      this.#properties(prototype, new Set(['constructor']), place);
    }
    if (texts.length === 0) return;
    if (!hasState(object)) {
      const fields = this.scripts.privateFields(object);
      const text = texts.join('\n');
      const own = [...fields].filter(([name]) => !isFollowed || text.includes(name));
      this.#privateFields(new Map(own), text, place);
    }
    this.#contents(object, place, isShared);
  }

  #contents(object: object, place: Place, isShared: boolean): void {
    if (!isShared) this.#keptAt(place).whole(object, text(place));
    if (ArrayBuffer.isView(object)) return;
    this.#properties(object, new Set(), place, isShared);
    if (object instanceof Map || object instanceof Set)
      for (const part of object) for (const value of [part].flat()) this.#value(value, place, isShared);
  }

  #privateFields(fields: ReadonlyMap<string, unknown>, source: string, place: Place): void {
    for (const [name, value] of fields) {
      const assigned = assignedNames(withoutConstructors(source));
      if (assigned?.has(name) !== false)
        this.#unseen.add(`the private field ${name} of ${text(place)} changes`);
      this.#value(value, { ...place, name });
    }
  }

  #properties(object: object, except: ReadonlySet<string | symbol>, place: Place, isShared = false): void {
    for (const key of Reflect.ownKeys(object)) {
      if (except.has(key)) continue;
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      const part = { ...place, name: `"${String(key)}"` };
      this.#value(descriptor?.value, part, isShared);
      this.#value(descriptor?.get, part);
      this.#value(descriptor?.set, part);
    }
  }
}

function keeps(title: string): string {
  return `${title} keeps what one schedule leaves in it for the next; set it in setup`;
}
