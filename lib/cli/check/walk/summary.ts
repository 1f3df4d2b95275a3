/**
 * What a function does to mappings, as its callers in the same file see it.
 */
import type { MapContract, UnmapContract } from '../contracts/contract.ts';
import type { Value } from './value.ts';

/** A mapping that a function of the file has made and not released when it returns. */
export interface Kept {
  readonly contract: MapContract;
  /** In terms of the parameters, `%page`. */
  readonly page: Value;
  readonly object: Value | undefined;
  /** Where its address is: `return`, or a place in terms of the parameters. */
  readonly places: readonly string[];
}

/** A mapping of its caller that a function has released. */
export interface Released {
  readonly unmap: UnmapContract;
  readonly value: Value;
}

/** One way in which a function can return. */
export interface Outcome {
  /** The value in terms of the parameters, if it is a number, an error number, or one of them. */
  readonly returns: Value | undefined;
  /** What is known of the value else. */
  readonly isNot0: boolean | undefined;
  /** Whether it is an error pointer. */
  readonly isError: boolean | undefined;
  readonly kept: readonly Kept[];
  readonly released: readonly Released[];
  /** What is known of the parameters when it returns so: `%flag` is 0, `(%a==%b)` is not. */
  readonly when: readonly (readonly [Value, boolean])[];
  /** The parameter from which the value was computed by steps and masks: an address in the same mapping. */
  readonly basedOn: Value | undefined;
  /** Numbers that it wrote where a parameter points. */
  readonly writes: readonly (readonly [string, Value])[];
}

/** All ways in which a function can return. */
export interface Summary {
  readonly outcomes: readonly Outcome[];
  readonly parameters: readonly string[];
  /** Whether it does anything to mappings that outlasts it. */
  readonly hasEffect: boolean;
  /** Whether it may sleep on some path. */
  readonly sleepsAt: number | undefined;
}

/** A summary of a function that is being summarized, or about which nothing is known. */
export const NO_EFFECT: Summary = { outcomes: [], parameters: [], hasEffect: false, sleepsAt: undefined };

/** Puts arguments for parameters in a value. */
export function inCaller(value: Value, parameters: readonly string[], given: readonly Value[]): Value {
  const put = value.replaceAll(/%(\w+)/g, (whole, name: string) => {
    const at = parameters.indexOf(name);
    return at < 0 ? whole : (given[at] ?? whole);
  });
  // What a pointer to a variable leads to is the variable.
  return put.replaceAll(/\*&\(([\w.]+)\)/g, '$1').replaceAll(/&\(([\w.]+)\)->/g, '$1.');
}
