/**
 * Checks counts and sizes in functions that need no context. If there is a machine, it reports the violation.
 */
import { err } from '../../base/result.ts';
import type { Err } from '../../base/result.ts';
import type { InvalidArgument } from '../../base/errors.ts';
import { isWhole, requireWhole, wholeFrom } from '../../base/whole.ts';
import { isStrict } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

const MOST: number = Number.MAX_SAFE_INTEGER;

/** Whether a function accepts a number. Compatible lists accept any whole number, because C converts it. */
export function isCount(n: number, how: SgOptions = {}, least = 0, most: number = MOST): boolean {
  return (isWhole(n, most) && n >= least) || (!isStrict(how) && Number.isInteger(n));
}

/** The same for a count of entries, where Infinity stands for all there are. */
export function isNents(nents: number, how: SgOptions): boolean {
  return nents === Infinity || isCount(nents, how);
}

/** Refuses a number, for functions that return no `Result`. */
export function checkCount(how: SgOptions, name: string, n: number, most: number = MOST): void {
  if (isCount(n, how, 0, most)) return;
  const { machine } = how;
  machine?.hardware.checkNumber(machine.executing, name, n, most);
  requireWhole(name, n, 0, most);
}

/** The result for a number that is refused. */
export function invalidCount(
  argument: string,
  got: number,
  least = 0,
  most: number = MOST,
): Err<InvalidArgument> {
  return err({ code: 'InvalidArgument', argument, got, expected: wholeFrom(least, most) });
}
