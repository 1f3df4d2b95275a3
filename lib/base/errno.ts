/**
 * The error numbers of Linux, for reports and ports that compare with the kernel's return values.
 */
import type { ErrorOf } from './errors.ts';

/** The codes that have a Linux error number. */
export type ErrnoCode = 'BadAddress' | 'InvalidArgument' | 'NoMemory' | 'NotSupported' | 'OutOfRange';

const ERRNO: Readonly<Record<ErrnoCode, number>> = {
  BadAddress: -14,
  InvalidArgument: -22,
  OutOfRange: -22,
  NoMemory: -12,
  NotSupported: -95,
};

/**
 * The negative error number that Linux returns for this error.
 *
 * @linux none; the numbers are EFAULT, EINVAL, ENOMEM and EOPNOTSUPP
 */
export function errnoOf(error: ErrorOf<ErrnoCode>): number {
  return ERRNO[error.code];
}
