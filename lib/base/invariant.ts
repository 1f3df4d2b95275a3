/** Thrown when this library contradicts itself: always our bug, never the driver's or the caller's. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Stops when a condition that this library guarantees does not hold. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Thrown for set-up mistakes (a machine that is too small, an option out of range) by the test author. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
