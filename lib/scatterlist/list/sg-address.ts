/**
 * Entries and addresses: `sg_phys`, `sg_virt`, `sg_set_buf`, `sg_init_one`.
 */
import { done, err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument, Unmappable } from '../../base/errors.ts';
import { physAddr, virtAddr } from '../../base/units.ts';
import type { PhysAddr, VirtAddr } from '../../base/units.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import { exists, refusePlace } from './check-place.ts';
import type { Asker } from './check-place.ts';
import { sgInitTable, sgSetPage } from './entry.ts';
import type { SgEntry } from './sg-array.ts';
import { checkWalkOptions, isStrict } from './sg-options.ts';
import type { SgOptions } from './sg-options.ts';

/**
 * The physical address of the first byte of an entry.
 *
 * @linux sg_phys (7.2)
 * @context any
 */
export function sgPhys(sg: SgEntry): PhysAddr {
  return physAddr(pageOf(sg, { name: 'sgPhys' }).phys + sg.offset);
}

/**
 * The permanent kernel address of the first byte of an entry. An entry that can only be lowmem always has one.
 *
 * @linux sg_virt (7.2)
 * @context any; does not sleep
 * @errors Unmappable for a page without a permanent address (highmem, device memory, unmappable memory)
 * @differs compatible: such an entry yields the bare offset, as NULL plus offset does in Linux
 * @example
 * ```ts
 * const address = sgVirt(lowmemEntry, machine).value;
 * ```
 */
export function sgVirt<K extends MemoryKind>(
  sg: SgEntry<K>,
  machine: Machine,
  how?: SgOptions,
): Result<VirtAddr, K extends 'lowmem' ? never : Unmappable>;
export function sgVirt(sg: SgEntry, machine: Machine, how?: SgOptions): Result<VirtAddr, Unmappable> {
  if (how !== undefined) checkWalkOptions('sgVirt', how);
  const asker = { name: 'sgVirt', context: machine.executing };
  const page = pageOf(sg, asker);
  machine.checkOwn(page);
  const { memory, addresses } = machine.hardware;
  const strict = isStrict(how ?? { machine });
  if (strict && !exists(page, sg.offset, Math.min(sg.length, 1))) return refusePlace(asker, sg, 0);
  if (strict ? memory.isDirect(page) : !memory.isHighmem(page))
    return ok(virtAddr(addresses.direct(page.pfn) + sg.offset));
  if (!strict) return ok(virtAddr(sg.offset));
  const { pfn, kind } = memory.pageAt(page.pfn + Math.floor(sg.offset / memory.pageSize)) ?? page;
  return err({ code: 'Unmappable', pfn, kind });
}

/**
 * Points an entry at a buffer given by its permanent kernel address.
 *
 * @linux sg_set_buf (7.2)
 * @context any
 * @errors InvalidArgument for any other address: a mapped one, vmalloc, the stack of a caller
 * @differs refused in both modes; Linux checks with CONFIG_DEBUG_SG only (BUG), and stores nonsense without
 */
export function sgSetBuf(
  sg: SgEntry<'lowmem'>,
  machine: Machine,
  address: VirtAddr,
  lengthBytes: number,
): Result<undefined, InvalidArgument> {
  const { addresses, memory } = machine.hardware;
  const fromStart = address - addresses.pageOffset;
  const page = fromStart < 0 ? undefined : memory.pageAt(Math.floor(fromStart / memory.pageSize));
  if (page === undefined || !isLowmem(page)) {
    return err({
      code: 'InvalidArgument',
      argument: 'address',
      got: address,
      expected: 'a permanent address of lowmem',
    });
  }
  sgSetPage(sg, page, lengthBytes, fromStart % memory.pageSize);
  return done;
}

/**
 * A list of one entry over a buffer given by its permanent kernel address.
 *
 * @linux sg_init_one (7.2)
 * @context any
 * @errors those of `sgSetBuf`
 */
export function sgInitOne(
  machine: Machine,
  address: VirtAddr,
  lengthBytes: number,
): Result<SgEntry<'lowmem'>, InvalidArgument> {
  const sg = sgInitTable<'lowmem'>(1).entry(0);
  const set = sgSetBuf(sg, machine, address, lengthBytes);
  return set.ok ? ok(sg) : set;
}

function pageOf(sg: SgEntry, asker: Asker): Page {
  return sg.page ?? refusePlace(asker, sg, 0);
}

function isLowmem(page: Page): page is Page<'lowmem'> {
  return page.kind === 'lowmem';
}
