/**
 * `sg_set_folio` of include/linux/scatterlist.h.
 */
import { done, err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { MOST_32, isWhole, notWhole, wholeFrom } from '../../base/whole.ts';
import type { InvalidArgument } from '../../base/errors.ts';
import type { Folio } from '../../kernel/parts/folio.ts';
import type { MemoryKind } from '../../machine/memory.ts';
import { setSlot } from './entry.ts';
import type { SgEntry } from './sg-array.ts';
import { checkSgOptions, isStrict, report, semanticsOf } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

/**
 * Points an entry at bytes of a folio.
 *
 * @linux sg_set_folio (7.2; not in 6.1)
 * @context any
 * @errors InvalidArgument where length or offset does not fit 32 bits; a machine is told first
 * @differs compatible: the low 32 bits are stored all the same, as in Linux behind its warning
 */
export function sgSetFolio<K extends MemoryKind>(
  sg: SgEntry<K>,
  folio: Folio<K>,
  lengthBytes: number | bigint,
  offset: number | bigint,
  how: SgOptions = {},
): Result<undefined, InvalidArgument> {
  checkSgOptions('sgSetFolio', how);
  for (const [argument, got] of [
    ['length', lengthBytes],
    ['offset', offset],
  ] as const) {
    if (fits(got)) continue;
    report(how, 'sg-field-width', notWhole(`${argument} of a list entry`, Number(got), 0, MOST_32));
    if (isStrict(how) || (typeof got === 'number' && !Number.isInteger(got)))
      return err({ code: 'InvalidArgument', argument, got: Number(got), expected: wholeFrom(0, MOST_32) });
  }
  setSlot(sg.array, sg.slot, folio.head, low32(lengthBytes), low32(offset), semanticsOf(how));
  return done;
}

function fits(n: number | bigint): boolean {
  return typeof n === 'number' ? isWhole(n, MOST_32) : n >= 0n && n <= MOST_32;
}

function low32(n: number | bigint): number {
  return Number(BigInt.asUintN(32, BigInt(n)));
}
