import { expect } from 'chai';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { crc32c } from '../../examples/drivers/crc32c.ts';
import {
  decodeHeader,
  encodeHeader,
  HEADER_BYTES,
  isBefore,
  PDU_FIELDS,
} from '../../examples/iscsi-target/iscsi/pdu.ts';
import type { Pdu, PduKind } from '../../examples/iscsi-target/iscsi/pdu.ts';
import { PduReader } from '../../examples/iscsi-target/iscsi/pdu-reader.ts';
import { decodeText, encodeText } from '../../examples/iscsi-target/iscsi/text.ts';

const kinds = Object.keys(PDU_FIELDS) as PduKind[];

function encoded(pdu: Pdu): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES).fill(0xaa);
  encodeHeader(bytes, pdu.kind, pdu);
  return bytes;
}

const anyPdu = fc.constantFrom(...kinds).chain((kind) => {
  const fields = PDU_FIELDS[kind].map(
    ({ name, bytes }) => [name, fc.nat({ max: 2 ** (8 * bytes) - 1 })] as const,
  );
  return fc.record({
    kind: fc.constant(kind),
    immediate: fc.boolean(),
    flags: fc.nat({ max: 255 }),
    ahsWords: fc.nat({ max: 255 }),
    dataLength: fc.nat({ max: 0xff_ffff }),
    cdb:
      kind === 'scsiCommand'
        ? fc.uint8Array({ minLength: 16, maxLength: 16 })
        : fc.constant(new Uint8Array(0)),
    ...Object.fromEntries(fields),
  });
});

describe('iSCSI PDU headers', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(anyPdu, (pdu) => {
        expect(decodeHeader(encoded(pdu as unknown as Pdu))).to.deep.equal(pdu);
      }),
    );
  });

  it('have no two fields in one place', () => {
    for (const kind of kinds) {
      const used = PDU_FIELDS[kind].flatMap(({ at, bytes }) =>
        Array.from({ length: bytes }, (_, i) => at + i),
      );
      expect(new Set(used).size, kind).to.equal(used.length);
      expect(Math.min(...used), kind).to.be.at.least(2);
      expect(Math.max(...used), kind).to.be.below(HEADER_BYTES);
    }
  });

  it('of no known operation code decode to nothing', () => {
    expect(decodeHeader(new Uint8Array(48).fill(0x1d))).to.equal(undefined);
  });

  it('compare serial numbers round the end', () => {
    expect(isBefore(0xffff_ffff, 0)).to.equal(true);
    expect(isBefore(0, 0xffff_ffff)).to.equal(false);
    expect(isBefore(5, 5)).to.equal(false);
  });

  for (const file of readdirSync(new URL('data/', import.meta.url))) {
    it(`of a real client are reproduced byte by byte: ${file}`, () => {
      const lines = readFileSync(new URL(`data/${file}`, import.meta.url), 'utf8')
        .trim()
        .split('\n');
      for (const line of lines) {
        const header = Buffer.from(line.slice(2), 'hex').subarray(0, HEADER_BYTES);
        const pdu = decodeHeader(header);
        expect(pdu && Buffer.from(encoded(pdu)).toString('hex'), line).to.equal(header.toString('hex'));
      }
    });
  }
});

describe('text of login', () => {
  it('decodes to what was encoded', () => {
    const key = fc.stringMatching(/^[A-Z][A-Za-z]{0,30}$/);
    const value = fc.stringMatching(/^[A-Za-z0-9.:,+=-]{0,60}$/);
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (pairs) => {
        expect(decodeText(encodeText(Object.entries(pairs)))).to.deep.equal(new Map(Object.entries(pairs)));
      }),
    );
  });

  it('is refused without a key, and with a key twice', () => {
    expect(decodeText(Buffer.from('=x\0'))).to.equal(undefined);
    expect(decodeText(Buffer.from('A=1\0A=2\0'))).to.equal(undefined);
  });
});

describe('CRC-32C', () => {
  it('of the vectors of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).to.equal(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).to.equal(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).to.equal(0x46dd794e);
  });
});

describe('cutting a stream into PDUs', () => {
  it('gives the same PDUs and data wherever the stream is cut', () => {
    const data = Uint8Array.from({ length: 1001 }, (_, i) => i * 7);
    const first = new Uint8Array(48 + 8 + 1004);
    encodeHeader(first, 'dataOut', { dataLength: 1001, ahsWords: 2, dataSN: 3 });
    first.set(data, 56);
    const second = new Uint8Array(48);
    encodeHeader(second, 'nopOut', { itt: 9 });
    const stream = Buffer.concat([first, second]);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 12 }), (cuts) => {
        const seen: string[] = [];
        const got = new Uint8Array(1001);
        const reader = new PduReader(
          {
            header: (pdu) => {
              seen.push(`header ${pdu.kind}`);
              return (piece, at) => {
                got.set(piece, at);
              };
            },
            complete: (pdu) => seen.push(`complete ${pdu.kind}`),
            broken: (why) => seen.push(why),
          },
          { headerDigest: false, maxDataSegment: 8192 },
        );
        let from = 0;
        for (const to of [...cuts, stream.length].sort((a, b) => a - b)) {
          reader.push(stream.subarray(from, to));
          from = to;
        }
        expect(seen).to.deep.equal([
          'header dataOut',
          'complete dataOut',
          'header nopOut',
          'complete nopOut',
        ]);
        expect(got).to.deep.equal(data);
      }),
    );
  });

  it('stops at a data segment longer than was agreed, and at a wrong digest', () => {
    const said: string[] = [];
    const taker = {
      header: () => undefined,
      complete: () => said.push('complete'),
      broken: (why: string) => said.push(why),
    };
    const long = new Uint8Array(48);
    encodeHeader(long, 'textRequest', { dataLength: 600 });
    const reader = new PduReader(taker, { headerDigest: false, maxDataSegment: 512 });
    reader.push(long);
    reader.push(new Uint8Array(600));
    const digested = new Uint8Array(52);
    encodeHeader(digested, 'nopOut', {});
    new PduReader(taker, { headerDigest: true, maxDataSegment: 512 }).push(digested);
    expect(said).to.deep.equal(['data segment of 600 bytes, 512 allowed', 'header digest']);
  });
});
