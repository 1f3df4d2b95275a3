/**
 * What the walk of one function sees: broken contracts, each on one path.
 */
import type { MapContract, UnmapContract } from '../contracts/contract.ts';
import type { Block } from '../flow/graph.ts';
import type { PathStep } from './state.ts';
import type { Value } from './value.ts';

/** The rules of the library that can be judged from the text of C. */
export type CheckedRule =
  | 'leak'
  | 'double-unmap'
  | 'unmap-order'
  | 'unmap-address'
  | 'unmap-mismatch'
  | 'kunmap-unmapped'
  | 'use-after-unmap'
  | 'freed-while-mapped'
  | 'sleep-in-atomic'
  | 'kmap-in-atomic'
  | 'slot-overflow'
  | 'slot-taken'
  | 'page-overrun'
  | 'null-pointer'
  | 'no-linear-address'
  /** Not a rule of the kernel: what a conversion to a local mapping would break. */
  | 'conversion';

/** What a rule means where it is broken in a particular way. */
export type Variant =
  /** unmap-address: a pointer to a page where the address belongs. */
  | 'page given'
  /** kunmap-unmapped: the expression names another page than where it was mapped. */
  | 'another page'
  /** An unmap of what is mapped on other ways only. */
  | 'not mapped'
  /** An unmap of what nothing in the file maps. */
  | 'mapped elsewhere'
  /** leak: the only variable that has the address gets another value. */
  | 'overwritten'
  /** sleep-in-atomic: an access to the memory of a user. */
  | 'user memory'
  /** sleep-in-atomic: because of where the function is called. */
  | 'context'
  /** page-overrun: of a folio. */
  | 'folio'
  /** unmap-mismatch: an unmap that enables preemption, of a map that has not disabled it. */
  | 'unmapped as atomic'
  /** unmap-mismatch: of the slots of an old kmap_atomic. */
  | 'another slot'
  /** conversion: what only the atomic map disables. */
  | 'relied on';

/** How surely a contract is broken. */
export type Sureness = 'error' | 'warning' | 'note';

/** A broken contract, on one path. */
export interface Sighting {
  readonly rule: CheckedRule;
  readonly line: number;
  /** The mapping that it is about. */
  readonly contract: MapContract | undefined;
  /** The page that it maps, as the C file writes it. */
  readonly page: string | undefined;
  readonly mapLine: number | undefined;
  readonly sureness: Sureness;
  /** Why it is no more, or no less, sure than that. */
  readonly because: string;
  readonly says: string;
  readonly path: PathStep | undefined;
  /** The line of an earlier access that excludes the path, if one does. */
  readonly excludedIn: number | undefined;
  readonly variant: Variant | undefined;
}

/** A call that may sleep, where the function itself has not made the context atomic. */
export interface MaySleep {
  readonly contract: MapContract;
  readonly line: number;
  /** The call as the C file writes it. */
  readonly call: string;
  readonly path: PathStep | undefined;
  readonly excludedIn: number | undefined;
}

/** A call of a function of the file. */
export interface CallSeen {
  readonly name: string;
  /** Whether the function has made the context atomic, on all ways to the call. */
  readonly isAtomic: boolean;
}

/** An unmap of something that the function has not mapped on this way. */
export interface ForeignUnmap {
  readonly unmap: UnmapContract;
  readonly line: number;
  /** What is given to it. */
  readonly value: Value;
  /** The call as the C file writes it. */
  readonly call: string;
  readonly path: PathStep | undefined;
  readonly excludedIn: number | undefined;
}

/** What happened to the mappings of one call of a map function, over all paths that leave the function. */
export interface Fate {
  readonly contract: MapContract;
  readonly line: number;
  readonly page: string;
  /** The call that made it, as the C file writes it. */
  readonly call: string;
  /** The same as values. */
  readonly pages: Set<Value>;
  /** Ways out on which it was released. */
  released: number;
  /** Ways out on which another function can release it: where its address, or its object, was put. */
  readonly kept: Set<string>;
  /** Ways out on which it is lost: the line of each, with the path. */
  readonly lost: Map<number, PathStep | undefined>;
  /** Those of these lines that are no way out: the only variable with its address is given another value there. */
  readonly overwrittenAt: Set<number>;
  /** Failures that leave it mapped although its object, which others have, could release it: like `lost`. */
  readonly leftOnFailure: Map<number, PathStep | undefined>;
  /** Lines that release it. */
  readonly releasedAt: Set<number>;
  /** The block that makes it. */
  readonly block: Block | undefined;
  /** Blocks that release it. */
  readonly releasedIn: Set<Block>;
  /** Whether the walk lost sight of it: another name, an element of an array, a pointer given to a function. */
  isVague: boolean;
  /** Whether it is undone by its page, so that the address need not be kept. */
  readonly isByPage: boolean;
  /** Whether memory was accessed by its address, or the address given to a function. */
  isUsed: boolean;
  /** Whether the address was put in a field or an element, even in one of a structure of the function itself. */
  isStored: boolean;
  /** Whether a function of the file made it that this one calls. */
  readonly isOfCallee: boolean;
}
