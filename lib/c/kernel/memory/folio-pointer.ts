/**
 * `struct folio *` and the folios of the machine.
 */
import type { Folio } from '../../../kernel/parts/folio.ts';
import type { Runner } from '../../runtime/runner.ts';
import { pageOf } from './page-pointer.ts';

/** The folio of a `struct folio *`, which is the pointer to its first page. */
export function folioOf(c: Runner, pointer: number): Folio {
  return c.context.machine.folios.of(pageOf(c, pointer));
}
