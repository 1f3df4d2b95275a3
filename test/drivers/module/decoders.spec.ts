import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { decode, formatOf } from '../../../examples/drivers/module/decoders.ts';
import type { DecodeLimits } from '../../../examples/drivers/module/decoders.ts';
import { crc32 } from '../../../examples/drivers/module/formats/stream-reader.ts';
import {
  BLOCKS_XZ,
  CRC32_XZ,
  CRC64_XZ,
  DELTA_XZ,
  EMPTY_XZ,
  EMPTY_ZSTD,
  LARGE_XZ,
  LONG_ZSTD,
  NONE_XZ,
  SHA256_XZ,
  STREAMED_ZSTD,
  TEXT,
  UNCHECKED_ZSTD,
  X86_XZ,
  ZSTD,
} from './compressed.ts';

const GZIP = gzipSync(TEXT);
const FNAME = 8;

interface Decoded {
  readonly content: Buffer;
  readonly refusal: string | undefined;
}

async function decoded(bytes: Uint8Array, limits: Partial<DecodeLimits> = {}): Promise<Decoded> {
  const format = formatOf(bytes);
  if (format === undefined) throw new Error('no format');
  const { pieces, intact, refusal } = await decode(format, bytes, limits);
  expect(intact).to.equal(refusal === undefined);
  return { content: Buffer.concat(pieces), refusal };
}

async function refusalOf(bytes: Uint8Array, limits: Partial<DecodeLimits> = {}): Promise<string> {
  const { refusal } = await decoded(bytes, limits);
  expect(refusal).to.be.a('string').and.not.contain('\n');
  return refusal ?? '';
}

async function holds(bytes: Uint8Array, content: Uint8Array, limits?: Partial<DecodeLimits>): Promise<void> {
  const got = await decoded(bytes, limits);
  expect(got.refusal).to.equal(undefined);
  expect(got.content.equals(content)).to.be.true;
}

function changed(bytes: Uint8Array, at: number, to: (byte: number) => number): Uint8Array {
  return bytes.map((byte, i) => (i === at ? to(byte) : byte));
}

/** A gzip whose header says more than Node's: fields between the fixed header and the deflate stream. */
function withHeader(flags: number, fields: string): Uint8Array {
  return Buffer.concat([
    changed(GZIP.subarray(0, 10), 3, () => flags),
    Buffer.from(fields, 'latin1'),
    GZIP.subarray(10),
  ]);
}

/** A zstd frame by hand: blocks of type 0 (raw), 1 (one byte, repeated) or 3, which does not exist. */
function frame(header: readonly number[], ...blocks: readonly (readonly [number, number, number[]])[]) {
  const parts = blocks.map(([type, size, bytes], i) => {
    const last = i === blocks.length - 1 ? 1 : 0;
    const word = (size << 3) | (type << 1) | last;
    return Buffer.from([word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff, ...bytes]);
  });
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...header]), ...parts]);
}

