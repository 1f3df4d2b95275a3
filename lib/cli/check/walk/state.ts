/**
 * What is known at one point of a function: variables, facts, and the mappings that were made.
 */
import type { MapContract } from '../contracts/contract.ts';
import type { Block } from '../flow/graph.ts';
import { factOf, joinFacts, truthOf } from './facts.ts';
import type { Fact, Facts } from './facts.ts';
import type { Released } from './summary.ts';
import { mappedOf, unknown, isMapped } from './value.ts';
import type { Value } from './value.ts';

/** A mapping that the function made, or that a function made for it. */
export interface Mapping {
  /** The block that made it; with `.1` if it lasted when the block was reached once more. */
  readonly token: string;
  readonly contract: MapContract;
  readonly line: number;
  /** What was mapped: the page, the list. */
  readonly page: Value;
  /** The same as the C file writes it. */
  readonly shown: string;
  /** The call that made it, as the C file writes it. */
  readonly call: string;
  /** The iterator or object that has it, for maps that return no address. */
  readonly object: Value | undefined;
  /** Whether the unmap is given the page, so that no variable has to hold the address. */
  readonly isByPage: boolean;
  /** Whether the offset of its entry of a list was added to its address. */
  readonly hasEntryOffset: boolean;
  /** The slot that an old `kmap_atomic` was told to use. */
  readonly slot: string | undefined;
  /** The innermost loop around the map. */
  readonly loop: number;
  readonly status: 'held' | 'released';
  readonly releasedLine: number | undefined;
  /** The step in which it was made, or released. */
  readonly since: PathStep | undefined;
  /** The block in which it was made, or released. */
  readonly block: Block | undefined;
  /** Whether a function that was called has released it. */
  readonly isReleasedInCallee: boolean;
  /** Where its address was put so that others can release it: `returned`, or the place. */
  readonly kept: string | undefined;
  /** Whether this may be another mapping of the same kind: an element of an array, a page by another name. */
  readonly isVague: boolean;
  /** Whether its address was put in an element of an array whose index is not known. */
  readonly isElement: boolean;
  /** The elements of arrays that its address was put in, as the C file writes them. */
  readonly elements: readonly string[];
}

/** A branch, or a call, of which more ways than one were possible. */
export interface Decision {
  readonly block: Block;
  readonly way: 0 | 1;
  /** The condition; for a function that is called, and that undoes mappings on other ways only, a call of it. */
  readonly value: Value;
}

/** One step of a path: a line, and what was decided or done there. */
export interface PathStep {
  readonly line: number;
  readonly text: string;
  /** For a branch: which way was taken, on which condition. */
  readonly decided: Decision | undefined;
  readonly before: PathStep | undefined;
}

const NONE: readonly Value[] = [];

// The unknown values that a text mentions.
function symbolsIn(text: string): readonly Value[] {
  const start = text.indexOf('‹');
  if (start < 0) return NONE;
  if (start === 0 && text.indexOf('›') === text.length - 1) return [text];
  return text.match(/‹[^›]*›/g) ?? NONE;
}

/** A state of the walk. It is changed in place, and copied where the ways part. */
export class State {
  readonly variables: Map<string, Value>;
  readonly facts: Facts;
  /** In the order in which they were made. */
  mappings: readonly Mapping[];
  /** Spin locks held and the like. */
  atomic: number;
  /** How often interrupts were disabled. */
  interruptsOff: number;
  /** The map that has failed on this way, until something is tested. */
  failed: { readonly contract: MapContract; readonly line: number } | undefined;
  /** What was released that the function did not map. */
  released: readonly Released[];
  /** Whether this way has surely slept. */
  hasSlept: boolean;
  /** The line of the access that excludes this way, if one does. It is followed to the next place where ways meet. */
  excludedIn: number | undefined;
  path: PathStep | undefined;
  /** The unknown values that some state of the walk has, or had. */
  readonly known: Set<Value>;

