/**
 * The layout of the kernel's virtual address space.
 *
 * Modelled on 32-bit x86; addresses grow upwards:
 *
 *     0x00000000  user space
 *     0xc0000000  PAGE_OFFSET: the direct map of lowmem (page_address)
 *                 ... a hole
 *                 vmalloc area: vmap, ioremap
 *                 PKMAP: the kmap pool, slot 0 at the lowest address
 *                 fixmap: the local slots of each CPU, slot 0 at the HIGHEST address
 *     0xfffff000  FIXADDR_TOP: local slot 0 of CPU 0
 *
 * A machine with more lowmem than fits there gets its direct map far above, as a 64-bit kernel has.
 */
import { ConfigError } from '../base/invariant.ts';
import { type VirtAddr, hex, virtAddr } from '../base/units.ts';
import { LIMITS } from './limits.ts';

const PAGE_OFFSET = 0xc000_0000;
const PAGE_OFFSET_64 = 0xff88_0000_0000;
const FIXADDR_TOP = 0xffff_f000;

/** The sizes that determine the layout. */
export interface AddressMapSizes {
  readonly pageSize: number;
  readonly lowmemPages: number;
  readonly pkmapSlots: number;
  /** Local slots over all CPUs. */
  readonly localSlots: number;
  readonly vmallocPages: number;
}

/** The layout of one machine's kernel address space. */
export class AddressMap {
  readonly pageSize: number;
  readonly pageOffset: VirtAddr;
  readonly directEnd: VirtAddr;
  readonly vmallocStart: VirtAddr;
  readonly pkmapBase: VirtAddr;
  readonly fixmapTop: VirtAddr;
  readonly pkmapSlots: number;
  readonly localSlots: number;
  readonly vmallocPages: number;

  constructor(sizes: AddressMapSizes) {
    const page = sizes.pageSize;
    const directBytes = sizes.lowmemPages * page;
    this.pageSize = page;
    this.pkmapSlots = sizes.pkmapSlots;
    this.localSlots = sizes.localSlots;
    this.vmallocPages = sizes.vmallocPages;
    this.fixmapTop = virtAddr(FIXADDR_TOP - (FIXADDR_TOP % page));
    // A hole of one page between adjacent areas, so that an access past the end of an area faults.
    const pkmapEnd = this.fixmapTop - sizes.localSlots * page;
    this.pkmapBase = virtAddr(pkmapEnd - sizes.pkmapSlots * page);
    this.vmallocStart = virtAddr(this.pkmapBase - (sizes.vmallocPages + 1) * page);
    this.pageOffset = virtAddr(directBytes <= LIMITS.directMapBytes32 ? PAGE_OFFSET : PAGE_OFFSET_64);
    this.directEnd = virtAddr(this.pageOffset + directBytes);
    if (this.pageOffset === PAGE_OFFSET && this.vmallocStart < this.directEnd) {
      throw new ConfigError(
        `the vmalloc area would begin at ${hex(this.vmallocStart)}, inside the direct map that ends at ${hex(this.directEnd)}: ` +
          `ask for fewer vmallocPages (${String(sizes.vmallocPages)}) or lowmemPages (${String(sizes.lowmemPages)})`,
      );
    }
  }

  /** The direct-map address of a lowmem frame. */
  direct(pfn: number): VirtAddr {
    return virtAddr(this.pageOffset + pfn * this.pageSize);
  }

  /** The frame that an address would have in the direct map, if the map were long enough; it may be negative. */
  frameOf(vaddr: number): number {
    return Math.floor((vaddr - this.pageOffset) / this.pageSize);
  }

  /** `PKMAP_ADDR`: the address of a slot of the kmap pool. */
  pkmap(slot: number): VirtAddr {
    return virtAddr(this.pkmapBase + slot * this.pageSize);
  }

  /** `__fix_to_virt`: the address of a local slot, counted over all CPUs; higher slots lie lower. */
  local(slot: number): VirtAddr {
    return virtAddr(this.fixmapTop - slot * this.pageSize);
  }

  /** The address of a page of the vmalloc area. */
  vmalloc(index: number): VirtAddr {
    return virtAddr(this.vmallocStart + index * this.pageSize);
  }

  /** `TASK_SIZE`: the address after the last one of a user. */
  get userEnd(): number {
    return Math.min(PAGE_OFFSET, this.vmallocStart);
  }

  /** The address of a page of a user. */
  user(index: number): VirtAddr {
    return virtAddr(index * this.pageSize);
  }

  /** An address as a pointer holds it: 32 bits wide, if the direct map lies where a 32-bit kernel has it. */
  inWord(vaddr: number): VirtAddr {
    const words = this.pageOffset === PAGE_OFFSET ? Math.floor(vaddr / 2 ** 32) : 0;
    return virtAddr(vaddr - words * 2 ** 32);
  }

  /** Rounds an address down to the start of its page. */
  pageBase(vaddr: number): VirtAddr {
    return virtAddr(vaddr - (vaddr % this.pageSize));
  }
}