describe('the decoders of the module port', () => {
  describe('decode', () => {
    for (const [name, bytes, content] of [
      ['a gzip', GZIP, TEXT],
      ['a gzip with a file name', withHeader(FNAME, 'module.ko\0'), TEXT],
      ['a gzip that calls itself text', withHeader(1, ''), TEXT],
      ['a gzip of nothing', gzipSync(''), Buffer.alloc(0)],
      ['an xz with CRC32', CRC32_XZ, TEXT],
      ['an xz without a check', NONE_XZ, TEXT],
      ['an xz of several blocks, with their sizes', BLOCKS_XZ, TEXT],
      ['an xz of nothing', EMPTY_XZ, Buffer.alloc(0)],
      ['a zstd', ZSTD, TEXT],
      ['a zstd without a checksum', UNCHECKED_ZSTD, TEXT],
      ['a zstd without a length', STREAMED_ZSTD, TEXT],
      ['a zstd of nothing', EMPTY_ZSTD, Buffer.alloc(0)],
      [
        'a zstd of raw and repeated bytes',
        frame([0x20, 5], [0, 2, [7, 8]], [1, 3, [9]]),
        Buffer.from([7, 8, 9, 9, 9]),
      ],
      ['a zstd whose length has two bytes', frame([0x60, 44, 0], [1, 300, [1]]), Buffer.alloc(300, 1)],
      [
        'a zstd whose length has eight bytes',
        frame([0xe0, 2, 0, 0, 0, 0, 0, 0, 0], [1, 2, [1]]),
        Buffer.alloc(2, 1),
      ],
    ] as const) {
      it(name, async () => {
        await holds(bytes, content);
        await holds(bytes, content, { asLinux: true });
      });
    }

    it('streams of more bytes than a decoder gives at once', async () => {
      const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
      await holds(gzipSync(content), content);
    });
  });

  describe('refuse what Linux refuses', () => {
    for (const [name, bytes, reason] of [
      ['an xz with CRC64', CRC64_XZ, 'its check in byte 7 is CRC64; Linux knows CRC32 and none'],
      ['an xz with SHA-256', SHA256_XZ, 'its check in byte 7 is SHA-256'],
      ['an xz with the delta filter', DELTA_XZ, 'block 1 at byte 12 asks for the delta filter (0x03)'],
      ['a gzip of another method', changed(GZIP, 2, () => 7), 'method in byte 2 is 7, not 8 (deflate)'],
      [
        'a gzip whose file name has no end',
        withHeader(FNAME, 'x').subarray(0, 11),
        'that begins at byte 10 has no end in 11 bytes',
      ],
      [
        'a gzip with an extra field and a comment',
        withHeader(4 | 16, '\x02\0ab'),
        'in byte 3 are 0x14, with FEXTRA, FCOMMENT',
      ],
      ['a gzip with a header checksum', withHeader(2, 'ab'), 'in byte 3 are 0x02, with FHCRC'],
      [
        'a zstd with a window of 2 GiB',
        LONG_ZSTD,
        'window of 2147483648 bytes; Linux takes 134217729 at most',
      ],
      ['a zstd that needs a dictionary', frame([0x21, 77, 1], [1, 1, [1]]), 'in byte 5 for dictionary 77'],
      [
        'a zstd that needs one of a large number',
        frame([0x23, 1, 0, 0, 1, 1], [1, 1, [1]]),
        'in byte 5 for dictionary 16777217',
      ],
      ['a zstd with the reserved bit', frame([0x28, 1], [1, 1, [1]]), 'descriptor in byte 4 is 0x28'],
      [
        'a zstd with a reserved block',
        frame([0x20, 1], [3, 1, [1]]),
        'the block at byte 6 is of the reserved type 3',
      ],
      [
        'a zstd with a block of more bytes than its window',
        frame([0x20, 1], [1, 2, [1]]),
        'the block at byte 6 is of 2 bytes, more than the 1 of a block',
      ],
      [
        'a zstd that is longer than it says',
        frame([0x20, 5], [1, 5, [1]], [1, 5, [1]]),
        'more output than its header says (status 70)',
      ],
      ['a zstd that is shorter than it says', frame([0x20, 5], [1, 4, [1]]), 'corrupt data (status 20)'],
    ] as const) {
      it(name, async () => {
        expect(await refusalOf(bytes)).to.contain(reason);
      });
    }
  });

  describe('refuse what Linux may decode and they do not', () => {
    it('an xz with the filter for x86 code', async () => {
      expect(await refusalOf(X86_XZ)).to.contain('the filter for x86 code (0x04), which Linux can have');
    });

    it('an xz with a dictionary of 1 GiB', async () => {
      expect(await refusalOf(LARGE_XZ))
        .to.contain('dictionary of 1073741824 bytes')
        .and.contain('67108864 at most');
    });
  });

  describe('pass over, like Linux where they are told to, else refuse', () => {
    const trailer = GZIP.length - 8;
    for (const [name, bytes, reason] of [
      [
        'a wrong gzip checksum',
        changed(GZIP, trailer, (byte) => byte ^ 1),
        `the checksum at byte ${String(trailer)} is 0x`,
      ],
      [
        'a wrong gzip length',
        changed(GZIP, trailer + 4, (byte) => byte ^ 1),
        `is 5745, but 5744 bytes were decoded`,
      ],
      ['half a gzip trailer', GZIP.subarray(0, -5), 'inside the checksum'],
      [
        'a second gzip member',
        Buffer.concat([GZIP, GZIP]),
        `${String(GZIP.length)} bytes follow the end of the first member at byte ${String(GZIP.length)}`,
      ],
      ['rubbish behind a gzip', Buffer.concat([GZIP, Buffer.from('rubbish')]), '7 bytes follow'],
      [
        'a second xz stream',
        Buffer.concat([CRC32_XZ, CRC32_XZ]),
        `${String(CRC32_XZ.length)} bytes follow the end of the first stream`,
      ],
      ['xz stream padding', Buffer.concat([CRC32_XZ, Buffer.alloc(4)]), '4 bytes follow'],
      [
        'a second zstd frame',
        Buffer.concat([ZSTD, ZSTD]),
        `${String(ZSTD.length)} bytes follow the end of the first frame`,
      ],
      [
        'a skippable zstd frame',
        Buffer.concat([ZSTD, Buffer.from('502a4d1801000000ff', 'hex')]),
        '9 bytes follow',
      ],
    ] as const) {
      it(name, async () => {
        const { content, refusal } = await decoded(bytes);
        expect(refusal).to.contain(reason);
        expect([0, TEXT.length]).to.include(content.length);
        await holds(bytes, TEXT, { asLinux: true });
      });
    }

    it('but no gzip field that Linux takes for compressed data', async () => {
      expect(await refusalOf(withHeader(16, 'note\0'), { asLinux: true })).to.match(
        /^invalid|^unexpected|inside the/,
      );
    });
  });

  describe('refuse every broken stream, with the numbers', () => {
    const streams = {
      gzip: GZIP,
      xz: CRC32_XZ,
      'xz in blocks': BLOCKS_XZ,
      zstd: ZSTD,
      'streamed zstd': STREAMED_ZSTD,
    };
    for (const [name, bytes] of Object.entries(streams)) {
      it(`${name} that ends anywhere`, async () => {
        for (let length = 6; length < bytes.length; length += 1) {
          const refusal = await refusalOf(bytes.subarray(0, length));
          expect(refusal).to.match(new RegExp(`^it ends after ${String(length)} bytes, inside `));
        }
      });

      it(`${name} with any byte changed, or decodes to the same`, async () => {
        for (let at = 0; at < bytes.length; at += 1) {
          const broken = changed(bytes, at, (byte) => byte ^ (1 << (at % 8)));
          if (formatOf(broken) === undefined) continue;
          const { content, refusal } = await decoded(broken);
          if (refusal === undefined) expect(content.equals(TEXT), `byte ${String(at)}`).to.be.true;
          else
            expect(refusal)
              .to.match(/\d/)
              .and.not.match(/\n|undefined|NaN/);
        }
      });
    }

    it('and random bytes behind the magic numbers', async () => {
      const magic = fc.constantFrom('1f8b08', 'fd377a585a00', '28b52ffd');
      await fc.assert(
        fc.asyncProperty(magic, fc.uint8Array({ maxLength: 200 }), async (start, rest) => {
          const { refusal } = await decoded(Buffer.concat([Buffer.from(start, 'hex'), rest]), {
            asLinux: true,
          });
          if (refusal !== undefined)
            expect(refusal)
              .to.match(/\d/)
              .and.not.match(/\n|undefined|NaN/);
        }),
      );
    });

    it('giving what came before the break', async () => {
      const content = Uint8Array.from({ length: 200_000 }, (_, i) => (i * i) >> 3);
      const broken = await decoded(gzipSync(content, { level: 0 }).subarray(0, 150_000));
      expect(broken.content.length).to.be.within(100_000, 150_000);
      expect(broken.content.equals(content.subarray(0, broken.content.length))).to.be.true;
      expect(broken.refusal).to.contain(`after ${String(broken.content.length)} bytes of output`);
    });

    it('placing a wrong code within 4096 bytes', async () => {
      // Blocks that are not compressed: a byte that says so, the length, its complement, and the data.
      const stored = Buffer.from([0, 0x60, 0xea, 0x9f, 0x15, ...Buffer.alloc(60_000)]);
      const broken = Buffer.concat([GZIP.subarray(0, 10), stored, changed(stored, 1, (byte) => byte ^ 1)]);
      expect(await refusalOf(broken)).to.match(
        /^invalid stored block lengths, in bytes \d+ to \d+, after \d+ bytes/,
      );
      const [, from, to] = /bytes (\d+) to (\d+)/.exec(await refusalOf(broken)) ?? [];
      expect(10 + stored.length + 1).to.be.within(Number(from), Number(to));
      expect(Number(to) - Number(from)).to.equal(4095);
    });
  });

  describe('produce no more than their limit', () => {
    const zeros = Buffer.alloc(1_000_000);
    const bombs: readonly (readonly [string, Uint8Array])[] = [
      ['gzip', gzipSync(zeros)],
      [
        'zstd without a length',
        frame([0, 0x38], ...Array.from({ length: 8 }, (): [number, number, number[]] => [1, 125_000, [0]])),
      ],
      [
        'zstd',
        frame(
          [0xa0, 0x40, 0x42, 0x0f, 0],
          ...Array.from({ length: 8 }, (): [number, number, number[]] => [1, 125_000, [0]]),
        ),
      ],
    ];
    for (const [name, bytes] of bombs) {
      it(`of a ${name}`, async () => {
        await holds(bytes, zeros, { maxOutputBytes: 1_000_000 });
        const { content, refusal } = await decoded(bytes, { maxOutputBytes: 999_999 });
        expect(refusal).to.match(/^it decodes to (1000000 bytes, )?more than the limit of 999999( bytes)?/);
        expect(content.length).to.be.lessThan(1_000_000);
      });
    }

    it('of an xz', async () => {
      await holds(CRC32_XZ, TEXT, { maxOutputBytes: TEXT.length });
      const { content, refusal } = await decoded(CRC32_XZ, { maxOutputBytes: TEXT.length - 1 });
      expect(refusal).to.equal(`it decodes to 5744 bytes, more than the limit of 5743`);
      expect(content.length).to.equal(0);
    });
  });

  it('know formats by their first bytes', () => {
    expect([GZIP, CRC32_XZ, ZSTD, TEXT].map((bytes) => formatOf(bytes)?.name)).to.deep.equal([
      'gzip',
      'xz',
      'zstd',
      undefined,
    ]);
  });

  it('check with the CRC-32 of gzip and xz, also in parts', () => {
    const check = Buffer.from('123456789');
    expect(crc32(check)).to.equal(0xcbf43926);
    expect(crc32(check.subarray(4), crc32(check.subarray(0, 4)))).to.equal(0xcbf43926);
  });
});
