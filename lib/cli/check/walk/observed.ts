/**
 * What a walk has seen so far.
 */
import type { MapContract, UnmapContract } from '../contracts/contract.ts';
import type { Block } from '../flow/graph.ts';
import type { Syntax } from '../parse/tree.ts';
import { hasArithmetic, takesAnotherRound } from './doubts.ts';
import type {
  CallSeen,
  CheckedRule,
  Fate,
  ForeignUnmap,
  MaySleep,
  Sighting,
  Sureness,
  Variant,
} from './sighting.ts';
import type { Mapping, PathStep, State } from './state.ts';
import type { Value } from './value.ts';
import { mappingText, shortened } from './walked.ts';

const SURENESS: readonly Sureness[] = ['error', 'warning', 'note'];

/** A reason why a sighting is less sure, and by how much. */
interface Doubt {
  readonly levels: number;
  readonly text: string;
}

/** Collects what is seen: each broken contract once, and what becomes of each mapping. */
export class Observed {
  readonly #sightings = new Map<string, Sighting>();
  readonly #foreign = new Map<string, ForeignUnmap>();
  readonly #fates = new Map<string, Fate>();
  readonly #sleeps = new Map<number, MaySleep>();
  readonly #calls = new Map<number, CallSeen>();
  /** Whether the function ends what made its context atomic before it was called. */
  releasesLock = false;
  /** Whether what happens now is done by a function of the file that is called. */
  isInCallee = false;
  /** Where the walk is. */
  block: Block | undefined = undefined;