  constructor(from?: State) {
    this.variables = new Map(from?.variables);
    this.facts = new Map(from?.facts);
    this.mappings = from?.mappings ?? [];
    this.atomic = from?.atomic ?? 0;
    this.interruptsOff = from?.interruptsOff ?? 0;
    this.failed = from?.failed;
    this.released = from?.released ?? [];
    this.hasSlept = from?.hasSlept ?? false;
    this.excludedIn = from?.excludedIn;
    this.path = from?.path;
    this.known = from?.known ?? new Set();
  }

  /** Forgets variables that are not read any more, and what was known of their values. */
  forgetDead(live: ReadonlySet<string>): void {
    for (const [name, value] of this.variables) {
      if (live.has(name) || isMapped(value)) continue;
      const [, root] = /^(\$?\w+)/.exec(name) ?? [];
      if (root !== undefined && !live.has(root)) this.variables.delete(name);
    }
    if (this.facts.size === 0) return;
    const alive = new Set<string>();
    const note = (text: string): void => {
      for (const symbol of symbolsIn(text)) alive.add(symbol);
    };
    for (const value of this.variables.values()) note(value);
    for (const { page, object } of this.mappings) note(object === undefined ? page : `${page}${object}`);
    for (const known of this.facts.keys())
      if (symbolsIn(known).some((symbol) => !alive.has(symbol))) this.facts.delete(known);
  }

  /** The mapping with a token. */
  mapping(token: string): Mapping | undefined {
    return this.mappings.find((mapping) => mapping.token === token);
  }

  /** Replaces a mapping by what it has become. */
  change(mapping: Mapping, to: Partial<Mapping>): void {
    this.mappings = this.mappings.map((each) => (each === mapping ? { ...each, ...to } : each));
  }

  /** Adds a step to the path. */
  step(line: number, text: string, decided?: Decision): void {
    this.path = { line, text, decided, before: this.path };
  }

  /** Whether a variable holds an address of a mapping, the given variable apart. */
  holds(token: string, but?: string): boolean {
    for (const [name, value] of this.variables)
      if (name !== but && !name.startsWith('$') && isMapped(value) && mappedOf(value)?.token === token)
        return true;
    return false;
  }

  /**
   * Makes an unknown value of a place. What the place made before, in an earlier round of a loop, is another value
   * from now on.
   */
  fresh(place: string): Value {
    const value = unknown(place);
    this.age(value);
    return value;
  }

  /** Gives an unknown value another name, because its own is to mean something new. */
  age(value: Value): void {
    if (!this.known.has(value)) this.known.add(value);
    else if (this.#mentioning(value).length > 0) this.#makeOld(value);
  }

  /** The same for values that begin alike; returns whether one had to be named anew. */
  ageAll(values: readonly Value[], beginning: string): boolean {
    let texts: readonly string[] | undefined;
    let isAged = false;
    for (const value of values)
      if (!this.known.has(value)) this.known.add(value);
      else if ((texts ??= this.#mentioning(beginning)).some((text) => text.includes(value))) {
        this.#makeOld(value);
        texts = undefined;
        isAged = true;
      }
    return isAged;
  }

  #makeOld(value: Value): void {
    const older = `${value.slice(0, -1)}'›`;
    const oldest = `${value.slice(0, -1)}*›`;
    if (!value.endsWith("'›")) this.#rename(older, oldest);
    this.#rename(value, older);
  }

  /** The names and values that contain a text. */
  #mentioning(part: string): readonly string[] {
    const found: string[] = [];
    for (const [name, held] of this.variables) {
      if (held.includes(part)) found.push(held);
      if (name.includes(part)) found.push(name);
    }
    for (const known of this.facts.keys()) if (known.includes(part)) found.push(known);
    for (const { page, object } of this.mappings) {
      if (page.includes(part)) found.push(page);
      if (object?.includes(part) === true) found.push(object);
    }
    return found;
  }

