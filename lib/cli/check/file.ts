/**
 * Checks the functions of one file.
 */
import type { MapContract, UnmapContract } from './contracts/contract.ts';
import { FREES, PUTS, SLEEPS } from './contracts/effects.ts';
import { lower } from './flow/lower.ts';
import { macroAt } from './parse/macros.ts';
import type { CFunction, Grammar, Parsed } from './parse/grammar.ts';
import { declaredName, named, part, within } from './parse/tree.ts';
import type { Syntax } from './parse/tree.ts';
import { Structures, typeOf } from './parse/types.ts';
import { judge } from './judge.ts';
import type { Finding } from './judge.ts';
import { Contexts } from './around/contexts.ts';
import { withNamedWrappers } from './around/named-wrappers.ts';
import { judgeAddresses, mayTakeAddresses, takesAddresses } from './around/page-addresses.ts';
import { NO_EFFECT } from './walk/summary.ts';
import type { Summary } from './walk/summary.ts';
import { walk } from './walk/walk.ts';
import type { Contracts, WalkResult } from './walk/walked.ts';

/** What was found in a file, and what was not looked at. */
export interface FileCheck {
  readonly findings: readonly Finding[];
  /** The functions that map, or call one that does. */
  readonly checked: number;
  /** Those of them whose syntax could not be read whole. */
  readonly unread: readonly string[];
  /** Those of them with so many paths that not all were followed. */
  readonly bounded: readonly string[];
  readonly silenced: number;
}

/** Contracts by name, for a walk. */
export function contractsOf(maps: readonly MapContract[], unmaps: readonly UnmapContract[]): Contracts {
  return {
    maps: new Map(maps.map((each) => [each.name, each])),
    unmaps: new Map(unmaps.map((each) => [each.name, each])),
    converted: new Set(),
  };
}

/** The contracts, with some maps judged as if each were a local one. */
export function converting(contracts: Contracts, names: readonly string[]): Contracts {
  const maps = new Map(contracts.maps);
  for (const name of names) {
    const found = maps.get(name);
    if (found !== undefined) maps.set(name, { ...found, isLocal: true, isAtomic: false, maySleep: false });
  }
  return { ...contracts, maps, converted: new Set(names) };
}

/**
 * Checks a file, given as text.
 *
 * @param highmem whether it is for kernels that can have high memory
 */
export function checkText(
  grammar: Grammar,
  text: string,
  contracts: Contracts,
  headers: readonly string[] = [],
  highmem = true,
): FileCheck {
  const included = headers.map((header) => grammar.header(header));
  const first = new Checker(grammar.parse(text, 'first'), contracts, included, highmem);
  const check = first.run();
  // The other branches: only functions that have one, or call one that has.
  if (!first.hasConditions) return check;
  const other = new Checker(grammar.parse(text, 'last'), contracts, included, highmem);
  for (const name of first.open) other.open.add(name);
  const unlike = first.unlike(other);
  other.takeResults(first);
  const also = other.run(unlike);
  const seen = new Set(check.findings.map(({ rule, line }) => `${rule} ${String(line)}`));
  return {
    findings: [
      ...check.findings,
      ...also.findings.filter(({ rule, line }) => !seen.has(`${rule} ${String(line)}`)),
    ],
    checked: check.checked,
    unread: [...new Set([...check.unread, ...also.unread])],
    bounded: [...new Set([...check.bounded, ...also.bounded])],
    silenced: Math.max(check.silenced, also.silenced),
  };
}

const ATOMIC_MAP = /\b(?:kmap_atomic\w*|bvec_kmap_irq|io_mapping_map_atomic_wc)\b/;
const SLEEP = new RegExp(`\\b(?:${[...SLEEPS].join('|')})\\s*\\(`);

class Checker {
  /** The unmaps of mappings that a function of the file leaves to others. */
  readonly open = new Set<string>();
  private readonly parsed: Parsed;
  private readonly contracts: Contracts;
  /** Those of the file, and those of its headers, which are looked at only when they are called. */
  private readonly functions: ReadonlyMap<string, CFunction>;
  private readonly own: ReadonlySet<CFunction>;
  private readonly files: ReadonlyMap<CFunction, Parsed>;
  readonly #matters = new Map<string, boolean>();
  readonly #results = new Map<string, WalkResult>();
  readonly #underWay = new Set<string>();
  private readonly names: RegExp;
  private readonly structures: Structures;
  /** Whether it has functions that take addresses of pages which may be in high memory. */
  private readonly takesAddresses: boolean;
  /** Whether it, or a header of it, names a function that maps. */
  private readonly isNamed: boolean;

