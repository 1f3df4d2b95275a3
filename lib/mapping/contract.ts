/**
 * The contract: what a backend promises, as data.
 *
 * Shared code reads the contract and never the backend's name. The conformance suite tests that the backend does what
 * the contract promises, and that it fails if the contract says so.
 */
import type { ErrorCode, ErrorOf, NoSlots } from '../base/errors.ts';
import type { ContextKind } from '../kernel/core/machine.ts';
import type { WindowScope } from '../kernel/window/mechanism.ts';
import type { MemoryKind } from '../machine/memory.ts';

/** What a live mapping disables for the running task. */
export type SideEffect = 'preemption' | 'migration' | 'pageFaults';

/** The limit of mappings held at once: an option of the machine, a number, or no limit. */
export type NestingLimit = 'localSlots' | 'pkmapSlots' | 'bounceSlots' | 'vmallocPages' | 'nothing' | number;

/** How mappings may be held together. */
export interface Nesting {
  /** In which order live mappings may be released. */
  readonly order: 'any' | 'lifo';
  /** The limit, for pages that use the limited resource: a lowmem page uses no local slot unless maps are forced. */
  readonly limitedBy: NestingLimit;
  /** The result of one mapping too many: an error with this code, or a violation. */
  readonly beyond: ErrorCode | 'violation' | 'none';
}

/** The terms that may differ between kinds of memory. */
export interface KindTerms {
  readonly scope: WindowScope;
  readonly nesting: Nesting;
}

/** The errors that a backend may return for each kind of memory; an empty list means that it cannot fail. */
export type ErrorTable = { readonly [K in MemoryKind]: readonly ErrorCode[] };

/** The contract of a backend. */
export interface Contract {
  /** Its name in reports and tables: `kmap_local`. */
  readonly name: string;
  /** The Linux function or design it follows. */
  readonly mirrors: string;
  /** Contexts in which it may map and unmap. */
  readonly contexts: readonly ContextKind[];
  /** Whether the waiting form (`sgMapWait`) may put the task to sleep. */
  readonly sleeps: boolean;
  /** Where the addresses are valid: everywhere, in the task that mapped, or on its CPU. */
  readonly scope: WindowScope;
  readonly nesting: Nesting;
  /** Kinds of memory for which scope and nesting are not those above; mappings of such kinds nest apart. */
  readonly except?: { readonly [K in MemoryKind]?: KindTerms };
  /** Whether one mapping may cover many pages of an entry. */
  readonly contiguous: boolean;
  /** Whether every mapping has `bytes`; otherwise callers get accessors only. */
  readonly direct: boolean;
  /** What a live mapping of a highmem page disables on a preemptible kernel. */
  readonly disables: readonly SideEffect[];
  /** The same on PREEMPT_RT. */
  readonly disablesRt: readonly SideEffect[];
  readonly errors: ErrorTable;
}

/** The errors a contract allows for memory of kind `K`; `never` if mapping it cannot fail. */
export type ErrorsIn<C extends Contract, K extends MemoryKind> = ErrorOf<C['errors'][K][number]>;

/** Scope and nesting of a contract for memory of kind `K`, as a type: what `termsFor` returns. */
type TermsIn<C extends Contract, K extends MemoryKind> = C['except'] extends {
  readonly [Kind in K]: infer Terms extends KindTerms;
}
  ? Terms
  : C;

/** What the waiting form may return: it waits for a slot if the contract sleeps and a full pool is NoSlots. */
export type WaitErrorsIn<C extends Contract, K extends MemoryKind> = K extends MemoryKind
  ? C['sleeps'] extends true
    ? TermsIn<C, K>['nesting']['beyond'] extends 'NoSlots'
      ? Exclude<ErrorsIn<C, K>, NoSlots>
      : ErrorsIn<C, K>
    : ErrorsIn<C, K>
  : never;

/**
 * Scope and nesting of a contract for one kind of memory.
 *
 * @linux none
 */
export function termsFor(contract: Contract, kind: MemoryKind): KindTerms {
  return contract.except?.[kind] ?? contract;
}
