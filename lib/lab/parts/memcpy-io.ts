/**
 * Copies to and from device memory by address: words where the address is aligned for them, single bytes elsewhere.
 */
import type { AddressSpace } from '../../kernel/address/address-space.ts';

const WORD_BYTES = 4;

/** Calls back for each access that a copy makes: the address, how many bytes were done before, the width. */
function eachAccess(
  address: number,
  lengthBytes: number,
  access: (at: number, done: number, width: 1 | 4) => void,
): void {
  for (let done = 0; done < lengthBytes;) {
    const at = address + done;
    const width = at % WORD_BYTES === 0 && lengthBytes - done >= WORD_BYTES ? WORD_BYTES : 1;
    access(at, done, width);
    done += width;
  }
}

/** `memcpy_toio`: copies bytes to an address of device memory. */
export function memcpyToIo(mem: AddressSpace, address: number, source: Uint8Array): void {
  const bytes = new DataView(source.buffer, source.byteOffset, source.byteLength);
  eachAccess(address, source.length, (at, done, width) => {
    if (width === WORD_BYTES) mem.writel(bytes.getUint32(done, true), at);
    else mem.writeb(bytes.getUint8(done), at);
  });
}

/** `memcpy_fromio`: copies bytes from an address of device memory. */
export function memcpyFromIo(mem: AddressSpace, target: Uint8Array, address: number): void {
  const bytes = new DataView(target.buffer, target.byteOffset, target.byteLength);
  eachAccess(address, target.length, (at, done, width) => {
    if (width === WORD_BYTES) bytes.setUint32(done, mem.readl(at), true);
    else bytes.setUint8(done, mem.readb(at));
  });
}

/** `memset_io`: sets bytes of device memory to the low 8 bits of a value. */
export function memsetIo(mem: AddressSpace, address: number, value: number, lengthBytes: number): void {
  const byte = value & 0xff;
  eachAccess(address, lengthBytes, (at, _, width) => {
    if (width === WORD_BYTES) mem.writel(byte * 0x01010101, at);
    else mem.writeb(byte, at);
  });
}
