/**
 * Checks the numbers in an error against the request and the full pool.
 */
import type { NoMemory, ScatterlistError } from '../base/errors.ts';
import type { MachineConfig } from '../machine/config.ts';
import type { Page } from '../machine/memory.ts';
import type { NestingLimit } from '../mapping/contract.ts';
import { check, same } from './check.ts';

/** A full pool. */
interface FullPool {
  readonly limitedBy: NestingLimit;
  /** The number of mappings of a few bytes that it holds. */
  readonly most: number;
  readonly config: MachineConfig;
  /** The number of tasks that sleep until a slot is free. */
  readonly waiting: number;
}

/** A map that failed. */
export interface FailedMap {
  readonly page: Page;
  readonly lengthBytes: number;
  /** The pool, if a full pool is the reason. */
  readonly full?: FullPool;
}

function isCount(value: number, least: number, what: string): void {
  check(
    Number.isSafeInteger(value) && value >= least,
    `${what} is ${String(value)}, expected a whole number from ${String(least)} on`,
  );
}

function isFree(value: number, what: string, onFullPool: number | undefined): void {
  isCount(value, 0, what);
  if (onFullPool !== undefined) same(value, onFullPool, `${what} on a full pool`);
}

/** Fails the clause unless each number of an error is right. */
export function checkNumbers(error: ScatterlistError, { page, lengthBytes, full }: FailedMap): void {
  const what = (field: string): string => `${field} of ${error.code}`;
  switch (error.code) {
    case 'NoSlots':
      isCount(error.slots, 1, what('slots'));
      if (full !== undefined) same(error.slots, full.most, what('slots'));
      same(error.waiting, full?.waiting ?? 0, what('waiting'));
      return;
    case 'Unmappable':
      same(error.pfn, page.pfn, 'the error names pfn');
      same(error.kind, page.kind, 'the error names the kind');
      return;
    case 'BounceExhausted':
      same(error.needBytes, lengthBytes, what('needBytes'));
      isFree(error.freeBytes, what('freeBytes'), full?.limitedBy === 'bounceSlots' ? 0 : undefined);
      isFree(error.largestRunBytes, what('largestRunBytes'), undefined);
      check(
        error.largestRunBytes < lengthBytes && error.largestRunBytes <= error.freeBytes,
        `${what('largestRunBytes')} is ${String(error.largestRunBytes)} of ${String(error.freeBytes)} free bytes, and ${String(lengthBytes)} were refused`,
      );
      return;
    case 'NoVirtualSpace':
      same(error.needPages, 1, what('needPages'));
      isFree(
        error.freePages,
        what('freePages'),
        // Each page has a guard page.
        full?.limitedBy === 'vmallocPages' ? full.config.vmallocPages - 2 * full.most : undefined,
      );
      // A run of one page was refused.
      same(error.largestRunPages, 0, what('largestRunPages'));
      return;
    case 'TooBig':
      same(error.needBytes, lengthBytes, what('needBytes'));
      isCount(error.limitBytes, 0, what('limitBytes'));
      check(
        error.limitBytes < lengthBytes,
        `${what('limitBytes')} is ${String(error.limitBytes)}, which ${String(lengthBytes)} bytes do not exceed`,
      );
      return;
    case 'NoMemory':
      isCount(error.wanted, 1, what('wanted'));
      isCount(error.available, 0, what('available'));
      isShort(error);
      return;
    case 'OutOfRange':
      isCount(error.haveBytes, 0, what('haveBytes'));
      check(
        error.haveBytes < error.wantBytes,
        `${what('haveBytes')} is ${String(error.haveBytes)}, which is enough for ${String(error.wantBytes)}`,
      );
      return;
    case 'MemoryFailure':
      same(error.pfn, page.pfn, what('pfn'));
      isCount(error.bytesNotCopied, 0, what('bytesNotCopied'));
      return;
    case 'BadAddress':
      isCount(error.address, 0, what('address'));
      isCount(error.bytesNotCopied, 1, what('bytesNotCopied'));
      return;
    case 'Injected':
      isCount(error.attempt, 0, what('attempt'));
      return;
    case 'InvalidArgument':
    case 'NotSupported':
      return;
  }
}

function isShort({ wanted, available, largestRunPages = available }: NoMemory): void {
  isCount(largestRunPages, 0, 'largestRunPages of NoMemory');
  check(
    largestRunPages < wanted && largestRunPages <= available,
    `NoMemory for ${String(wanted)}, with ${String(largestRunPages)} in a row of ${String(available)}`,
  );
}
