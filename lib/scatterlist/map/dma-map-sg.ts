/**
 * Mapping lists for a device: `dma_map_sg` and its relatives, by the first entry and the number of entries.
 */
import { checkOptions } from '../../base/options.ts';
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import { dmaAddr } from '../../base/units.ts';
import type { InvalidArgument } from '../../base/errors.ts';
import type { DmaAttrs, DmaHow, DmaRange } from '../../kernel/dma/dma-call.ts';
import type { DmaDevice } from '../../kernel/dma/dma-device.ts';
import type { DmaMapError } from '../../kernel/dma/dma-reach.ts';
import type { DmaDirection, DmaOwner, DmaPiece } from '../../kernel/parts/dma-mapping.ts';
import type { Context } from '../../kernel/core/machine.ts';
import { checkCount, isNents } from '../list/check-count.ts';
import { exists, refusePlace } from '../list/check-place.ts';
import { forEachSg } from '../list/for-each-sg.ts';
import { LinkWatch } from '../list/link-watch.ts';
import type { SgEntry } from '../list/sg-array.ts';
import {
  sgDmaAddress,
  sgDmaIsBusAddress,
  sgDmaLen,
  sgDmaMarkBusAddress,
  sgDmaMarkSwiotlb,
  sgDmaUnmarkBusAddress,
  sgSetDma,
} from '../list/sg-dma.ts';
import { mappedNents } from '../list/sg-table.ts';
import type { MappedNents, OrigNents } from '../list/sg-table.ts';

function howOf(attrs: DmaAttrs | undefined, entries?: number): DmaHow {
  const how = entries === undefined ? ({ call: 'sg' } as const) : ({ call: 'sg', entries } as const);
  if (attrs === undefined) return how;
  checkOptions('a DMA call', attrs, { skipCpuSync: 'boolean' });
  return { ...attrs, ...how };
}

/**
 * Maps the first `nents` entries of a list for a device, all of them or none; returns how many segments it sees,
 * which the DMA fields of as many entries describe.
 *
 * @linux dma_map_sg, dma_map_sg_attrs (7.2)
 * @context any; does not sleep
 * @errors as `dmaMapPage`, where Linux returns 0; InvalidArgument for no entries, and for a list whose links lead back.
 * An entry without a page, or past the end of memory, is a violation
 * @differs ends with the list; strict: an entry of no bytes is reported as `dma-range`
 */
export function dmaMapSg(
  context: Context,
  device: DmaDevice,
  sgl: SgEntry | null,
  nents: OrigNents,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): Result<MappedNents, DmaMapError> {
  const how = howOf(attrs);
  if (!isNents(nents, context)) checkCount(context, 'nents', nents);
  const pieces: DmaPiece[] = [];
  const links = new LinkWatch(sgl, context);
  let entry = sgl;
  for (let left = nents - 1; left >= 0 && entry !== null; left -= 1) {
    const { page, offset, length }: SgEntry = entry;
    if (page === null || !exists(page, offset, length))
      return refusePlace({ name: 'dma_map_sg', context }, entry, 0);
    pieces.push({ page, offset, length });
    entry = links.next(entry, left);
  }
  if (links.isEndless) return notAList(links.entries, 'a list that ends');
  if (pieces.length === 0) return notAList(0, 'at least one entry');
  const mapped = device.map(context, pieces, direction, how);
  if (!mapped.ok) return mapped;
  const segments = mapped.value;
  let i = 0;
  for (const sg of forEachSg(sgl, nents)) {
    const segment = segments[i];
    sgDmaUnmarkBusAddress(sg);
    sgSetDma(sg, segment?.address ?? dmaAddr(0), segment?.lengthBytes ?? 0);
    if (segment?.isBusAddress === true) sgDmaMarkBusAddress(sg);
    i += 1;
  }
  if (sgl !== null && device.bouncesLists) sgDmaMarkSwiotlb(sgl);
  return ok(mappedNents(segments.length));
}

function notAList(got: number, expected: string): Result<never, InvalidArgument> {
  return err({ code: 'InvalidArgument', argument: 'table', got, expected });
}

/** The mapped parts of a list, and the entries with bus addresses, which were not mapped. */
interface Mapped {
  readonly ranges: readonly DmaRange[];
  readonly busEntries: readonly SgEntry[];
}

// After the segments that the device sees, the DMA fields are empty.
function mappedOf(context: Context, sgl: SgEntry | null, nents: number): Mapped {
  const ranges: DmaRange[] = [];
  const busEntries: SgEntry[] = [];
  for (const sg of forEachSg(sgl, nents, context)) {
    if (sg.page !== null) context.machine.checkOwn(sg.page);
    const [address, lengthBytes] = [sgDmaAddress(sg), sgDmaLen(sg)];
    if (sgDmaIsBusAddress(sg)) busEntries.push(sg);
    else if (address > 0 || lengthBytes > 0 || ranges.length === 0) ranges.push({ address, lengthBytes });
  }
  return { ranges, busEntries };
}

/**
 * Ends the mapping of a list.
 *
 * @linux dma_unmap_sg, dma_unmap_sg_attrs (7.2)
 * @context any; does not sleep
 */
export function dmaUnmapSg(
  context: Context,
  device: DmaDevice,
  sgl: SgEntry | null,
  nents: OrigNents,
  direction: DmaDirection,
  attrs?: DmaAttrs,
): void {
  const how = howOf(attrs, nents);
  const { ranges, busEntries } = mappedOf(context, sgl, nents);
  for (const sg of busEntries) sgDmaUnmarkBusAddress(sg);
  device.unmapAll(context, ranges, direction, how);
}

function syncSg(
  context: Context,
  device: DmaDevice,
  sgl: SgEntry | null,
  nents: number,
  owner: DmaOwner,
  direction: DmaDirection,
): void {
  const { ranges } = mappedOf(context, sgl, nents);
  device.syncAll(context, owner, ranges, direction, { call: 'sg', entries: nents });
}

/**
 * Gives the memory of a mapped list to the CPU.
 *
 * @linux dma_sync_sg_for_cpu (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSgForCpu(
  context: Context,
  device: DmaDevice,
  sgl: SgEntry | null,
  nents: OrigNents,
  direction: DmaDirection,
): void {
  syncSg(context, device, sgl, nents, 'cpu', direction);
}

/**
 * Gives the memory of a mapped list back to the device.
 *
 * @linux dma_sync_sg_for_device (7.2)
 * @context any; does not sleep
 */
export function dmaSyncSgForDevice(
  context: Context,
  device: DmaDevice,
  sgl: SgEntry | null,
  nents: OrigNents,
  direction: DmaDirection,
): void {
  syncSg(context, device, sgl, nents, 'device', direction);
}
