/**
 * The options of list functions: the machine, the semantics and the allocator.
 *
 * All are optional, because lists exist without a machine. With a machine, its semantics apply, and it gets a report
 * if Linux would warn.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkOptions } from '../../base/options.ts';
import type { Accepts } from '../../base/options.ts';
import { MOST_32, isWhole, notWhole } from '../../base/whole.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { Semantics } from './check-entry.ts';
import { UNLIMITED } from './sg-allocator.ts';
import type { SgAllocator } from './sg-allocator.ts';

/** The last parameter of every list function with options. */
export interface SgOptions {
  /** The machine whose semantics and version apply. It gets a report if Linux would warn or stop. */
  readonly machine?: Machine | undefined;
  /** `strict` refuses or repairs Linux's quirks, `compatible` reproduces them. Default: the machine's, else strict. */
  readonly semantics?: 'strict' | 'compatible' | undefined;
  /** The allocator for list memory. The default never fails. */
  readonly allocator?: SgAllocator | undefined;
  /** `SG_MAX_SINGLE_ALLOC`: slots of a page, at least 2. Default 128. */
  readonly maxSingleAlloc?: number | undefined;
}

const SG_OPTIONS: Readonly<Record<keyof SgOptions, Accepts>> = {
  machine: 'object',
  semantics: ['strict', 'compatible'],
  allocator: 'object',
  maxSingleAlloc: 'number',
};

// The options of a table are kept with it and used by walks, too.
const OPTIONS_OF_TABLES = {
  table: 'object',
  firstChunk: 'object',
  nentsFirstChunk: 'number',
  chunks: 'object',
  chainable: 'boolean',
} as const;

/** Refuses options that neither a walk of a list nor the function that made the table has. */
export function checkWalkOptions(what: string, how: object): void {
  checkSgOptions(what, how, OPTIONS_OF_TABLES);
}

/** Refuses options that a list function does not have; `more` are those of its own. */
export function checkSgOptions(
  what: string,
  how: object,
  more: Readonly<Record<string, Accepts>> = {},
): void {
  // A context can be passed instead; it has a machine but is no options object.
  const isPlain = Object.getPrototypeOf(how) === Object.prototype;
  if (!isPlain && 'state' in how && typeof how.state === 'function') return;
  checkOptions(what, how, { ...SG_OPTIONS, ...more });
}

/** Whether Linux's quirks are refused. */
export function isStrict(how: SgOptions): boolean {
  return (how.semantics ?? how.machine?.config.semantics ?? 'strict') === 'strict';
}

/** The semantics of an entry; `undefined` if its page's machine decides. */
export function semanticsOf(how: SgOptions): Semantics | undefined {
  return how.semantics ?? how.machine?.config.semantics;
}

/** The allocator to use. */
export function allocatorOf(how: SgOptions): SgAllocator {
  return how.allocator ?? UNLIMITED;
}

/** The most slots of one allocation. */
export function maxSingleAllocOf(how: SgOptions): number {
  const most = how.maxSingleAlloc ?? LIMITS.sgMaxSingleAlloc;
  // An array of one slot would have only the link.
  if (!isWhole(most, MOST_32) || most < 2)
    throw new ConfigError(notWhole('maxSingleAlloc', most, 2, MOST_32));
  return most;
}

/** Reports to the machine, if there is one, what Linux reports by WARN or BUG. */
export function report(how: SgOptions, rule: RuleId, what: string, severity: 'warn' | 'bug' = 'warn'): void {
  const { machine } = how;
  machine?.hardware.violate({ rule, severity, what, context: machine.executing.state() });
}
