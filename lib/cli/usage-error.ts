/** A command line that cannot be understood, or a file that is of no use to it; printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Whether the user can mend it: then the sentence is enough. */
export function isUsersMistake(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
