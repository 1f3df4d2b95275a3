/**
 * Chooses what a slice consists of: the functions that were asked for, and all that they use, as far as it is found.
 */
import type { Declaration } from './declarations.ts';
import { inOrder } from './order.ts';
import type { Found, Pool } from './pool.ts';
import { wordsOf } from './words.ts';

/** What to take. */
export interface Wanted {
  readonly functions: readonly string[];
  /** Whether functions of the file that those call are taken, too. */
  readonly withCallees: boolean;
  /** Functions of which only the head is taken. */
  readonly declared: readonly string[];
  /** Names that count as not found. */
  readonly absent?: readonly string[];
  /** Functions of headers whose text it matches are taken, whatever their length. */
  readonly matters?: RegExp;
}

/** One part of a slice. */
export interface Part {
  readonly found: Found;
  readonly text: string;
  /** Set for a function of which only the head is taken. */
  readonly isStub: boolean;
}

/** What a slice consists of. */
export interface Slice {
  readonly parts: readonly Part[];
  /** Headers of this package. */
  readonly headers: readonly string[];
  /** Functions that are called and found nowhere. */
  readonly unknownCalls: readonly string[];
  /** Names in capitals that are found nowhere: constants, most likely. */
  readonly unknownConstants: readonly string[];
  /** Tags that are found nowhere. */
  readonly unknownTags: readonly string[];
  /** Functions of the file that became stubs. */
  readonly ownStubs: readonly string[];
  /** Functions of other files that became stubs. */
  readonly foreignStubs: readonly string[];
}

/** An inline function of a header that is longer becomes a stub. */
const LONGEST_INLINE = 40;

/** Chooses the parts of a slice. */
export function sliceOf(pool: Pool, wanted: Wanted): Slice {
  // Members that are not used are left out, and which are used is known at the end: until no more are found.
  let members: ReadonlySet<string> = new Set();
  for (;;) {
    const closure = new Closure(pool, wanted, members);
    if (closure.members.size === members.size) return closure.slice();
    ({ members } = closure);
  }
}

/** Whether a name is one of a type, a constant or a function: others are those of local variables, most likely. */
function mayBeFar(name: string, isCalled: boolean): boolean {
  return isCalled || / /.test(name) || /^[A-Z][A-Z\d_]+$|_t$/.test(name);
}

class Closure {
  readonly members = new Set<string>();
  private readonly pool: Pool;
  private readonly wanted: Wanted;
  private readonly kept: ReadonlySet<string>;
  readonly #parts = new Map<Declaration, Part>();
  readonly #headers = new Set<string>();
  readonly #unknown = new Map<string, boolean>();
  readonly #seen = new Set<string>();
  readonly #queue: string[] = [];

  constructor(pool: Pool, wanted: Wanted, kept: ReadonlySet<string>) {
    this.pool = pool;
    this.wanted = wanted;
    this.kept = kept;
    for (const name of kept) this.members.add(name);
    for (const name of wanted.functions) this.#resolve(name, true);
    for (let text = this.#queue.shift(); text !== undefined; text = this.#queue.shift()) this.#look(text);
  }

  slice(): Slice {
    const parts = inOrder(
      [...this.#parts.values()].sort((a, b) => a.found.rank - b.found.rank || a.found.index - b.found.index),
    );
    const stubs = (isOwn: boolean): readonly string[] =>
      parts.flatMap(({ found, isStub }) =>
        isStub && found.isOwn === isOwn ? found.declaration.names.slice(0, 1) : [],
      );
    const unknown = [...this.#unknown];
    return {
      parts,
      headers: [...this.#headers],
      unknownCalls: unknown.flatMap(([name, isCalled]) => (isCalled && !/ /.test(name) ? [name] : [])),
      unknownConstants: unknown.flatMap(([name, isCalled]) =>
        !isCalled && /^(?!CONFIG_)[A-Z][A-Z\d_]+$/.test(name) ? [name] : [],
      ),
      unknownTags: unknown.flatMap(([name]) => (/ /.test(name) ? [name] : [])),
      ownStubs: stubs(true),
      foreignStubs: stubs(false),
    };
  }

  #look(text: string): void {
    const { names, called, members, prefixes } = wordsOf(text);
    for (const name of members) this.members.add(name);
    for (const prefix of prefixes) {
      this.#seen.add(prefix);
      for (const name of this.pool.startingWith(prefix))
        if (!this.#seen.has(name)) this.#resolve(name, false);
    }
    for (const name of names) if (!this.#seen.has(name)) this.#resolve(name, called.has(name));
  }

  #resolve(name: string, isCalled: boolean): void {
    this.#seen.add(name);
    if (this.wanted.absent?.includes(name) === true) {
      this.#unknown.set(name, isCalled);
      return;
    }
    const own = this.pool.own(name);
    const header = this.pool.ours(name);
    if (own !== undefined && (header === undefined || own.declaration.kind !== 'prototype')) this.#take(own);
    else if (header !== undefined) this.#headers.add(header);
    else {
      const found = this.pool.tree(name) ?? (mayBeFar(name, isCalled) ? this.pool.far(name) : undefined);
      // A local variable may have the name of a function.
      const isFunction = found?.declaration.kind === 'function' || found?.declaration.kind === 'prototype';
      if (found === undefined) this.#unknown.set(name, isCalled);
      else if (isCalled || !isFunction) this.#take(found);
    }
  }

  #take(found: Found): void {
    const { declaration } = found;
    if (this.#parts.has(declaration)) return;
    for (const name of declaration.names) this.#seen.add(name);
    const isStub = this.#isStub(found);
    const text = isStub
      ? declaration.head
      : declaration.kind === 'type'
        ? this.#typeText(declaration)
        : declaration.text;
    this.#parts.set(declaration, { found, text, isStub });
    this.#queue.push(text);
  }

  #isStub({ declaration, isOwn, isBesideOurs }: Found): boolean {
    const { kind, names, isInline, text } = declaration;
    if (kind === 'prototype') return true;
    if (kind !== 'function') return false;
    const { functions, declared, withCallees, matters } = this.wanted;
    if (names.some((name) => declared.includes(name))) return true;
    if (isInline && matters?.test(text) === true) return false;
    if (!isOwn) return isBesideOurs || !isInline || text.split('\n').length > LONGEST_INLINE;
    return !isInline && !withCallees && !names.some((name) => functions.includes(name));
  }

  /** A struct with the members that are used; all of them where the layout matters. */
  #typeText({ text, members }: Declaration): string {
    const isLayout = /__packed|__le\d|__be\d/.test(text);
    const some = members.filter(({ names }) => names.some((name) => this.kept.has(name)));
    if (members.length === 0 || isLayout || some.length === members.length) return text;
    const [head = ''] = text.split('{');
    // Another structure may have it as a member.
    if (some.length === 0) return `${head.trim()} { char not_used; };`;
    // An array without a length needs a member in front of it.
    if (some.every((one) => /\[\s*\]/.test(one.text)))
      return `${head.trim()} {\n\tint before_it;\n${some.map((one) => `\t${one.text}\n`).join('')}};`;
    return `${head.trim()} {\n${some.map((one) => `\t${one.text}\n`).join('')}};`;
  }
}