  constructor(parsed: Parsed, contracts: Contracts, headers: readonly Parsed[], highmem: boolean) {
    this.parsed = parsed;
    this.takesAddresses = highmem && contracts.converted.size === 0 && mayTakeAddresses(parsed.text);
    this.functions = new Map(
      [...headers, parsed].flatMap(({ functions }) => functions.map((each) => [each.name, each])),
    );
    this.own = new Set(parsed.functions);
    this.files = new Map(headers.flatMap((header) => header.functions.map((each) => [each, header])));
    this.structures = new Structures([...headers, parsed].map(({ text }) => text));
    this.contracts = withNamedWrappers(contracts, parsed.functions, (name) => this.functions.has(name));
    const { maps, unmaps } = this.contracts;
    this.names = new RegExp(`\\b(?:${[...maps.keys(), ...unmaps.keys()].join('|')})\\s*\\(`);
    this.isNamed = [parsed, ...headers].some(({ text }) => this.names.test(text));
  }

  /** Whether the file maps, and has branches that depend on the configuration. */
  get hasConditions(): boolean {
    return this.isNamed && this.parsed.conditional.length > 0;
  }

  /** The names of the functions that are not the same in another reading of the file, or call such a one. */
  unlike(other: Checker): Set<string> {
    const names = new Set<string>();
    for (const { name, text } of other.functions.values())
      if (this.functions.get(name)?.text !== text) names.add(name);
    for (let before = 0; before < names.size;) {
      before = names.size;
      for (const each of other.functions.values())
        if (!names.has(each.name) && each.calls.some((called) => names.has(called))) names.add(each.name);
    }
    return names;
  }