  #rename(from: Value, to: Value): void {
    for (const [name, held] of [...this.variables]) {
      if (name.includes(from)) {
        this.variables.delete(name);
        this.variables.set(name.replaceAll(from, to), held.replaceAll(from, to));
      } else if (held.includes(from)) this.variables.set(name, held.replaceAll(from, to));
    }
    for (const [known, fact] of [...this.facts]) {
      if (!known.includes(from)) continue;
      this.facts.delete(known);
      if (!to.endsWith('*›')) this.facts.set(known.replaceAll(from, to), fact);
    }
    this.mappings = this.mappings.map((mapping) =>
      mapping.page.includes(from) || mapping.object?.includes(from) === true
        ? {
            ...mapping,
            page: mapping.page.replaceAll(from, to),
            object: mapping.object?.replaceAll(from, to),
          }
        : mapping,
    );
  }

  /**
   * What must be alike for two states to become one: the mappings, who holds them, and what is held beside them. All else
   * is joined.
   */
  key(): string {
    const parts: string[] = [
      String(this.atomic),
      String(this.interruptsOff),
      String(this.failed?.line),
      String(this.excludedIn),
    ];
    for (const { token, status, kept } of this.mappings)
      parts.push(token, status === 'held' ? 'h' : 'r', kept ?? '');
    const holders: string[] = [];
    for (const [name, value] of this.variables)
      if (isMapped(value) && !name.startsWith('$')) holders.push(`${name}=${value}`);
    holders.sort();
    for (const { unmap, value } of this.released) parts.push(`${unmap.name}(${value})`);
    return `${parts.join(',')};${holders.join(',')}`;
  }

  /** Forgets mappings that are released and that no variable remembers. */
  tidy(): void {
    if (this.mappings.some(({ status }) => status === 'released'))
      this.mappings = this.mappings.filter(
        (each) =>
          each.status === 'held' || this.holds(each.token) || (each.isByPage && this.#names(each.page)),
      );
  }

  // Whether a page can still be named: it is a parameter's, or a variable holds it.
  #names(page: Value): boolean {
    if (/^%\w+$/.test(page)) return true;
    for (const value of this.variables.values()) if (value === page) return true;
    return false;
  }
}

/**
 * Makes one state of two with the same key, in place of the first. Returns whether that changed it.
 *
 * @param place names the values that are now one of two
 */
