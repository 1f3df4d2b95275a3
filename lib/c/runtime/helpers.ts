/**
 * What translated code calls: accesses to memory, calls by a pointer, and the arithmetic that JavaScript has not.
 */
import { InvariantError } from '../../base/invariant.ts';
import { hex } from '../../base/units.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { CFunction } from '../module.ts';
import { load1, load2, load4, load8, store1, store2, store4, store8 } from './memory.ts';
import { intend } from './races.ts';
import type { Runner } from './runner.ts';
import { worldOf } from './world.ts';

function stop({ context }: Runner, rule: RuleId, what: string): never {
  context.machine.hardware.violate({ rule, severity: 'bug', what, context: context.state() });
  throw new InvariantError(`${rule} was reported and not thrown`);
}

/** The function that a pointer leads to. */
function pointed(runner: Runner, pointer: number, signature: string): CFunction<Runner> {
  const { context } = runner;
  const found = worldOf(context.machine).module.pointed.get(pointer);
  if (found === undefined)
    return stop(
      runner,
      pointer === 0 ? 'null-pointer' : 'wild-access',
      pointer === 0
        ? 'a call of a function pointer that is NULL'
        : `a call of ${hex(pointer)}, where no function is`,
    );
  if (found.signature !== signature)
    return stop(runner, 'wild-access', 'a call by a pointer of another type than the function has');
  return found.run;
}

/** The helpers by the names that translated code uses. */
export const HELPERS: Readonly<Record<string, unknown>> = {
  ask: intend,
  load1,
  load2,
  load4,
  load8,
  store1,
  store2,
  store4,
  store8,
  pointed,
  overflow: (runner: Runner): void => {
    stop(runner, 'stack-overflow', `the stack of "${runner.context.name}" has ${String(runner.size)} bytes`);
  },
  trap: (): void => {
    throw new Error('BUG: code that cannot be reached was reached');
  },
  divisor: (n: number): number => {
    if (n === 0) throw new Error('divide error');
    return n;
  },
  divisor64: (n: bigint): bigint => {
    if (n === 0n) throw new Error('divide error');
    return n;
  },
  ctz32: (n: number): number => (n === 0 ? 32 : 31 - Math.clz32(n & -n)),
  popcnt32: (n: number): number => {
    let count = 0;
    for (let rest = n >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count += 1;
    return count;
  },
  clz64: (n: bigint): bigint => BigInt(64 - (n === 0n ? 0 : BigInt.asUintN(64, n).toString(2).length)),
  ctz64: (n: bigint): bigint => {
    if (n === 0n) return 64n;
    let count = 0n;
    for (let rest = n; (rest & 1n) === 0n; rest >>= 1n) count += 1n;
    return count;
  },
  popcnt64: (n: bigint): bigint => {
    let count = 0n;
    for (let rest = BigInt.asUintN(64, n); rest !== 0n; rest >>= 1n) count += rest & 1n;
    return count;
  },
  rotl64: (n: bigint, by: bigint): bigint => {
    const left = by & 63n;
    const bits = BigInt.asUintN(64, n);
    return BigInt.asIntN(64, (bits << left) | (bits >> (64n - left)));
  },
};