  /**
   * Takes what another reading of the file has found in functions that are the same here, with all that they call: they
   * are walked once. Without this the results are the same.
   */
  takeResults(of: Checker): void {
    const unlike = of.unlike(this);
    for (const name of this.unlike(of)) unlike.add(name);
    for (const [name, result] of of.#results) if (!unlike.has(name)) this.#results.set(name, result);
  }

  /** Checks the functions of the file, or those with some names. */
  run(only?: ReadonlySet<string>): FileCheck {
    const findings: Finding[] = [];
    const results: (readonly [CFunction, WalkResult])[] = [];
    const bounded: string[] = [];
    const unread: string[] = [];
    let checked = 0;
    for (const each of this.functions.values()) {
      if (only?.has(each.name) === false || !this.own.has(each)) continue;
      findings.push(...this.#addressesIn(each));
      if (!this.isNamed || !this.#isRelevant(each)) continue;
      checked++;
      const result = this.#resultOf(each);
      if (each.hasError) unread.push(each.name);
      if (result.isBounded) bounded.push(each.name);
      results.push([each, result]);
    }
    unread.push(...this.#outside());
    for (const { contract, kept, lost } of results.flatMap(([, { fates }]) => fates))
      if (kept.size > 0 || lost.size > 0) for (const name of contract.unmaps) this.open.add(name);
    const contexts = new Contexts(this.parsed.text, this.functions, (each) => this.#resultOf(each));
    for (const [each, result] of results) {
      findings.push(
        ...judge(each, result, this.contracts.converted, ({ name }) => this.open.has(name), this.parsed.text),
      );
      if (this.contracts.converted.size === 0) findings.push(...contexts.judge(each, result));
    }
    const { silenced } = this.parsed;
    const told = findings.filter(({ line }) => !silenced.has(line));
    return { findings: told, checked, unread, bounded, silenced: findings.length - told.length };
  }

  #addressesIn(found: CFunction): readonly Finding[] {
    if (!this.takesAddresses || !takesAddresses(found)) return [];
    return judgeAddresses(found, this.parsed.text, typesIn(found), this.structures);
  }

  // Where a function that maps is called in code that no function could be made of.
  #outside(): readonly string[] {
    const { others, text, functions, isBroken } = this.parsed;
    return others.flatMap((piece) => {
      const { start, end } = piece;
      const at = start + text.slice(start, end).search(this.names);
      if (at < start || functions.some((each) => each.start <= at && at < each.end) || !isBroken(piece))
        return [];
      return [`the code around line ${String(text.slice(0, at).split('\n').length)}`];
    });
  }

  #isRelevant(found: CFunction): boolean {
    return this.names.test(found.text) || found.calls.some((name) => this.#hasEffect(name));
  }

  /** Whether a function of the file contains, or calls, a map or an unmap. */
  #reaches(name: string): boolean {
    const known = this.#matters.get(name);
    if (known !== undefined) return known;
    const found = this.functions.get(name);
    if (found === undefined) return false;
    this.#matters.set(name, false);
    const reaches =
      this.names.test(found.text) || found.calls.some((callee) => callee !== name && this.#reaches(callee));
    this.#matters.set(name, reaches);
    return reaches;
  }

  #hasEffect(name: string): boolean {
    return this.#reaches(name) && this.#summaryOf(name)?.hasEffect === true;
  }

  #summaryOf(name: string): Summary | undefined {
    const found = this.functions.get(name);
    if (found === undefined || !(this.#reaches(name) || this.#namesSleep(name))) return undefined;
    if (this.#underWay.has(name)) return NO_EFFECT;
    const { outcomes, sleepsAt } = this.#resultOf(found);
    return {
      outcomes,
      parameters: found.parameters.map((parameter) => parameter.name),
      hasEffect: outcomes.some(({ kept, released }) => kept.length > 0 || released.length > 0),
      sleepsAt,
    };
  }

  #namesSleep(name: string): boolean {
    const found = this.functions.get(name);
    return found !== undefined && SLEEP.test(found.text);
  }

  // Whether a function assigns a parameter to a field, or gives it to one that does, by its text.
  #stores(name: string, argument: number, depth = 2): boolean {
    if (/_set_vaddr(?:_iomem)?$/.test(name)) return true;
    const found = this.functions.get(name);
    const parameter = found?.parameters[argument]?.name;
    if (found === undefined || parameter === undefined || depth === 0) return false;
    const assigned = `\\b(\\w+)((?:->|\\.|\\[)[\\w.\\[\\]>-]+)\\s*=\\s*(?:\\([^()]*\\)\\s*)*${parameter}\\s*[;+]`;
    for (const [, root = '', way = ''] of found.text.matchAll(new RegExp(assigned, 'g')))
      if (way.includes('->') || !isLocalObject(found.text, root)) return true;
    return [...found.text.matchAll(/\b(\w+)\s*\(([^();]*)\)/g)].some(([, callee = '', list = '']) => {
      const at = list.split(',').findIndex((each) => each.trim() === parameter);
      return at >= 0 && callee !== name && this.#stores(callee, at, depth - 1);
    });
  }

  // Whether a function frees a page that it is given, by its text: always, if there is no condition before.
  #frees(name: string, argument: number): 'always' | 'sometimes' | undefined {
    const found = this.functions.get(name);
    const parameter = found?.parameters[argument]?.name;
    if (found === undefined || parameter === undefined) return undefined;
    // A function that unmaps it as well does so before.
    if (this.#reaches(name)) return undefined;
    const [before = '', call] =
      new RegExp(`^([^]*?)\\b(${[...FREES, ...PUTS].join('|')})\\s*\\(\\s*${parameter}\\s*[,)]`)
        .exec(found.text)
        ?.slice(1) ?? [];
    if (call === undefined) return undefined;
    return FREES.has(call) && !/\b(?:if|for|while|switch|return|goto)\b|[?]|&&/.test(before)
      ? 'always'
      : 'sometimes';
  }

  // Whether a function assigns to a field of the structure that an argument points to, or a function that it calls does.
  #moves(name: string, argument: number, field: string, depth = 3): boolean {
    const found = this.functions.get(name);
    const parameter = found?.parameters[argument]?.name;
    if (found === undefined || parameter === undefined || depth === 0) return false;
    const place = `\\b${parameter}->${field}\\b`;
    if (new RegExp(`${place}\\s*(?:=(?!=)|\\+=|\\+\\+)|\\+\\+${place}`).test(found.text)) return true;
    return [...found.text.matchAll(/\b(\w+)\s*\(([^();]*)\)/g)].some(([, callee = '', list = '']) => {
      const at = list.split(',').findIndex((each) => each.trim() === parameter);
      return at >= 0 && callee !== name && this.#moves(callee, at, field, depth - 1);
    });
  }

  #resultOf(found: CFunction): WalkResult {
    const known = this.#results.get(found.name);
    if (known !== undefined) return known;
    this.#underWay.add(found.name);
    const result = this.#walk(found);
    this.#underWay.delete(found.name);
    this.#results.set(found.name, result);
    return result;
  }

