/**
 * The ways out of a function: what is still mapped on each, and what its callers see.
 */
import type { Observed } from './observed.ts';
import { factOf, truthOf } from './facts.ts';
import { operandsOf } from './operands.ts';
import type { Mapping, State } from './state.ts';
import type { Kept, Outcome } from './summary.ts';
import { mappedOf, numberOf, readable, isMapped } from './value.ts';
import type { Value } from './value.ts';
import { isLocalPlace, leakText, mappingText, unmapTakesPage } from './walked.ts';
import type { Walked } from './walked.ts';

const MAX_OUTCOMES = 12;

/** Who keeps a mapping that is undone by its page, of a page that others have. */
export const KEPT_BY_PAGE = 'other code that has the page';

/** Collects the ways out. */
export class WaysOut {
  private readonly walked: Walked;
  private readonly observed: Observed;
  readonly #outcomes = new Map<string, Outcome>();
  #returnsAwake = false;
  #asleepAt: number | undefined = undefined;

  constructor(walked: Walked, observed: Observed) {
    this.walked = walked;
    this.observed = observed;
  }

  get outcomes(): readonly Outcome[] {
    return [...this.#outcomes.values()];
  }

  /** A line in which the function returns and has surely slept, if it has on all ways. */
  get sleepsAt(): number | undefined {
    return this.#returnsAwake ? undefined : this.#asleepAt;
  }

  /** Leaves the function in a state, with a value. */
  leave(state: State, value: Value | undefined, line: number): void {
    const returned = value === undefined ? undefined : mappedOf(value)?.token;
    const kept: Kept[] = [];
    if (state.excludedIn !== undefined) {
      this.#leaveExcluded(state, returned, line);
      return;
    }
    for (const mapping of state.mappings) {
      const fate = this.observed.fate(mapping);
      if (mapping.status === 'released') continue;
      const places = this.#keeping(state, mapping);
      if (mapping.token === returned) places.push('return');
      if (mapping.object !== undefined && mapping.kept !== undefined) places.push(mapping.object);
      if (places.length > 0 || mapping.kept !== undefined) {
        fate.kept.add(
          mapping.token === returned ? 'the return value' : (mapping.kept ?? readable(places[0] ?? '')),
        );
        kept.push({ contract: mapping.contract, page: mapping.page, object: mapping.object, places });
        if (value !== undefined && isFailure(value)) fate.leftOnFailure.set(line, state.path);
      } else if (this.#isHeldByPage(mapping, value)) {
        const twice = state.mappings.find(
          (each) => each !== mapping && each.status === 'held' && each.isByPage && each.page === mapping.page,
        );
        if (twice !== undefined && twice.line < mapping.line && !mapping.isVague)
          this.observed.see(
            state,
            'leak',
            { line },
            'warning',
            `a page that is mapped twice needs ${mapping.contract.unmap} twice`,
            `${mappingText(mapping)} maps a page again that line ${String(twice.line)} has mapped, and both are still mapped on the way out in line ${String(line)}`,
            mapping,
          );
        fate.kept.add(KEPT_BY_PAGE);
        kept.push({ contract: mapping.contract, page: mapping.page, object: undefined, places: [] });
      } else fate.lost.set(line, state.path);
    }
    this.#countReleased(state);
    if (state.hasSlept) this.#asleepAt ??= line;
    else this.#returnsAwake = true;
    this.#outcome(state, value, kept);
  }

  #keeping(state: State, { token }: Mapping): string[] {
    return placesOf(state, token).filter((place) => !isLocalPlace(this.walked, place));
  }

  // A way that an access excludes is none by which callers go on.
  #leaveExcluded(state: State, returned: string | undefined, line: number): void {
    for (const mapping of state.mappings) {
      const { status, kept, isByPage, token } = mapping;
      if (status === 'released' || kept !== undefined || isByPage || token === returned) continue;
      if (this.#keeping(state, mapping).length > 0) continue;
      this.observed.see(
        state,
        'leak',
        { line },
        'note',
        'it ends here, mapped',
        leakText(mapping, line),
        mapping,
      );
    }
  }

  // A mapping that is released by its page needs no address: every function that has the page can release it.
  #isHeldByPage({ contract, page }: Mapping, returned: Value | undefined): boolean {
    return unmapTakesPage(this.walked, contract) && (page.startsWith('%') || page === returned);
  }

  #countReleased(state: State): void {
    const held = new Set(
      state.mappings.filter(({ status }) => status === 'held').map(({ token }) => token.replace(/\..*/, '')),
    );
    for (const [key, fate] of this.observed.fates)
      if (!held.has(key) && fate.releasedAt.size > 0) fate.released++;
  }

  #outcome(state: State, value: Value | undefined, kept: readonly Kept[]): void {
    if (this.#outcomes.size >= MAX_OUTCOMES) return;
    const released = state.released.filter(({ value: each }) => each.includes('%'));
    const isPlain = value !== undefined && (numberOf(value) !== undefined || /^-E:|^%\w+$/.test(value));
    const fact = value === undefined ? undefined : factOf(state.facts, value);
    const isNot0 = fact === undefined || isPlain ? undefined : truthOf(state.facts, value ?? '');
    const isError = value === undefined || isPlain ? undefined : errorOf(state, value);
    const when: (readonly [Value, boolean])[] = [];
    for (const known of state.facts.keys())
      if (known.startsWith('%') ? !/[‹[]/.test(known) : /^\(%[\w>.-]+==[%#][\w>.-]+\)$/.test(known)) {
        const truth = truthOf(state.facts, known);
        if (truth !== undefined) when.push([known, truth]);
      }
    const basedOn = value === undefined || isPlain ? undefined : baseOf(value);
    const writes = [...state.variables].filter(
      ([place, each]) => /^\*%\w+$/.test(place) && numberOf(each) !== undefined,
    );
    const returns = isPlain ? value : undefined;
    const key = JSON.stringify([
      returns,
      isNot0,
      isError,
      kept.map((each) => [each.contract.name, each.page, each.places]),
      released.map((each) => [each.unmap.name, each.value]),
      basedOn,
      writes,
    ]);
    const also = this.#outcomes.get(key);
    // What is true of both ways of returning so.
    const both = also?.when.filter(([known, truth]) =>
      when.some(([name, is]) => name === known && is === truth),
    );
    this.#outcomes.set(key, {
      returns,
      isNot0,
      isError,
      kept,
      released,
      when: both ?? when,
      basedOn,
      writes,
    });
  }
}

// The parameter from which an address was computed.
function baseOf(value: Value): Value | undefined {
  const operands = operandsOf(value);
  if (operands === undefined) return /^%\w+$/.test(value) ? value : undefined;
  return /^[-+&|]$/.test(operands.operator) ? baseOf(operands.left) : undefined;
}

// Whether a value that a function returns says that it failed.
function isFailure(value: Value): boolean {
  return value.startsWith('-E:') || value.startsWith('ERR_PTR(') || (numberOf(value) ?? 0) < 0;
}

function errorOf(state: State, value: Value): boolean | undefined {
  if (/^ERR_(?:PTR|CAST)\(/.test(value)) return true;
  if (isMapped(value) || value.startsWith('&(')) return false;
  // What was compared with NULL is no error pointer.
  return (
    truthOf(state.facts, `IS_ERR(${value})`) ?? (truthOf(state.facts, value) === true ? false : undefined)
  );
}

function placesOf(state: State, token: string): string[] {
  const places: string[] = [];
  for (const [place, value] of state.variables) if (mappedOf(value)?.token === token) places.push(place);
  return places;
}
