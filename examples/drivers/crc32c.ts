/** CRC-32C (Castagnoli), the digest of iSCSI and of NVMe over TCP. */

export const DIGEST_BYTES = 4;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let crc = n;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0x82f6_3b78;
  return crc >>> 0;
});

/** The digest of some bytes, or of the bytes of an earlier digest and these. */
export function crc32c(bytes: Uint8Array, earlier = 0): number {
  let crc = ~earlier;
  for (const byte of bytes) crc = (TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** A digest as it is sent: the low byte first. */
export function digestBytes(digest: number): Uint8Array {
  const bytes = new Uint8Array(DIGEST_BYTES);
  new DataView(bytes.buffer).setUint32(0, digest, true);
  return bytes;
}
