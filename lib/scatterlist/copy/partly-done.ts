/**
 * Errors of helpers that work their way along a list: they say how far they got.
 */
import type { ScatterlistError } from '../../base/errors.ts';
import { err } from '../../base/result.ts';
import type { Err, Ok } from '../../base/result.ts';

/** An error of a helper that had done some bytes before it failed. */
export type PartlyDone<E> = E extends unknown ? E & { readonly doneBytes: number } : never;

/** What such a helper returns, inside this layer. */
export type Walked<T> = Ok<T> | Err<ScatterlistError & { readonly doneBytes: number }>;

/** Adds to an error how far the helper got. */
export function partly<E>(error: E, doneBytes: number): Err<E & { readonly doneBytes: number }> {
  return err({ ...error, doneBytes });
}
