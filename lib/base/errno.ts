/**
 * Errors as Linux numbers them, for reports and ports that compare with the kernel's return values.
 */
import type { ErrorOf } from './errors.ts';

/** The codes that stand for a return value of the list functions. */
export type ErrnoCode = 'InvalidArgument' | 'NoMemory' | 'NotSupported' | 'OutOfRange';

const ERRNO: Readonly<Record<ErrnoCode, number>> = {
  InvalidArgument: -22,
  OutOfRange: -22,
  NoMemory: -12,
  NotSupported: -95,
};

/**
 * The negative number that Linux returns in the place of this error.
 *
 * @linux none; the numbers are EINVAL, ENOMEM and EOPNOTSUPP
 */
export function errnoOf(error: ErrorOf<ErrnoCode>): number {
  return ERRNO[error.code];
}
