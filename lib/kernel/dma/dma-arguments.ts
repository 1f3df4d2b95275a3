/**
 * Checks the arguments of a DMA map: the bytes must exist, and the direction must be a valid one.
 */
import type { ErrorOf } from '../../base/errors.ts';
import { ConfigError } from '../../base/invariant.ts';
import { hex } from '../../base/units.ts';
import type { DmaDirection, DmaPiece } from '../parts/dma-mapping.ts';
import type { Context } from '../core/machine.ts';

const DIRECTIONS: Readonly<Record<DmaDirection, true>> = {
  bidirectional: true,
  toDevice: true,
  fromDevice: true,
};

/** Reports an invalid direction; Linux has a BUG there. */
export function checkDmaDirection(context: Context, direction: DmaDirection): void {
  if (Object.hasOwn(DIRECTIONS, direction)) return;
  context.machine.hardware.violate({
    rule: 'dma-direction',
    severity: 'bug',
    what: `a direction is ${Object.keys(DIRECTIONS).join(', ')}, not ${String(direction)}`,
    context: context.state(),
  });
}

/** Reports pieces that are not bytes of memory; returns the error for the first of them. */
export function refusePieces(
  context: Context,
  pieces: readonly DmaPiece[],
): ErrorOf<'InvalidArgument'> | undefined {
  for (const piece of pieces) {
    const refused = refusalOf(context, piece);
    if (refused === undefined) continue;
    context.machine.hardware.violate({
      rule: 'dma-range',
      what: `dma_map of ${String(piece.length)} bytes at offset ${String(piece.offset)} of pfn ${hex(piece.page.pfn)}; the ${refused.argument} must be ${refused.expected}`,
      context: context.state(),
    });
    return refused;
  }
  return undefined;
}

function refusalOf(
  { machine }: Context,
  { page, offset, length }: DmaPiece,
): ErrorOf<'InvalidArgument'> | undefined {
  const { memory } = machine.hardware;
  if (page.zone.memory !== memory)
    throw new ConfigError(`pfn ${hex(page.pfn)} is a page of another machine than the DMA device`);
  const refuse = (argument: string, got: number, expected: string): ErrorOf<'InvalidArgument'> => ({
    code: 'InvalidArgument',
    argument,
    got,
    expected,
  });
  // Linux maps 0 bytes and does not warn.
  const least = machine.config.semantics === 'compatible' ? 0 : 1;
  if (!Number.isInteger(length) || length < least || length > 0xffffffff)
    return refuse('length', length, `a whole number of bytes from ${String(least)} to 2^32-1`);
  if (!Number.isInteger(offset) || offset < 0) return refuse('offset', offset, 'a whole number, not below 0');
  if (offset + length <= machine.pageSize) return undefined;
  // All bytes must belong to one device, or all to RAM.
  const last = memory.zoneOf(page.pfn + Math.floor((offset + length - 1) / machine.pageSize));
  if (last !== undefined && last.region === page.zone.region) return undefined;
  return refuse('length', length, 'inside the memory that begins there');
}
