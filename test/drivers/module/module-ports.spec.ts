import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { observe } from 'scatterlist/ports';
import { decode } from '../../../examples/drivers/module/decoders.ts';
import { storedXz, storedZstd } from '../../../examples/drivers/module/formats/stored.ts';
import { GZIP, XZ, ZSTD } from '../../../examples/drivers/module/module-decompress.ts';
import gzip from '../../../examples/drivers/module/module-decompress-gzip.ts';
import xz from '../../../examples/drivers/module/module-decompress-xz.ts';
import zstd from '../../../examples/drivers/module/module-decompress-zstd.ts';

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i) >> 3);

const CASES = [
  [GZIP, gzip, (content: Uint8Array) => gzipSync(content)],
  [XZ, xz, storedXz],
  [ZSTD, zstd, storedZstd],
] as const;

describe('the ports of module decompression', () => {
  for (const [format, port, compress] of CASES) {
    it(`${format.name}: the stream that is made of an input decodes to it, whatever its length`, async () => {
      for (const length of [1, 3, 4096, 1 << 16, (1 << 16) + 1, 140_000]) {
        const { pieces, intact } = await decode(format, compress(bytes(length)));
        expect(intact && Buffer.concat(pieces).equals(bytes(length)), String(length)).to.equal(true);
      }
    });

    it(`${format.name}: an input that is compressed already is decoded as it is`, async () => {
      const loaded = await port.load({ name: 'test', content: compress(bytes(9001)) });
      expect(observe(loaded, 'original', 'highmem').moved?.verifiedBytes).to.equal(9001);
    });

    it(`${format.name}: an input whose stream is broken ends with an error and no page`, async () => {
      const stream = compress(bytes(9001));
      const loaded = await port.load({ name: 'test', content: stream.subarray(0, stream.length - 20) });
      expect(observe(loaded, 'original', 'highmem').error?.code).to.equal('InvalidArgument');
    });

    it(`${format.name}: maps one page at a time, and all at the end`, async () => {
      const { needs } = observe(
        await port.load({ name: 'test', content: bytes(9001) }),
        'original',
        'highmem',
      );
      expect(needs.map(({ maps, pages, heldAtOnce }) => [maps, pages, heldAtOnce])).to.deep.equal([
        [3, 1, 1],
        [1, 3, 1],
      ]);
      expect(needs[0]?.sleptOn).to.deep.equal(format.sleepsIn === undefined ? [] : [format.sleepsIn]);
    });
  }

  it('gzip: the end pointer is in the next page after a page that was filled', async () => {
    const full = await gzip.load({ name: 'test', content: bytes(4096) });
    expect(observe(full, 'end pointer', 'highmem').violation?.rule).to.equal('unmap-address');
    const less = await gzip.load({ name: 'test', content: bytes(4095) });
    expect(observe(less, 'end pointer', 'highmem').moved?.verifiedBytes).to.equal(4095);
  });
});
