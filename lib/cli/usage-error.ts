/** A command line that cannot be understood; printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
