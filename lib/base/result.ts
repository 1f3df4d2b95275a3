/**
 * The outcome of an operation that may fail in a way its caller must expect.
 *
 * A plain discriminated union, so that it narrows on `ok`, survives `structuredClone` and costs no
 * class. It distributes over `E`: where an operation cannot fail, `E` is `never`, the error arm
 * disappears and `result.value` needs no check. For this the library has its own type.
 */

/** A success carrying `value`. */
export type Ok<T> = { readonly ok: true; readonly value: T };

/** A failure carrying `error`, a member of a closed union discriminated by `code`. */
export type Err<E> = { readonly ok: false; readonly error: E };

/** A success, or one failure arm per member of `E`; just `Ok<T>` when `E` is `never`. */
export type Result<T, E> = Ok<T> | (E extends unknown ? Err<E> : never);

/** Wraps a value as a success. */
export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

/** Wraps an error as a failure. */
export function err<E>(error: E): Err<E> {
  return { ok: false, error };
}

/** A success without a value; one shared object. */
export const done: Ok<undefined> = { ok: true, value: undefined };
