/**
 * A backend: one way to reach the bytes of a page, as a value bound to a context.
 *
 * All backends, including a user's own, are objects of one class whose functions are fields. So a call site that is
 * used with many backends stays fast.
 */
import { checkChoice, checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { shortLived } from '../base/short-lived.ts';
import type { Ok, Result } from '../base/result.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import type { Pass } from '../kernel/parts/piece-range.ts';
import { releaseFor } from '../kernel/core/release-checks.ts';
import type { Releaser } from '../kernel/window/window.ts';
import type { MemoryKind, Page } from '../machine/memory.ts';
import { checkContract } from './check-contract.ts';
import type { Contract, ErrorsIn, WaitErrorsIn } from './contract.ts';
import type { Mapping } from './mapping.ts';

/**
 * Mappings that wait to be used again, so that the usual map and unmap are a few stores. Each method has the same
 * effect as the backend's own function, or none. The `releaser` of a token is the object that takes it back.
 */
export interface TokenSource<M extends Mapping> {
  /** Maps with a token that waits; `undefined` if there is none or it cannot be used for these bytes. */
  map(page: Page, pageOffset: number, lengthBytes: number): Ok<M> | undefined;
  /** Releases a mapping and maps other bytes with the same token; false if it cannot. */
  remap(mapping: M, page: Page, pageOffset: number, lengthBytes: number): boolean;
}

/** Anything with a contract that can map and unmap. */
export interface MapBackend<C extends Contract = Contract, M extends Mapping = Mapping> {
  readonly contract: C;
  /** The context whose mappings it makes. */
  readonly context: Context;
  /**
   * Maps `lengthBytes` from `pageOffset` of a page: within the page, unless the contract is contiguous.
   * It returns at once; a mapping that would have to wait is an error.
   */
  map(page: Page, pageOffset: number, lengthBytes: number): Result<M, ErrorsIn<C, MemoryKind>>;
  /** The same, but waits for a free slot. Required if the contract says `sleeps`. */
  mapWait(page: Page, pageOffset: number, lengthBytes: number): Sleeping<Result<M, ErrorsIn<C, MemoryKind>>>;
  /** Releases a mapping that this backend made; the executing context releases. */
  unmap(mapping: M): void;
  /** The same, for callers that have only the token: `sgUnmap` and `using`. */
  release(mapping: M): void;
  /** Whether its releases check the executing context, as those of `defineBackend` do; if not, the library checks it. */
  readonly isGuarded?: boolean;
  /** The tokens that wait for the next map, if the backend keeps any. */
  readonly tokens?: TokenSource<M> | undefined;
  /** Counts mappings of many pieces without making them, if the backend can: see `Pass`. */
  readonly pass?: Pass | undefined;
}

/** The mapping that a backend returns. */
export type MappingOf<B extends MapBackend> = B extends MapBackend<Contract, infer M> ? M : never;

/** The errors that a backend may return for memory of kind `K`; `never` where it cannot fail. */
export type ErrorsOf<B extends MapBackend, K extends MemoryKind> = ErrorsIn<B['contract'], K>;

/** The errors that its waiting form may return for memory of kind `K`. */
export type WaitErrorsOf<B extends MapBackend, K extends MemoryKind> = WaitErrorsIn<B['contract'], K>;

/** The definition that an author of a backend writes. */
export interface BackendDefinition<C extends Contract, M extends Mapping> {
  readonly contract: C;
  readonly map: (page: Page, pageOffset: number, lengthBytes: number) => Result<M, ErrorsIn<C, MemoryKind>>;
  /** Needed only if the contract says `sleeps`; the waiting form of other backends returns what `map` returns. */
  readonly mapWait?: (
    page: Page,
    pageOffset: number,
    lengthBytes: number,
  ) => Sleeping<Result<M, ErrorsIn<C, MemoryKind>>>;
  /**
   * Called only if the executing context may release the mapping; otherwise the release is reported. Kernel functions
   * that it calls act in the executing context, even if they are given another one.
   */
  readonly unmap: (mapping: M) => void;
  /**
   * Only for speed: tried before `map`, and by iterators in place of `unmap` and `map`. A backend that only calls
   * `mapLocal` and `kunmapLocal` can set this to `SlotTokens.of(context)`. Its own functions are then called only if no
   * token can be used.
   */
  readonly tokens?: TokenSource<M> | undefined;
  /**
   * Only for speed: counts mappings of pieces of a list as if each had been made and released. Copy helpers call it if
   * the difference cannot be observed, and copy the bytes themselves; without it they map each piece.
   * `passLocal`, `passDirect` and `passPool` are those of the usual mechanisms.
   */
  readonly pass?: Pass;
  /** @deprecated Not called any more; the copy helpers copy the bytes of pieces that `pass` has counted. */
  readonly transfer?: (job: never) => number;
  /** @deprecated Not called any more; see `transfer`. */
  readonly transferFill?: (job: never) => number;
  /** @deprecated Not called any more; see `transfer`. */
  readonly transferPairs?: (pairs: never) => number;
}

/** A backend made by `defineBackend`. */
export class Backend<C extends Contract, M extends Mapping> implements MapBackend<C, M>, Releaser {
  readonly contract: C;
  readonly context: Context;
  readonly map: (page: Page, pageOffset: number, lengthBytes: number) => Result<M, ErrorsIn<C, MemoryKind>>;
  readonly mapWait: (
    page: Page,
    pageOffset: number,
    lengthBytes: number,
  ) => Sleeping<Result<M, ErrorsIn<C, MemoryKind>>>;
  readonly unmap: (mapping: M) => void;
  readonly tokens: TokenSource<M> | undefined;
  readonly pass: Pass | undefined;

  constructor(context: Context, definition: BackendDefinition<C, M>) {
    this.contract = definition.contract;
    this.context = context;
    this.map = definition.map;
    this.mapWait = definition.mapWait ?? atOnce(definition.map);
    const { machine } = context;
    const { unmap } = definition;
    this.unmap = shortLived((mapping) => {
      if (machine.executing === context) unmap(mapping);
      else {
        releaseFor(context, mapping, () => {
          unmap(mapping);
        });
      }
    });
    this.tokens = definition.tokens;
    this.pass = definition.pass;
  }

  /** The machine it maps on. */
  get machine(): Machine {
    return this.context.machine;
  }

  /** True, because its `unmap` checks the executing context. */
  // A getter of the class, so that an object with copied fields and another `unmap` does not have it.
  get isGuarded(): boolean {
    return true;
  }

  /** Releases a mapping for `sgUnmap` and `using`; only mappings of this backend carry it as their releaser. */
  release(mapping: M): void {
    this.unmap(mapping);
  }
}

const DEFINITION: Readonly<Record<keyof BackendDefinition<Contract, Mapping>, Accepts>> = {
  contract: 'object',
  map: 'function',
  mapWait: 'function',
  unmap: 'function',
  tokens: 'object',
  pass: 'function',
  transfer: 'function',
  transferFill: 'function',
  transferPairs: 'function',
};

function checkDefinition(definition: {
  readonly contract: Contract;
  readonly map: unknown;
  readonly unmap: unknown;
}): void {
  checkOptions('defineBackend', definition, DEFINITION);
  checkChoice('contract of defineBackend', definition.contract, 'object');
  checkChoice('map of defineBackend', definition.map, 'function');
  checkChoice('unmap of defineBackend', definition.unmap, 'function');
  checkContract(definition.contract);
}

function atOnce<T>(
  map: (page: Page, pageOffset: number, lengthBytes: number) => T,
): (page: Page, pageOffset: number, lengthBytes: number) => Sleeping<T> {
  return function* mapAtOnce(page, pageOffset, lengthBytes) {
    return map(page, pageOffset, lengthBytes);
  };
}

/**
 * Makes a backend from its contract and its two functions.
 *
 * @linux none
 * @example
 * ```ts
 * const mine = defineBackend(task, {
 *   contract: { ...KMAP_LOCAL, name: 'mine' },
 *   map: (page, offset, length) => ok(mapLocal(task, page, offset, length)),
 *   unmap: (mapping) => kunmapLocal(task, mapping),
 * });
 * ```
 */
export function defineBackend<const C extends Contract, M extends Mapping>(
  context: Context,
  definition: BackendDefinition<C, M>,
): Backend<C, M> {
  checkDefinition(definition);
  return new Backend(context, definition);
}
