/**
 * Functions of the kernel as C calls them: by their Linux names, with numbers for pointers.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import { announce } from '../runtime/races.ts';
import { BLOCKS } from './blocks.ts';
import type { CFunction, CValue } from '../module.ts';
import type { Runner } from '../runtime/runner.ts';
import type { FunctionType } from '../wasm/module.ts';

/** What a function of the kernel gives back; nothing of it where C declares the function void. */
export type KernelResult = number | bigint | boolean | void;

/**
 * A function of the kernel. Integers come without a sign: `| 0` gives it back. A function that may sleep, or that calls
 * back into C, is a generator.
 */
export type KernelFunction = (runner: Runner, ...values: number[]) => KernelResult | Sleeping<KernelResult>;

/** Functions by their Linux names. */
export type KernelFunctions = Readonly<Record<string, KernelFunction>>;

/** A function of the kernel as translated code calls it: others may run before it. */
export function callable(name: string, run: KernelFunction, type: FunctionType): CFunction<Runner> {
  const blocks = BLOCKS[name];
  return function* (runner, ...values) {
    const numbers = values.map(plain);
    if (blocks !== undefined) announce(runner, blocks(...numbers));
    yield;
    const given = run(runner, ...numbers);
    const result: KernelResult = typeof given === 'object' ? yield* given : given;
    if (blocks !== undefined) announce(runner, []);
    return converted(name, result, type);
  };
}

function plain(value: CValue): number {
  return typeof value === 'bigint' ? Number(value) : value >>> 0;
}

function converted(name: string, result: KernelResult, { result: type }: FunctionType): CValue | undefined {
  if (type === undefined) return undefined;
  if (result === undefined) throw new ConfigError(`${name} gives nothing back; C declares it with a result`);
  if (type === 'i64') return BigInt.asIntN(64, BigInt(result));
  return Number(result) | 0;
}
