/** Broadcast packets of IP over FireWire: a GASP header and the header of an unfragmented datagram (RFC 2734). */

/** 8 bytes of GASP, then 4 of the datagram. */
export const PACKET_HEADER_BYTES = 12;

const SOURCE_NODE = 0xffc1;
/** `IANA_SPECIFIER_ID` and `RFC2734_SW_VERSION`. */
const SPECIFIER = 0x00005e;
const VERSION = 1;
const ETHER_TYPE_IPV4 = 0x0800;

/** The content in packets with as many bytes each as fit into a slot. */
export function* broadcastPackets(content: Uint8Array, payloadBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += payloadBytes) {
    const payload = content.subarray(at, at + payloadBytes);
    const packet = new Uint8Array(PACKET_HEADER_BYTES + payload.length);
    const header = new DataView(packet.buffer);
    header.setUint32(0, ((SOURCE_NODE << 16) | (SPECIFIER >>> 8)) >>> 0);
    header.setUint32(4, (((SPECIFIER & 0xff) << 24) | VERSION) >>> 0);
    header.setUint32(8, ETHER_TYPE_IPV4);
    packet.set(payload, PACKET_HEADER_BYTES);
    yield packet;
  }
}

/** The datagram in a packet, or no bytes if the headers are of another protocol. */
export function datagramOf(packet: Uint8Array): Uint8Array {
  const header = new DataView(packet.buffer, packet.byteOffset, PACKET_HEADER_BYTES);
  const specifier = ((header.getUint32(0) & 0xffff) << 8) | (header.getUint32(4) >>> 24);
  const isIp =
    specifier === SPECIFIER &&
    (header.getUint32(4) & 0xffffff) === VERSION &&
    header.getUint32(8) === ETHER_TYPE_IPV4;
  return isIp ? packet.subarray(PACKET_HEADER_BYTES) : new Uint8Array();
}