  get sightings(): readonly Sighting[] {
    return [...this.#sightings.values()];
  }

  get foreign(): readonly ForeignUnmap[] {
    return [...this.#foreign.values()];
  }

  /** Notes an unmap of what the function has not mapped on this way. */
  seeForeign(state: State, unmap: UnmapContract, value: Value, node: Syntax): void {
    const key = `${String(node.line)} ${value}`;
    if (isKnown(this.#foreign.get(key), state)) return;
    this.#foreign.set(key, {
      unmap,
      line: node.line,
      value,
      call: shortened(node.text),
      path: state.path,
      excludedIn: state.excludedIn,
    });
  }

  get sleeps(): readonly MaySleep[] {
    return [...this.#sleeps.values()];
  }

  /** The calls of functions of the file, by line. */
  get calls(): ReadonlyMap<number, CallSeen> {
    return this.#calls;
  }

  /** Notes a map that may sleep, if the function has not made the context atomic. */
  seeSleep(state: State, contract: MapContract, node: Syntax): void {
    const { path, excludedIn } = state;
    const { line, text } = node;
    if (state.atomic > 0 || isKnown(this.#sleeps.get(line), state)) return;
    this.#sleeps.set(line, { contract, line, call: shortened(text), path, excludedIn });
  }

  /** Notes a call of a function of the file. */
  seeCall({ atomic }: State, name: string, { line }: Syntax): void {
    const before = this.#calls.get(line);
    this.#calls.set(line, { name, isAtomic: atomic > 0 && before?.isAtomic !== false });
  }

  get fates(): ReadonlyMap<string, Fate> {
    return this.#fates;
  }

  /** Notes a broken contract. */
  see(
    state: State,
    rule: CheckedRule,
    at: { readonly line: number },
    sureness: Sureness,
    because: string,
    says: string,
    mapping?: Mapping,
    variant?: Variant,
  ): void {
    const key = `${rule} ${String(at.line)} ${String(mapping?.line ?? 0)}`;
    if (isKnown(this.#sightings.get(key), state)) return;
    const doubts = [
      ...(mapping === undefined ? [] : this.#doubtsOf(mapping, state.path, rule)),
      ...(state.excludedIn === undefined ? [] : [{ levels: 2, text: exclusion(state.excludedIn) }]),
    ];
    const level = SURENESS.indexOf(sureness) + doubts.reduce((sum, { levels }) => sum + levels, 0);
    this.#sightings.set(key, {
      rule,
      line: at.line,
      // What a failed map returned belongs to no mapping.
      contract: mapping?.contract ?? (rule === 'null-pointer' ? state.failed?.contract : undefined),
      page: mapping?.shown,
      mapLine: mapping?.line,
      sureness: SURENESS[Math.min(level, SURENESS.length - 1)] ?? 'note',
      because: [because, ...doubts.map(({ text }) => text)].join('; '),
      says,
      path: state.path,
      excludedIn: state.excludedIn,
      variant,
    });
  }

  /** Takes back what was seen of a rule in a line. */
  withdraw(rule: CheckedRule, line: number): void {
    for (const key of this.#sightings.keys())
      if (key.startsWith(`${rule} ${String(line)} `)) this.#sightings.delete(key);
  }

  // Why a sighting is less sure.
  #doubtsOf(mapping: Mapping, path: PathStep | undefined, rule: CheckedRule): readonly Doubt[] {
    const doubts: Doubt[] = [];
    if (mapping.contract.isGuess === true) doubts.push({ levels: 1, text: guessText(mapping.contract) });
    if (mapping.isReleasedInCallee)
      doubts.push({ levels: 2, text: 'a function that is called unmapped it, on some way through it' });
    else if (this.isInCallee)
      doubts.push({ levels: 1, text: 'a function that is called does it, on some way through it' });
    if (this.fate(mapping).isOfCallee)
      doubts.push({ levels: 1, text: 'a function that is called maps, on some way through it' });
    // What is read from the element that it was put in is the same mapping.
    if (mapping.isVague || (mapping.isElement && rule === 'unmap-order'))
      doubts.push({
        levels: mapping.status === 'released' ? 2 : 1,
        text: `whether ${mappingText(mapping)} is the mapping that is meant here is not sure`,
      });
    const { block } = this;
    // A pointer that is moved on in each round is at the end when the rounds are over.
    if (rule === 'unmap-address') return doubts;
    const isNow = mapping.since === path;
    if (
      !isNow &&
      mapping.block !== undefined &&
      block !== undefined &&
      takesAnotherRound(mapping.block, block)
    )
      doubts.push({ levels: 1, text: 'it needs another round of the loop, which a condition may exclude' });
    if (hasArithmetic(path, mapping.since))
      doubts.push({ levels: 1, text: 'this check does not follow the arithmetic that may exclude the path' });
    return doubts;
  }

  /** What becomes of a mapping, and of all that the same call has made. */
  fate(mapping: Mapping): Fate {
    const found = this.#fateOf(mapping);
    found.pages.add(mapping.page);
    if (mapping.isVague) found.isVague = true;
    return found;
  }

  /** Memory is accessed by an address, or a function is given it. */
  used(mapping: Mapping): void {
    this.#fateOf(mapping).isUsed = true;
  }

  /** An address is put in a field or an element. */
  putAway(mapping: Mapping): void {
    this.#fateOf(mapping).isStored = true;
  }

  #fateOf(mapping: Mapping): Fate {
    const key = mapping.token.replace(/\..*/, '');
    const found = this.#fates.get(key) ?? {
      contract: mapping.contract,
      line: mapping.line,
      page: mapping.shown,
      call: mapping.call,
      pages: new Set(),
      released: 0,
      kept: new Set(),
      lost: new Map(),
      overwrittenAt: new Set(),
      leftOnFailure: new Map(),
      releasedAt: new Set(),
      releasedIn: new Set(),
      block: mapping.block,
      isVague: false,
      isByPage: mapping.isByPage,
      isUsed: false,
      isStored: false,
      isOfCallee: this.isInCallee,
    };
    this.#fates.set(key, found);
    return found;
  }
}

/** Why what is said of a map is a guess. */
export function guessText({ name, unmap }: MapContract): string {
  return `${name} and ${unmap} are taken for wrappers by their names`;
}

/** Why a way is none that is taken. */
export function exclusion(line: number): string {
  return `an earlier access in line ${String(line)} excludes this path`;
}

// What was seen on a way that is excluded gives place to what is seen on one that is not.
function isKnown(
  before: { readonly excludedIn: number | undefined } | undefined,
  { excludedIn }: State,
): boolean {
  return before !== undefined && (before.excludedIn === undefined || excludedIn !== undefined);
}
