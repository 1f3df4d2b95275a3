import { expect } from 'chai';
import { PACKET_HEADER_BYTES, broadcastPackets, datagramOf } from '../../../examples/drivers/net/gasp.ts';

describe('broadcast packets of IP over FireWire', () => {
  const [packet, last, ...more] = [...broadcastPackets(Uint8Array.of(1, 2, 3, 4, 5), 3)];

  it('have the headers of GASP and of an unfragmented datagram', () => {
    expect([...(packet ?? [])]).to.deep.equal([
      ...[0xff, 0xc1, 0x00, 0x00],
      ...[0x5e, 0x00, 0x00, 0x01],
      ...[0x00, 0x00, 0x08, 0x00],
      ...[1, 2, 3],
    ]);
    expect(last?.length).to.equal(PACKET_HEADER_BYTES + 2);
    expect(more).to.deep.equal([]);
  });

  it('have no datagram if one of the headers is wrong', () => {
    expect(datagramOf(packet ?? new Uint8Array())).to.deep.equal(Uint8Array.of(1, 2, 3));
    for (const at of [3, 4, 7, 9, 11]) {
      const other = Uint8Array.from(packet ?? []);
      other[at] = 0x77;
      expect(datagramOf(other).length, `byte ${String(at)}`).to.equal(0);
    }
  });
});
