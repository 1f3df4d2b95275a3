/**
 * Makes findings of what the walk of a function has seen: one for each defect.
 */
import type { CFunction } from './parse/grammar.ts';
import type { Bites, MapContract, UnmapContract } from './contracts/contract.ts';
import { judgeForeign } from './foreign.ts';
import { harmOf } from './harm/bites.ts';
import { doubtOfLeak } from './walk/doubts.ts';
import { guessText } from './walk/observed.ts';
import { KEPT_BY_PAGE } from './walk/ways-out.ts';
import type { Proof } from './proof/proof.ts';
import type { CheckedRule, Fate, Sighting, Sureness, Variant } from './walk/sighting.ts';
import type { PathStep } from './walk/state.ts';
import { leakText, mappingText } from './walk/walked.ts';
import type { WalkResult } from './walk/walked.ts';

/** A finding. */
export interface Finding {
  readonly rule: CheckedRule;
  readonly function: string;
  /** The first and the last line of the function. */
  readonly lines: readonly [number, number];
  readonly line: number;
  /** The line of the map that it is about. */
  readonly mapLine: number | undefined;
  readonly sureness: Sureness;
  readonly because: string;
  readonly bites: Bites;
  /** Why it does harm on no kernel, if it is broken by the letter only. */
  readonly bitesBecause: string | undefined;
  readonly says: string;
  /** What the rule means here, where it is broken in a particular way. */
  readonly variant: Variant | undefined;
  /** The function that unmaps what is in question. */
  readonly unmap: string;
  /** Lines with what happens there, in the order of the run. */
  readonly path: readonly { readonly line: number; readonly text: string }[];
  /** What exploring it came to, if it was explored. */
  readonly proof?: Proof;
}

/** The findings of one function: one for each mapping and rule, or what a conversion of some maps would break. */
export function judge(
  found: CFunction,
  result: WalkResult,
  converted: ReadonlySet<string>,
  isLeftOpen: (unmap: UnmapContract) => boolean,
  fileText: string,
): readonly Finding[] {
  const all =
    converted.size > 0
      ? [
          ...result.sightings
            .filter((each) => breaksConversion(each, converted))
            .map((each) => ofSighting(found, each, fileText)),
          ...result.fates.flatMap((fate) => ofKept(found, fate, converted, fileText)),
        ]
      : [
          ...result.sightings
            .filter(({ rule }) => rule !== 'conversion')
            .map((each) => ofSighting(found, each, fileText)),
          ...judgeForeign(result, isLeftOpen).map((each) => ofSighting(found, each, fileText)),
          ...result.fates.flatMap((fate) => ofFate(found, fate, result, fileText)),
        ];
  const severity: readonly Sureness[] = ['error', 'warning', 'note'];
  const once = new Map<string, Finding>();
  const ways = new Set<string>();
  for (const each of all.sort((a, b) => severity.indexOf(a.sureness) - severity.indexOf(b.sureness))) {
    const key = `${each.rule === 'unmap-order' ? 'unmap-order' : ''} ${String(each.mapLine ?? `at ${String(each.line)}`)}`;
    // A way out that forgets an unmap forgets it for all calls that may have mapped.
    const out = `${each.rule} ${String(each.line)} ${each.says.replace(/ of line \d+/, '')}`;
    if (once.has(key) || (each.rule === 'leak' && ways.has(out))) continue;
    once.set(key, each);
    ways.add(out);
  }
  return [...once.values()].sort((a, b) => a.line - b.line);
}

function breaksConversion({ rule, contract }: Sighting, converted: ReadonlySet<string>): boolean {
  return (
    rule === 'conversion' ||
    (rule === 'unmap-order' && contract !== undefined && converted.has(contract.name))
  );
}

// A mapping that outlasts the function cannot become a local one as it stands.
function ofKept(
  found: CFunction,
  fate: Fate,
  converted: ReadonlySet<string>,
  fileText: string,
): readonly Finding[] {
  const { contract, line, kept } = fate;
  if (!converted.has(contract.name) || fate.isOfCallee) return [];
  const isOpen = fate.releasedAt.size === 0 && fate.lost.size > 0;
  if (kept.size === 0 && !isOpen) return [];
  const where = [...kept].join(', ');
  return [
    {
      rule: 'conversion',
      function: found.name,
      lines: [found.firstLine, found.lastLine],
      line,
      mapLine: line,
      sureness: 'error',
      because: 'the mapping outlasts the function',
      ...harmOf({ ...fate, rule: 'conversion', variant: undefined }, found, fileText),
      says:
        kept.size === 0
          ? `${mappingText(fate)} is still mapped when ${found.name} returns, and nothing in it unmaps it`
          : `${mappingText(fate)} is still mapped when ${found.name} returns; it is kept by ${where}`,
      variant: undefined,
      unmap: contract.unmap,
      path: [],
    },
  ];
}

/** A finding of one sighting in a function. */
export function ofSighting(found: CFunction, sighting: Sighting, fileText: string): Finding {
  const { rule, line, sureness, because, says, path, contract, mapLine, variant } = sighting;
  return {
    rule,
    function: found.name,
    lines: [found.firstLine, found.lastLine],
    line,
    mapLine,
    sureness,
    because,
    ...harmOf(sighting, found, fileText),
    says,
    variant,
    unmap: contract?.unmap ?? 'the unmap',
    path: pathOf(path),
  };
}

