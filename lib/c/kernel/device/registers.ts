/**
 * linux/io.h and linux/io-mapping.h: memory of devices.
 */
import { pfn, physAddr } from '../../../base/units.ts';
import {
  IoMapping,
  ioMappingMapAtomicWc,
  ioMappingMapLocalWc,
  ioMappingMapWc,
  ioMappingUnmap,
  ioMappingUnmapAtomic,
  ioMappingUnmapLocal,
} from '../../../kernel/device/io-mapping-wc.ts';
import { ioremap, iounmap } from '../../../kernel/device/ioremap.ts';
import { vmapPfn } from '../../../kernel/device/vmap-pfn.ts';
import { readBytes, readWord, writeBytes } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import type { KernelFunction, KernelFunctions } from '../kernel-function.ts';
import { mappingAt } from '../memory/mapping-at.ts';

const remap: KernelFunction = (c, phys = 0, bytes = 0) => {
  const made = ioremap(c.context, physAddr(phys), bytes);
  return made.ok ? made.value.vaddr : 0;
};

/** The aperture of a `struct io_mapping`. */
function apertureAt(c: Runner, address: number): IoMapping {
  return new IoMapping(c.context.machine, physAddr(readWord(c, address)), readWord(c, address + 4));
}

/** Calls with the address and the number of bytes of each access, in words where the address allows it. */
function inWords(
  address: number,
  length: number,
  access: (at: number, done: number, bytes: 1 | 4) => void,
): void {
  for (let done = 0; done < length;) {
    const bytes = (address + done) % 4 === 0 && length - done >= 4 ? 4 : 1;
    access(address + done, done, bytes);
    done += bytes;
  }
}

/** Functions on memory of devices. */
export const REGISTERS: KernelFunctions = {
  ioremap: remap,
  ioremap_wc: remap,
  ioremap_wt: remap,
  ioremap_uc: remap,
  ioremap_np: remap,
  ioremap_cache: remap,
  iounmap: (c, address) => {
    iounmap(c.context, mappingAt(c, 'iounmap', address));
  },
  readb: (c, address) => c.space.readb(address),
  readw: (c, address) => c.space.readw(address),
  readl: (c, address) => c.space.readl(address),
  writeb: (c, value, address) => {
    c.space.writeb(value & 0xff, address);
  },
  writew: (c, value, address) => {
    c.space.writew(value & 0xffff, address);
  },
  writel: (c, value, address) => {
    c.space.writel(value, address);
  },
  memcpy_fromio: (c, to, from, length) => {
    const bytes = new DataView(new ArrayBuffer(length));
    inWords(from, length, (at, done, width) => {
      if (width === 4) bytes.setUint32(done, c.space.readl(at), true);
      else bytes.setUint8(done, c.space.readb(at));
    });
    writeBytes(c, to, new Uint8Array(bytes.buffer));
  },
  memcpy_toio: (c, to, from, length) => {
    const bytes = new DataView(readBytes(c, from, length).buffer);
    inWords(to, length, (at, done, width) => {
      if (width === 4) c.space.writel(bytes.getUint32(done, true), at);
      else c.space.writeb(bytes.getUint8(done), at);
    });
  },
  memset_io: (c, to, value, length) => {
    const byte = value & 0xff;
    inWords(to, length, (at, _, width) => {
      if (width === 4) c.space.writel(byte * 0x0101_0101, at);
      else c.space.writeb(byte, at);
    });
  },
  io_mapping_map_local_wc: (c, mapping, offset) =>
    ioMappingMapLocalWc(c.context, apertureAt(c, mapping), offset).vaddr,
  io_mapping_unmap_local: (c, address) => {
    ioMappingUnmapLocal(c.context, mappingAt(c, 'io_mapping_unmap_local', address));
  },
  io_mapping_map_atomic_wc: (c, mapping, offset) =>
    ioMappingMapAtomicWc(c.context, apertureAt(c, mapping), offset).vaddr,
  io_mapping_unmap_atomic: (c, address) => {
    ioMappingUnmapAtomic(c.context, mappingAt(c, 'io_mapping_unmap_atomic', address));
  },
  io_mapping_map_wc: (c, mapping, offset, bytes) => {
    const made = ioMappingMapWc(c.context, apertureAt(c, mapping), offset, bytes);
    return made.ok ? made.value.vaddr : 0;
  },
  io_mapping_unmap: (c, address) => {
    ioMappingUnmap(c.context, mappingAt(c, 'io_mapping_unmap', address));
  },
  vmap_pfn: (c, frames, count) => {
    const made = vmapPfn(
      c.context,
      Array.from({ length: count }, (_, i) => pfn(readWord(c, frames + 4 * i))),
    );
    return made.ok ? made.value.vaddr : 0;
  },
  __scatterlist_io_region: (c, pages) => c.context.machine.ioRegion(pages)[0]?.phys ?? 0,
};
