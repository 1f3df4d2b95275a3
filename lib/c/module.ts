/**
 * A C module that is ready to run: functions as generators, and where its variables lie.
 */
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import type { CSymbol } from './toolchain/link-map.ts';
import type { CVariable } from './wasm/debug-info.ts';
import type { DataSegment } from './wasm/module.ts';

/** A value of C: an integer of up to 32 bits, or of 64. */
export type CValue = number | bigint;

/** A function of C. What it is given first is the context that runs it. */
export type CFunction<R> = (runner: R, ...values: CValue[]) => Sleeping<CValue | undefined>;

/** A module. */
export interface CModule<R> {
  /** The file that it was compiled from. */
  readonly file: string;
  readonly data: readonly DataSegment[];
  readonly symbols: readonly CSymbol[];
  /** The variables with their types, read when they are first asked for. */
  readonly variables: readonly CVariable[];
  /** The address behind the last variable. */
  readonly imageEnd: number;
  /** The address of `mem_map`, the array of page structs. */
  readonly memMap: number;
  /** Functions by the name under which C exports them. */
  readonly exports: ReadonlyMap<string, CFunction<R>>;
  /** Functions of the kernel that it calls, by their Linux names. */
  readonly calls: readonly string[];
  /** Functions by the value of a pointer to them, with their types as a text. */
  readonly pointed: ReadonlyMap<number, { readonly run: CFunction<R>; readonly signature: string }>;
}