function ofFate(found: CFunction, fate: Fate, result: WalkResult, fileText: string): readonly Finding[] {
  const { contract, line, lost, kept, released } = fate;
  const isLeft =
    kept.size === 1 && !fate.isVague && fate.leftOnFailure.size > 0 && released > 0 && !fate.isOfCallee;
  const isReleased = fate.releasedAt.size > 0;
  if (kept.size > 0 && !isLeft) return isReleased ? [] : ofPage(found, fate, result, fileText);
  if (!isReleased && isKeptOnPurpose(fate, result)) return [];
  const ways = [...(isLeft ? fate.leftOnFailure : lost)].map(([at, path]) => ({
    at,
    path,
    doubt: doubtOfLeak(path, fate),
  }));
  const way = ways.find(({ doubt }) => doubt === undefined) ?? ways[0];
  if (way === undefined) return [];
  const { at, path, doubt } = way;
  return [
    {
      rule: 'leak',
      function: found.name,
      lines: [found.firstLine, found.lastLine],
      line: at,
      mapLine: line,
      sureness: isLeft
        ? isBuffer(contract) && contract.isGuess !== true
          ? 'warning'
          : 'note'
        : surenessOf(fate, doubt !== undefined),
      because: [
        ...(isLeft ? [`${[...kept].join(', ')} has it still, but this way fails`] : []),
        unmappedText(fate),
        ...(contract.isGuess === true ? [guessText(contract)] : []),
        ...(doubt === undefined ? [] : [doubt]),
      ].join('; '),
      ...harmOf({ ...fate, rule: 'leak', variant: undefined }, found, fileText),
      says: fate.overwrittenAt.has(at)
        ? `the address of ${mappingText(fate)} is overwritten in line ${String(at)}, and no ${contract.unmap} comes before`
        : leakText(fate, at),
      variant: fate.overwrittenAt.has(at) ? 'overwritten' : undefined,
      unmap: contract.unmap,
      path: pathOf(path),
    },
  ];
}

const MOST_LINES = 3;

// Where a mapping is unmapped on other ways. The next step of an iterator ends the one before.
function unmappedText({ releasedAt, line, contract }: Fate): string {
  const all = [...releasedAt]
    .filter((at) => contract.isReplaced !== true || at !== line)
    .sort((a, b) => a - b);
  if (all.length === 0)
    return releasedAt.size === 0
      ? 'nothing in the function unmaps it'
      : `on other ways the next ${contract.name} unmaps it`;
  const named = all.slice(0, MOST_LINES).join(', ');
  const rest = all.length - MOST_LINES;
  return `other ways unmap it, in ${all.length === 1 ? 'line' : 'lines'} ${named}${rest > 0 ? ` and ${String(rest)} more` : ''}`;
}

// Whether a mapping that is never undone here is thought to last: areas of vmap, for which others may look, and a kmap,
// which every function can undo that has the page, if this one has no use for the address, or puts it somewhere.
function isKeptOnPurpose(
  { contract, isByPage, isUsed, isStored, isOfCallee }: Fate,
  { foreign, isBounded }: WalkResult,
): boolean {
  if (isBounded || isStored) return true;
  if (!isByPage) return contract.reach === 'asked' && !contract.isLocal;
  return !isUsed || isOfCallee || foreign.some(({ unmap }) => contract.unmaps.includes(unmap.name));
}

// A kmap of a page that a caller has, and can undo, although it is never told the address.
function ofPage(found: CFunction, fate: Fate, result: WalkResult, fileText: string): readonly Finding[] {
  const { contract, line, kept } = fate;
  if (!fate.isByPage || kept.size > 1 || !kept.has(KEPT_BY_PAGE) || isKeptOnPurpose(fate, result)) return [];
  return [
    {
      rule: 'leak',
      function: found.name,
      lines: [found.firstLine, found.lastLine],
      line,
      mapLine: line,
      sureness: 'note',
      because: 'other code that has the page can unmap it, but only this function uses the address',
      ...harmOf({ ...fate, rule: 'leak', variant: undefined }, found, fileText),
      says: `${mappingText(fate)} is never unmapped in ${found.name}`,
      variant: undefined,
      unmap: contract.unmap,
      path: [],
    },
  ];
}

// A buffer that is mapped as a whole, by an object that is not an iterator.
function isBuffer({ gives, isReplaced }: MapContract): boolean {
  return gives === 'object' && isReplaced !== true;
}

function surenessOf(
  { isVague, isOfCallee, isUsed, releasedAt, contract }: Fate,
  isDoubted: boolean,
): Sureness {
  // What is never undone is lost whichever mapping it is.
  if (isVague && releasedAt.size > 0) return 'note';
  // What is mapped as a whole may be kept on purpose, by its object.
  if (contract.isGuess === true)
    return contract.isLocal && releasedAt.size > 0 && !isDoubted && !isOfCallee ? 'warning' : 'note';
  if (isOfCallee) {
    // A page table that a function maps and returns is of use only to those that call it.
    const isTheirs =
      releasedAt.size > 0 || (contract.isLocal && contract.reach === 'asked' && isUsed && !isVague);
    return isTheirs && !isDoubted ? 'warning' : 'note';
  }
  if (isDoubted) return 'warning';
  return releasedAt.size > 0 || contract.isLocal ? 'error' : 'warning';
}

function pathOf(path: PathStep | undefined): Finding['path'] {
  const steps: { readonly line: number; readonly text: string }[] = [];
  for (let step = path; step !== undefined; step = step.before)
    steps.unshift({ line: step.line, text: step.text });
  return steps;
}
