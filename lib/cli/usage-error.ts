/** An invalid command line, or a file that cannot be used; printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Whether the user can correct it; then the message is enough. */
export function isUsersMistake(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
