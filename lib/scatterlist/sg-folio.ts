/**
 * `sg_set_folio` of include/linux/scatterlist.h.
 */
import { done, err } from '../base/result.ts';
import type { Result } from '../base/result.ts';
import type { InvalidArgument } from '../base/errors.ts';
import type { Folio } from '../kernel/folio.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { sgSetPage } from './entry.ts';
import type { SgEntry } from './sg-array.ts';
import { isStrict, report } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

const MOST = 2 ** 32 - 1;

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
  for (const [argument, got] of [
    ['length', lengthBytes],
    ['offset', offset],
  ] as const) {
    if (got <= MOST) continue;
    report(how, 'sg-field-width', `sgSetFolio with ${argument} ${String(got)}`);
    if (isStrict(how)) {
      return err({
        code: 'InvalidArgument',
        argument,
        got: Number(got),
        expected: `at most ${String(MOST)}`,
      });
    }
  }
  sgSetPage(sg, folio.head, low32(lengthBytes), low32(offset));
  return done;
}

function low32(n: number | bigint): number {
  return Number(BigInt.asUintN(32, BigInt(n)));
}