export function join(old: State, also: State, place: string, isLoop: boolean): boolean {
  let isChanged = old.hasSlept && !also.hasSlept;
  old.hasSlept &&= also.hasSlept;
  const different: string[] = [];
  for (const [name, before] of old.variables) if (also.variables.get(name) !== before) different.push(name);
  for (const name of also.variables.keys()) if (!old.variables.has(name)) different.push(name);
  const become: Value[] = [];
  while (become.length < different.length) {
    const from = become.length;
    become.push(...different.slice(from).map((name) => unknown(`φ${place}.${name}`)));
    let isAged = false;
    for (const state of [old, also])
      if (
        state.ageAll(
          become.filter((either, at) => at >= from && state.variables.get(different[at] ?? '') !== either),
          `‹φ${place}.`,
        )
      )
        isAged = true;
    // What was the same in both by its text is not if its value is an older one in one of them.
    if (isAged)
      for (const [name, before] of old.variables)
        if (also.variables.has(name) && also.variables.get(name) !== before && !different.includes(name))
          different.push(name);
  }
  const ranges = new Map<Value, Fact | undefined>();
  const pairs: (readonly [Value, Value, Value])[] = [];
  for (const [at, name] of different.entries()) {
    const either = become[at] ?? '';
    const before = old.variables.get(name) ?? name;
    const now = also.variables.get(name) ?? name;
    // What was computed from a variable that differs is computed from what that one has become.
    const computed = eitherOf(before, now, pairs);
    if (computed === undefined) {
      ranges.set(either, joinFacts(factOf(old.facts, before), factOf(also.facts, now), isLoop));
      // Whether it is an error pointer.
      for (const name of ['IS_ERR', 'IS_ERR_OR_NULL']) {
        const isError = truthOf(old.facts, `${name}(${before})`);
        if (isError !== undefined && isError === truthOf(also.facts, `${name}(${now})`))
          ranges.set(`${name}(${either})`, factOf(old.facts, `${name}(${before})`));
      }
      pairs.push([before, now, either]);
    }
    if (before !== (computed ?? either)) {
      old.variables.set(name, computed ?? either);
      isChanged = true;
    }
  }
  old.mappings = old.mappings.map((mapping, at) => {
    const other = also.mappings[at];
    if (other === undefined) return mapping;
    if (other.page === mapping.page && other.object === mapping.object) {
      if (mapping.isVague || !other.isVague || !mapping.isByPage) return mapping;
      isChanged = true;
      return { ...mapping, isVague: true };
    }
    // As the variables that hold it, first.
    const page =
      eitherOf(mapping.page, other.page, pairs) ??
      eitherOf(mapping.page, other.page, pairs, mapping.isByPage);
    const object =
      mapping.object === undefined || other.object === undefined
        ? mapping.object
        : eitherOf(mapping.object, other.object, pairs);
    const isVague =
      (other.isVague && mapping.isByPage) ||
      page === undefined ||
      (object === undefined && mapping.object !== undefined);
    if (isVague) {
      if (mapping.isVague || mapping.status === 'released') return mapping;
      isChanged = true;
      return { ...mapping, isVague };
    }
    if (page === mapping.page && object === mapping.object) return mapping;
    isChanged = true;
    return { ...mapping, page, object };
  });
  carryFacts(old.facts, also.facts, pairs, isLoop, ranges);
  for (const [known, fact] of [...old.facts]) {
    if (ranges.has(known)) continue;
    const other = also.facts.get(known);
    const both = other === undefined ? undefined : joinFacts(fact, other, isLoop);
    if (both === undefined) {
      old.facts.delete(known);
      isChanged = true;
    } else if (both.lowest !== fact.lowest || both.highest !== fact.highest || both.isNot0 !== fact.isNot0) {
      old.facts.set(known, both);
      isChanged = true;
    }
  }
  for (const [either, fact] of ranges) {
    const before = old.facts.get(either);
    if (fact === undefined) {
      if (old.facts.delete(either)) isChanged = true;
    } else if (
      before?.lowest !== fact.lowest ||
      before.highest !== fact.highest ||
      before.isNot0 !== fact.isNot0
    ) {
      old.facts.set(either, fact);
      isChanged = true;
    }
  }
  return isChanged;
}

// What both states know of expressions that differ by a variable is known of what that variable has become.
function carryFacts(
  old: Facts,
  also: Facts,
  pairs: readonly (readonly [Value, Value, Value])[],
  isLoop: boolean,
  into: Map<Value, Fact | undefined>,
): void {
  const symbols = pairs.filter(([before]) => before.startsWith('‹'));
  if (symbols.length === 0) return;
  for (const [known, fact] of old) {
    let here = known;
    let there = known;
    for (const [before, now, either] of symbols)
      if (known.includes(before)) {
        here = here.replaceAll(before, either);
        there = there.replaceAll(before, now);
      }
    if (here === known || into.has(here)) continue;
    const other = also.get(there);
    if (other !== undefined) into.set(here, joinFacts(fact, other, isLoop));
  }
}

// The value that stands for two, if the states differ in it by one variable.
function eitherOf(
  before: Value,
  now: Value,
  pairs: readonly (readonly [Value, Value, Value])[],
  withNumbers = false,
): Value | undefined {
  if (before === now) return before;
  for (const [a, b, either] of pairs) {
    if (!before.includes(a) || !now.includes(b) || (a.length < 3 && !withNumbers)) continue;
    const one = put(before, a, either);
    if (one === put(now, b, either)) return one;
  }
  return undefined;
}

// A value in place of another one; `#1` is not a part of `#12`.
function put(text: string, value: Value, by: Value): string {
  if (value.startsWith('#')) return text.replaceAll(new RegExp(`${value}(?![\\d.])`, 'g'), by);
  return text.replaceAll(value, by);
}
