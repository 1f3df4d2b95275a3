/**
 * The functions and scripts of the process, as a debugger shows them, and which of them are of this library.
 */
import type { Debugger, Inside, Script } from './scopes.ts';

/** A function or a class, of which only the name is used. */
export interface Code {
  readonly name: string;
}

const lookedInto = new WeakMap<object, Inside>();

/** What can be seen of scripts; no script and no function if there is no debugger. */
export class Scripts {
  private readonly debug: Debugger | undefined;
  /** Where the files of this library lie; functions from there keep their state in the machine. */
  readonly home: string | undefined;
  readonly #classes = new Map<Code, Script | undefined>();

  constructor(debug: Debugger | undefined) {
    this.debug = debug;
    const own = debug === undefined ? undefined : this.of(debug.look(Scripts).scriptId);
    // In the package the folder lib/explore is one file, lib/explore/index.js.
    const [, home] = /^(.*)\/lib\/explore\/(?:sight\/)?[^/]*$/.exec(own?.url ?? '') ?? [];
    this.home = home;
  }

  /** What is inside of a function. */
  look(fn: object): Inside | undefined {
    // What lies in a module of the library, or of a package, has its values by the time that a program runs.
    const known = lookedInto.get(fn);
    if (known !== undefined) return known;
    const inside = this.debug?.look(fn);
    if (inside !== undefined && this.isOfOthers(this.of(inside.scriptId))) lookedInto.set(fn, inside);
    return inside;
  }

  /** The private fields of an object. */
  privateFields(object: object): ReadonlyMap<string, unknown> {
    return this.debug?.look(object).privateFields ?? new Map<string, unknown>();
  }

  /** The value of a variable that a function sees; `undefined` if it sees none of that name. */
  variable(fn: object, name: string): { readonly value: unknown } | undefined {
    const scope = this.debug?.look(fn).scopes.find(({ variables }) => Object.hasOwn(variables, name));
    return scope === undefined ? undefined : { value: Reflect.get(scope.variables, name) };
  }

  /** The script with an id. */
  of(id: string | undefined): Script | undefined {
    return id === undefined ? undefined : this.debug?.script(id);
  }

  /** The script that defines a class. */
  ofClass(type: Code): Script | undefined {
    if (!this.#classes.has(type)) this.#classes.set(type, this.of(this.look(type)?.scriptId));
    return this.#classes.get(type);
  }

  /** Whether a script is of this library, in one of certain folders. */
  isOurs(script: Script | undefined, rooms: readonly string[] = ['lib', 'backends']): boolean {
    return rooms.some((room) => script?.url.startsWith(`${this.home ?? ''}/${room}/`));
  }

  /** Whether a script is of this library, of the host or of a package. */
  isOfOthers(script: Script | undefined): boolean {
    return this.isOurs(script) || /^node:|\/node_modules\//.test(script?.url ?? '');
  }

  /** The scripts that the user wrote. */
  ofUser(): readonly Script[] {
    const scripts =
      this.debug?.scripts((url) => url.startsWith('file:') && !url.includes('/node_modules/')) ?? [];
    return scripts.filter((script) => !this.isOurs(script));
  }

  /** The module whose export `key` a getter of its CommonJS copy gives, as esbuild compiles an import. */
  copiedFrom(getter: Code, key: string): unknown {
    if (!/^\(\) ?=> ?from\[key\]$/.test(Function.prototype.toString.call(getter))) return undefined;
    const scopes = this.look(getter)?.scopes ?? [];
    const valueOf = (name: string): unknown => {
      const scope = scopes.find(({ variables }) => Object.hasOwn(variables, name));
      return scope === undefined ? undefined : Reflect.get(scope.variables, name);
    };
    return valueOf('key') === key ? valueOf('from') : undefined;
  }
}
