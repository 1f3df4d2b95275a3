/**
 * `struct iosys_map`: an address that says whether it is one of device memory, and the functions that work on either.
 */
import type { AddressSpace } from '../../kernel/address/address-space.ts';
import { NULL } from '../err-ptr.ts';
import { memcpyFromIo, memcpyToIo, memsetIo } from './memcpy-io.ts';

/** An address of either kind. It has no length. */
export interface IosysMap {
  /** `vaddr`, or `vaddr_iomem`: in C they are a union, and the compiler lets a caller read either. */
  vaddr: number;
  isIomem: boolean;
}

/** A width in bytes: `u8`, `u16`, `u32`. */
export type IosysWidth = 1 | 2 | 4;

/** The functions of include/linux/iosys-map.h. None of them fails, and none knows where the memory ends. */
export interface IosysMapFunctions {
  /** `IOSYS_MAP_INIT_VADDR`: a new map of system memory. */
  iosysMapInitVaddr(vaddr: number): IosysMap;
  /** `IOSYS_MAP_INIT_OFFSET`: a copy that points some bytes further. */
  iosysMapInitOffset(map: IosysMap, offset: number): IosysMap;
  iosysMapSetVaddr(map: IosysMap, vaddr: number): void;
  iosysMapSetVaddrIomem(map: IosysMap, vaddrIomem: number): void;
  /** `iosys_map_clear`: a cleared map is `NULL` in system memory. */
  iosysMapClear(map: IosysMap): void;
  iosysMapIsNull(map: IosysMap): boolean;
  /** `iosys_map_is_equal`: maps of different kinds are never equal, even if both are `NULL`. */
  iosysMapIsEqual(one: IosysMap, other: IosysMap): boolean;
  /** `iosys_map_incr`: moves the map some bytes further. */
  iosysMapIncr(map: IosysMap, bytes: number): void;
  iosysMapMemcpyTo(map: IosysMap, offset: number, source: Uint8Array): void;
  iosysMapMemcpyFrom(target: Uint8Array, map: IosysMap, offset: number): void;
  iosysMapMemset(map: IosysMap, offset: number, value: number, lengthBytes: number): void;
  /** `iosys_map_rd`: reads one number. */
  iosysMapRd(map: IosysMap, offset: number, width: IosysWidth): number;
  /** `iosys_map_wr`: writes one number. */
  iosysMapWr(map: IosysMap, offset: number, width: IosysWidth, value: number): void;
}

/** Whether two maps are of one kind and one address. */
export function isEqual(one: IosysMap, other: IosysMap): boolean {
  return one.isIomem === other.isIomem && one.vaddr === other.vaddr;
}

/** Makes a map `NULL`. */
export function clear(map: IosysMap): void {
  map.vaddr = NULL;
  map.isIomem = false;
}

/** Returns the functions for one context, which is that of its address space. */
export function iosysMapFunctions(mem: AddressSpace): IosysMapFunctions {
  return {
    iosysMapInitVaddr: (vaddr) => ({ vaddr, isIomem: false }),
    iosysMapInitOffset: ({ vaddr, isIomem }, offset) => ({ vaddr: vaddr + offset, isIomem }),
    iosysMapSetVaddr(map, vaddr) {
      map.vaddr = vaddr;
      map.isIomem = false;
    },
    iosysMapSetVaddrIomem(map, vaddrIomem) {
      map.vaddr = vaddrIomem;
      map.isIomem = true;
    },
    iosysMapClear: clear,
    iosysMapIsNull: ({ vaddr }) => vaddr === NULL,
    iosysMapIsEqual: isEqual,
    iosysMapIncr(map, bytes) {
      map.vaddr += bytes;
    },
    iosysMapMemcpyTo({ vaddr, isIomem }, offset, source) {
      if (isIomem) memcpyToIo(mem, vaddr + offset, source);
      else mem.copyFrom(source, vaddr + offset);
    },
    iosysMapMemcpyFrom(target, { vaddr, isIomem }, offset) {
      if (isIomem) memcpyFromIo(mem, target, vaddr + offset);
      else mem.copyTo(target, vaddr + offset);
    },
    iosysMapMemset({ vaddr, isIomem }, offset, value, lengthBytes) {
      if (isIomem) memsetIo(mem, vaddr + offset, value, lengthBytes);
      else mem.fill(value, vaddr + offset, lengthBytes);
    },
    iosysMapRd: ({ vaddr, isIomem }, offset, width) => (isIomem ? READ_IO : READ)[width](mem, vaddr + offset),
    iosysMapWr({ vaddr, isIomem }, offset, width, value) {
      (isIomem ? WRITE_IO : WRITE)[width](mem, vaddr + offset, value);
    },
  };
}

type Reads = Readonly<Record<IosysWidth, (mem: AddressSpace, address: number) => number>>;
type Writes = Readonly<Record<IosysWidth, (mem: AddressSpace, address: number, value: number) => void>>;

const READ: Reads = {
  1: (mem, address) => mem.load8(address),
  2: (mem, address) => mem.load16(address),
  4: (mem, address) => mem.load32(address),
};

const READ_IO: Reads = {
  1: (mem, address) => mem.readb(address),
  2: (mem, address) => mem.readw(address),
  4: (mem, address) => mem.readl(address),
};

const WRITE: Writes = {
  1: (mem, address, value) => {
    mem.store8(address, value);
  },
  2: (mem, address, value) => {
    mem.store16(address, value);
  },
  4: (mem, address, value) => {
    mem.store32(address, value);
  },
};

const WRITE_IO: Writes = {
  1: (mem, address, value) => {
    mem.writeb(value, address);
  },
  2: (mem, address, value) => {
    mem.writew(value, address);
  },
  4: (mem, address, value) => {
    mem.writel(value, address);
  },
};
