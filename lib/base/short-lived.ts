/**
 * Functions that are kept in a property and are made as often as the object that has it.
 */

/**
 * Returns the function. V8 puts a function whose text is assigned to a property straight among the old objects of its
 * heap, where all that it refers to stays until the next full collection. One that comes from a call is young.
 */
export function shortLived<F extends (...args: never[]) => unknown>(fn: F): F {
  return fn;
}
