/**
 * The error for memory that lies above the mask of a device.
 */
import type { ErrorOf } from '../../base/errors.ts';
import { err } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { DmaPiece } from './dma-mapping.ts';

/** Returns the error; it names the first page of the piece that has bytes above the mask. */
export function unreachable({ page }: DmaPiece, mask: number): Result<never, ErrorOf<'Unmappable'>> {
  const { memory } = page.zone;
  const beyond = Math.floor((mask + 1) / memory.pageSize);
  const failed = beyond > page.pfn ? (memory.pageAt(beyond) ?? page) : page;
  return err({ code: 'Unmappable', pfn: failed.pfn, kind: failed.kind });
}
