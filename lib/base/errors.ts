/**
 * Every failure that a caller must expect, as one closed union on `code`.
 *
 * Each carries the numbers that explain it. Codes are stable; wording is not. A bug in the driver
 * under test is never one of these: it is a violation. Each code has a heading in the README.
 */
import type { Pfn } from './units.ts';

/** The shared kmap pool has no free slot; `kmap` of Linux would sleep here. */
export interface NoSlots {
  readonly code: 'NoSlots';
  /** Slots of the pool (of the page's cache colour). */
  readonly slots: number;
  /** Tasks already asleep for one. */
  readonly waiting: number;
}

/** The page cannot be reached by the CPU in the way asked for. */
export interface Unmappable {
  readonly code: 'Unmappable';
  readonly pfn: Pfn;
  /** The kind of memory behind the page, one of `MemoryKind`. */
  readonly kind: string;
}

/** The bounce pool has no run of slots long enough. */
export interface BounceExhausted {
  readonly code: 'BounceExhausted';
  readonly needBytes: number;
  /** Bytes of all free slots, which may lie apart. */
  readonly freeBytes: number;
  /** The longest buffer that could be had now, in whole slots: less than `needBytes`. */
  readonly largestRunBytes: number;
}

/** A request is larger than one bounce mapping can ever be. */
export interface TooBig {
  readonly code: 'TooBig';
  readonly needBytes: number;
  readonly limitBytes: number;
}

/** The vmalloc area has no run of pages long enough for a contiguous map. */
export interface NoVirtualSpace {
  readonly code: 'NoVirtualSpace';
  readonly needPages: number;
  /** Free pages of the whole area, which may lie apart. */
  readonly freePages: number;
  /**
   * Most pages that one map could get now: the longest free run, aligned as the map needs it and without the guard page
   * behind it. Less than `needPages`.
   */
  readonly largestRunPages: number;
}

/** An allocation failed: pages of a zone, or memory for a list. */
export interface NoMemory {
  readonly code: 'NoMemory';
  /** What was asked for: pages, or entries of a list. */
  readonly wanted: number;
  /** What there was: free pages, which may lie apart, or the entries for which there was memory. */
  readonly available: number;
  /** Present if the pages had to be contiguous: the longest run of free pages, less than `wanted`. */
  readonly largestRunPages?: number;
}

/** Linux returns `-EINVAL`: the arguments contradict each other or the function's contract. */
export interface InvalidArgument {
  readonly code: 'InvalidArgument';
  readonly argument: string;
  readonly got: number;
  /** What would have been accepted, in words that name the numbers. */
  readonly expected: string;
}

/** Fewer bytes are there than were asked for. */
export interface OutOfRange {
  readonly code: 'OutOfRange';
  readonly haveBytes: number;
  readonly wantBytes: number;
}

/** Linux returns `-EOPNOTSUPP`: the machine or the object cannot do this at all. */
export interface NotSupported {
  readonly code: 'NotSupported';
  readonly operation: string;
}

/** A copy met memory that has failed. */
export interface MemoryFailure {
  readonly code: 'MemoryFailure';
  readonly pfn: Pfn;
  /** Bytes at the end of the range that were not copied. */
  readonly bytesNotCopied: number;
}

/** Linux returns `-EFAULT`: a page of a user is not present and no handler brings it in, or it is no user memory. */
export interface BadAddress {
  readonly code: 'BadAddress';
  /** The address of the first byte that was not copied. */
  readonly address: number;
  readonly bytesNotCopied: number;
}

/** A failure asked for by the fault-injection wrapper or an allocation-failure plan. */
export interface Injected {
  readonly code: 'Injected';
  /** Which attempt was failed, counted from 0. */
  readonly attempt: number;
}

interface ErrorByCode {
  readonly NoSlots: NoSlots;
  readonly Unmappable: Unmappable;
  readonly BounceExhausted: BounceExhausted;
  readonly TooBig: TooBig;
  readonly NoVirtualSpace: NoVirtualSpace;
  readonly NoMemory: NoMemory;
  readonly InvalidArgument: InvalidArgument;
  readonly OutOfRange: OutOfRange;
  readonly NotSupported: NotSupported;
  readonly MemoryFailure: MemoryFailure;
  readonly BadAddress: BadAddress;
  readonly Injected: Injected;
}

/** The code of any expected failure. */
export type ErrorCode = keyof ErrorByCode;

/** The errors with these codes: `ErrorOf<'NoSlots' | 'Injected'>`. */
export type ErrorOf<Code extends ErrorCode> = Code extends unknown ? ErrorByCode[Code] : never;

/** Any expected failure. */
export type ScatterlistError = ErrorOf<ErrorCode>;

/** One line for a person: the code and its numbers. */
export function describeError(error: ScatterlistError): string {
  const { code, ...numbers } = error;
  const parts = Object.entries(numbers).map(([name, value]) => `${name} ${String(value)}`);
  return parts.length === 0 ? code : `${code} (${parts.join(', ')})`;
}
