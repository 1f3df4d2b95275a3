/**
 * Errors of helpers that work along a list. They contain the number of bytes done.
 */
import type { ScatterlistError } from '../../base/errors.ts';
import { err } from '../../base/result.ts';
import type { Err, Ok } from '../../base/result.ts';

/** An error of a helper that had done some bytes before it failed. */
export type PartlyDone<E> = E extends unknown ? E & { readonly doneBytes: number } : never;

/** The result of such a helper inside this layer. */
export type Walked<T> = Ok<T> | Err<ScatterlistError & { readonly doneBytes: number }>;

/** Adds the number of bytes done to an error. */
export function partly<E>(error: E, doneBytes: number): Err<E & { readonly doneBytes: number }> {
  return err({ ...error, doneBytes });
}