  // Whether a name is in the head of a function, or stands as declarations have it, in the function or outside of all.
  #declares({ text, body, start }: CFunction, name: string): boolean {
    if (new RegExp(`\\b${name}\\b`).test(text.slice(0, body.start - start))) return true;
    const declared = new RegExp(`(?:[\\w*]\\s+|[*,]\\s*)${name}\\s*(?:[=;,:[]|$)`, 'm');
    const { others, text: whole } = this.parsed;
    return [text, ...others.map((piece) => whole.slice(piece.start, piece.end))].some((each) =>
      declared.test(each),
    );
  }

  #walk(found: CFunction): WalkResult {
    const { body } = found;
    const { maps, unmaps } = this.contracts;
    const masked = this.files.get(found) ?? this.parsed;
    // Whether a called function sleeps is of interest where something is atomic.
    const isAtomic = ATOMIC_MAP.test(found.text);
    const graph = lower(body, {
      matters: (name) =>
        maps.has(name) || unmaps.has(name) || this.#reaches(name) || (isAtomic && this.#namesSleep(name)),
      masked,
    });
    const types = typesIn(found);
    const loops = within(body, ...LOOPS);
    return walk({
      graph,
      contracts: this.contracts,
      parameters: found.parameters.map(({ name }) => name),
      locals: new Set(types.keys()),
      types,
      isDeclared: (name) => found.hasError || types.has(name) || this.#declares(found, name),
      typeOf: (node) => typeOf(node, types, this.structures),
      holdsAddress: (field) =>
        new RegExp(`(?:->|\\.)${field}\\s*=\\s*(?:\\([^()]*\\)\\s*)?kmap\\s*\\(`).test(this.parsed.text),
      isQuestion: (name, offset) => macroAt(masked.macros, name, offset)?.isQuestion === true,
      loopOf: (node) => innermost(loops, node.start),
      roundsOf: (loop) => roundsIn(loops.find(({ start }) => start === loop)),
      summaryOf: (name) => this.#summaryOf(name),
      stores: (name, argument) => this.#stores(name, argument),
      frees: (name, argument) => this.#frees(name, argument),
      moves: (name, argument, field) => this.#moves(name, argument, field),
    });
  }
}

// Whether a function declares a structure, not a pointer to one, by a name.
function isLocalObject(text: string, name: string): boolean {
  return new RegExp(`^\\s+(?:struct|union)\\s+\\w+\\s+(?:[\\w\\s,=]*,\\s*)?${name}\\b`, 'm').test(text);
}

const LOOPS = ['for_statement', 'while_statement', 'do_statement'];

function innermost(loops: readonly Syntax[], offset: number): number {
  return Math.max(-1, ...loops.flatMap(({ start, end }) => (start <= offset && offset < end ? [start] : [])));
}

// The number that the head of a loop compares with. One that only a macro knows is thought to be small.
function roundsIn(loop: Syntax | undefined): number | undefined {
  const text = part(loop, 'condition')?.text ?? '';
  const [, bound] = /[<>=]\s*([\w-]+)/.exec(text) ?? [];
  if (bound !== undefined && /^\d+$/.test(bound)) return Number(bound);
  return /\b[A-Z][A-Z_0-9]{2,}\b/.test(text.replaceAll(/\bNULL\b|PAGE_(?:SIZE|SHIFT)/g, '')) ? 0 : undefined;
}

// The declared types of the parameters and the variables of a function.
function typesIn({ parameters, body }: CFunction): ReadonlyMap<string, string> {
  return new Map([
    ...parameters.map(({ name, type }): readonly [string, string] => [name, type]),
    ...declarations(body),
  ]);
}

function* declarations(body: Syntax): Generator<readonly [string, string]> {
  for (const declaration of within(body, 'declaration')) {
    if (/^\s*static\b/.test(declaration.text)) continue;
    const type = part(declaration, 'type')?.text ?? '';
    for (const child of named(declaration)) {
      if (child.field !== 'declarator') continue;
      const name = declaredName(child);
      if (name === undefined) continue;
      const head = child.type === 'init_declarator' ? (part(child, 'declarator')?.text ?? '') : child.text;
      yield [name, `${type} ${head.slice(0, head.indexOf(name)).replaceAll(/[^*]/g, '')}`.trim()];
    }
  }
}
