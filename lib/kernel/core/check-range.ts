/**
 * The range check of the page and folio helpers.
 */
import { isWhole } from '../../base/whole.ts';
import type { Context } from './machine.ts';

/** Reports a range that runs over the end of a page or folio; Linux stops there with `VM_BUG_ON` or `BUG_ON`. */
export function checkRange(
  context: Context,
  what: string,
  offset: number,
  lengthBytes: number,
  sizeBytes: number,
): void {
  if (isWhole(offset, sizeBytes) && isWhole(lengthBytes, sizeBytes - offset)) return;
  context.machine.hardware.violate({
    rule: 'range-overrun',
    severity: 'bug',
    what: `${what}: ${String(lengthBytes)} bytes at offset ${String(offset)} of ${String(sizeBytes)} bytes`,
    context: context.state(),
  });
}
