/**
 * What things cost: the constants by which experiments turn counts into cycles, each with its source.
 *
 * Where a count of the ledger has a figure in `CYCLE_MODEL`, it is taken from there, so that there is one truth.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkOptions } from '../../base/options.ts';
import type { Accepts } from '../../base/options.ts';
import { CYCLE_MODEL, Ledger } from '../../machine/ledger.ts';
import type { CountName, LedgerCounts } from '../../machine/ledger.ts';

/** One constant of the cost model. */
export interface Constant {
  /** CPU cycles. */
  readonly cycles: number;
  /** Where the figure comes from. */
  readonly source: string;
  /** `measured` by this project's own C harness or bench; otherwise an `estimate` of the order of magnitude. */
  readonly how: 'measured' | 'estimate';
}

/** The constants of an experiment, by name. */
export type ConstantTable = Readonly<Record<string, Constant>>;

/** The cycles of each constant, as an experiment reads them. */
export type Cycles = (name: string) => number;

const from = (count: CountName, how: Constant['how']): Constant => ({ ...CYCLE_MODEL[count], how });
const guess = (cycles: number, source: string): Constant => ({ cycles, source, how: 'estimate' });

/** The constants that every experiment may use. */
export const CONSTANTS: ConstantTable = {
  map: from('maps', 'measured'),
  unmap: from('unmaps', 'measured'),
  pteWrite: from('pteWrites', 'estimate'),
  localFlush: from('flushesLocal', 'estimate'),
  globalFlush: from('flushesGlobal', 'estimate'),
  ipi: from('ipis', 'estimate'),
  lock: from('lockAcquisitions', 'estimate'),
  sleep: from('lockWaits', 'estimate'),
  byteCopy: from('bytesBounced', 'measured'),
  deviceAccess: from('deviceAccesses', 'estimate'),
  contextSwitch: from('contextSwitches', 'estimate'),
  cacheFlush: from('cacheFlushes', 'estimate'),
  keyWrite: from('keySwitches', 'estimate'),
  lineMove: guess(
    200,
    'a modified cache line fetched from another core: published core-to-core latencies are 20 to 100 ns inside a socket (such as those of chipsandcheese.com, November 2023)',
  ),
  tlbRefill: guess(
    30,
    'a page walk whose entries are in the L2 cache, after a flush dropped the translation',
  ),
  call: guess(5, 'a direct call and its return, with the registers that it makes the caller save'),
  check: guess(2, 'a load of a flag that is in the L1 cache, and a branch that is predicted'),
};

/** The constant that weighs each count of the ledger. */
const CONSTANT_OF: readonly (readonly [count: CountName, constant: string])[] = [
  ['maps', 'map'],
  ['unmaps', 'unmap'],
  ['pteWrites', 'pteWrite'],
  ['flushesLocal', 'localFlush'],
  ['flushesGlobal', 'globalFlush'],
  ['ipis', 'ipi'],
  ['lockAcquisitions', 'lock'],
  ['lockWaits', 'sleep'],
  ['bytesBounced', 'byteCopy'],
  ['deviceAccesses', 'deviceAccess'],
  ['contextSwitches', 'contextSwitch'],
  ['cacheFlushes', 'cacheFlush'],
  ['keySwitches', 'keyWrite'],
];

/** The most that a constant may be: a millisecond at 3 GHz is 3 million cycles. */
const MOST_CYCLES = 1e9;

/** Replaces constants; refuses one that the table does not have, and a figure out of range. */
export function withConstants(
  table: ConstantTable,
  replaced: Readonly<Record<string, number>>,
): ConstantTable {
  const changed: Record<string, Constant> = { ...table };
  for (const [name, cycles] of Object.entries(replaced)) {
    const constant = Object.hasOwn(table, name) ? table[name] : undefined;
    if (constant === undefined)
      throw new ConfigError(`no constant '${name}'; there is ${Object.keys(table).join(', ')}`);
    if (!(cycles >= 0 && cycles <= MOST_CYCLES))
      throw new ConfigError(
        `constant ${name} is ${String(cycles)} cycles; it must be 0 to ${String(MOST_CYCLES)}`,
      );
    changed[name] = { ...constant, cycles };
  }
  return changed;
}

/** Reads a table, and remembers which constants were read. */
export function readerOf(table: ConstantTable): { readonly cycles: Cycles; readonly used: Set<string> } {
  const used = new Set<string>();
  const cycles = (name: string): number => {
    const constant = Object.hasOwn(table, name) ? table[name] : undefined;
    if (constant === undefined)
      throw new ConfigError(`no constant '${name}'; there is ${Object.keys(table).join(', ')}`);
    used.add(name);
    return constant.cycles;
  };
  return { cycles, used };
}

const COUNTS: Readonly<Record<string, Accepts>> = Object.fromEntries(
  Object.keys(new Ledger().snapshot()).map((count) => [count, 'number']),
);

/** What counts of a ledger cost, in cycles. A count of 0 does not use its constant. */
export function weigh(counts: Partial<LedgerCounts>, cycles: Cycles): number {
  checkOptions('weigh', counts, COUNTS);
  let sum = 0;
  for (const [count, constant] of CONSTANT_OF)
    if ((counts[count] ?? 0) > 0) sum += (counts[count] ?? 0) * cycles(constant);
  return sum;
}

/** What was counted between two snapshots of a ledger. */
export function difference(before: LedgerCounts, after: LedgerCounts): LedgerCounts {
  const counts: Record<CountName, number> = { ...after };
  for (const [count] of CONSTANT_OF) counts[count] -= before[count];
  return counts;
}

/** The counts of several machines together. */
export function together(all: readonly LedgerCounts[]): LedgerCounts {
  const counts: Record<CountName, number> = { ...new Ledger().snapshot() };
  for (const each of all) for (const [count] of CONSTANT_OF) counts[count] += each[count];
  return counts;
}
