/**
 * What a walk is given, and what it gives back.
 */
import type { MapContract, UnmapContract } from '../contracts/contract.ts';
import type { Graph } from '../flow/graph.ts';
import type { Syntax } from '../parse/tree.ts';
import type { CallSeen, Fate, ForeignUnmap, MaySleep, Sighting } from './sighting.ts';
import type { Mapping } from './state.ts';
import type { Outcome, Summary } from './summary.ts';

/** The contracts that a walk judges by. */
export interface Contracts {
  readonly maps: ReadonlyMap<string, MapContract>;
  readonly unmaps: ReadonlyMap<string, UnmapContract>;
  /** The maps that are judged as if they were another one: those of a conversion. */
  readonly converted: ReadonlySet<string>;
}

/** What is walked through. */
export interface Walked {
  readonly graph: Graph;
  readonly contracts: Contracts;
  readonly parameters: readonly string[];
  /** Names that the function declares, its parameters among them. */
  readonly locals: ReadonlySet<string>;
  /** The declared types of variables: `struct page *`. */
  readonly types: ReadonlyMap<string, string>;
  /** Whether a name is declared in the function, or outside of functions in the file or its headers. */
  readonly isDeclared: (name: string) => boolean;
  /** The type of a simple expression. */
  readonly typeOf: (node: Syntax) => string | undefined;
  /** Whether the file puts what kmap returns in a field of that name. */
  readonly holdsAddress: (field: string) => boolean;
  /** Whether a call, by the name and the offset, is one of a macro whose value depends on its arguments alone. */
  readonly isQuestion: (name: string, offset: number) => boolean;
  /** The innermost loop around an expression, by its offset; -1 if there is none. */
  readonly loopOf: (node: Syntax) => number;
  /** The greatest number that the head of a loop, by its offset, compares its counter with. */
  readonly roundsOf: (loop: number) => number | undefined;
  readonly summaryOf: (name: string) => Summary | undefined;
  /** Whether a function puts what it is given as an argument where it stays. */
  readonly stores: (name: string, argument: number) => boolean;
  /** Whether a function of the file frees the page that it is given as an argument. */
  readonly frees: (name: string, argument: number) => 'always' | 'sometimes' | undefined;
  /** Whether a function of the file changes a field of the structure that it is given as an argument. */
  readonly moves: (name: string, argument: number, field: string) => boolean;
}

/** What a walk has seen. */
export interface WalkResult {
  readonly sightings: readonly Sighting[];
  readonly fates: readonly Fate[];
  readonly foreign: readonly ForeignUnmap[];
  readonly sleeps: readonly MaySleep[];
  /** The calls of functions of the file, by line. */
  readonly calls: ReadonlyMap<number, CallSeen>;
  /** Whether it ends what made its context atomic before it was called. */
  readonly releasesLock: boolean;
  readonly outcomes: readonly Outcome[];
  readonly sleepsAt: number | undefined;
  /** Whether a bound was reached, so that not all paths were seen. */
  readonly isBounded: boolean;
}

/** Whether a mapping is undone by its page. */
export function unmapTakesPage({ contracts }: Walked, contract: MapContract): boolean {
  return contracts.unmaps.get(contract.unmap)?.takes === 'page';
}

/** Whether a place is a variable of the function, so that no other function can release what is in it. */
export function isLocalPlace({ locals }: Walked, place: string): boolean {
  const [, name] = /^(\$?\w+)(?:[.[].*)?$/.exec(place) ?? [];
  return name !== undefined && (name.startsWith('$') || locals.has(name));
}

/** A mapping as findings name it: `kmap_local_page(page) of line 4`, and which map a function calls that made it. */
export function mappingText({ call, contract, line }: Pick<Mapping, 'call' | 'contract' | 'line'>): string {
  const by = call.startsWith(`${contract.name}(`) ? '' : ` (it calls ${contract.name})`;
  return `${call} of line ${String(line)}${by}`;
}

/** What a leak says of a mapping. */
export function leakText(mapping: Pick<Mapping, 'call' | 'contract' | 'line'>, wayOut: number): string {
  return `${mappingText(mapping)} has no ${mapping.contract.unmap} on the way out in line ${String(wayOut)}`;
}

/** The text of C in one line, at most 60 characters. */
export function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= 60 ? line : `${line.slice(0, 57)}...`;
}
