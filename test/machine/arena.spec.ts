import { expect } from 'chai';
import fc from 'fast-check';
import { Arena, Chunk } from '../../lib/machine/arena.ts';

describe('Chunk', () => {
  it('keeps the view of a whole page, and of nothing that is not one', () => {
    const chunk = new Chunk(4 * 256, 256);
    const odd = [1, 2, 255, 257].map((offset) => chunk.view(offset, 256));
    expect(odd.map((view) => view.byteOffset)).to.deep.equal([1, 2, 255, 257]);
    const pages = [0, 1, 2, 3].map((page) => chunk.view(page * 256, 256));
    expect(pages.map((view) => [view.byteOffset, view.length])).to.deep.equal([
      [0, 256],
      [256, 256],
      [512, 256],
      [768, 256],
    ]);
    expect(pages.map((view, page) => chunk.view(page * 256, 256) === view)).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
    expect(chunk.view(256, 128)).to.not.equal(chunk.view(256, 128));
    expect([chunk.view(256, 128).length, chunk.view(512, 512).length]).to.deep.equal([128, 512]);
  });
});

describe('Arena', () => {
  it('hands out disjoint runs, side by side while they fit, within two per cent of what is used', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 200 }), (sizes) => {
        const arena = new Arena(4096);
        const ends = new Map<Chunk, number>();
        let used = 0;
        for (const pages of sizes) {
          const { chunk, offset } = arena.reserve(pages * 4096);
          expect(offset).to.equal(ends.get(chunk) ?? 0);
          expect(offset + pages * 4096).to.be.at.most(chunk.bytes.length);
          ends.set(chunk, offset + pages * 4096);
          used += pages * 4096;
        }
        const total = [...ends.keys()].reduce((sum, chunk) => sum + chunk.bytes.length, 0);
        expect(arena.totalBytes).to.equal(total);
        expect(total).to.be.at.least(used);
      }),
    );
  });

  it('costs little more than what is asked for, a page at a time', () => {
    const arena = new Arena(4096);
    for (let i = 0; i < 5000; i += 1) arena.reserve(4096);
    expect(arena.totalBytes).to.be.within(5000 * 4096, 5000 * 4096 * 1.02 + 65536);
  });

  it('takes as much again as it has, from 16 pages up to 64, and a sixty-fourth of what it has later', () => {
    const arena = new Arena(4096);
    const sizes: number[] = [];
    while (sizes.length < 70) {
      const { chunk } = arena.reserve(4096);
      sizes.push(chunk.bytes.length / 4096);
      if (chunk.bytes.length > 4096) arena.reserve(chunk.bytes.length - 4096);
    }
    expect(sizes.slice(0, 6)).to.deep.equal([16, 16, 32, 64, 64, 64]);
    const before = sizes.slice(0, -1).reduce((sum, pages) => sum + pages, 0);
    expect(before).to.be.above(64 * 64);
    expect(sizes.at(-1)).to.equal(Math.ceil(before / 64));
  });

  it('begins with the size that it is told', () => {
    const arena = new Arena(4096, 4 * 4096);
    const sizes = new Set<number>();
    for (let i = 0; i < 70; i += 1) sizes.add(arena.reserve(4096).chunk.bytes.length / 4096);
    expect([...sizes]).to.deep.equal([4, 8, 16, 32, 64]);
  });

  it('gives a run larger than a chunk a buffer of its own', () => {
    const arena = new Arena(4096);
    const { chunk, offset } = arena.reserve(100 * 4096);
    expect([offset, chunk.bytes.length]).to.deep.equal([0, 100 * 4096]);
  });

  it('knows its own buffers, all of them, and no others', () => {
    const arena = new Arena(4096);
    const buffers = [1, 100, 1, 20, 1].map((pages) => arena.reserve(pages * 4096).chunk.bytes.buffer);
    expect(new Set(buffers).size).to.be.above(1);
    for (const buffer of buffers) {
      expect(arena.holds(new Uint8Array(buffer))).to.equal(true);
      expect(arena.holds(new Uint8Array(buffer, buffer.byteLength - 1))).to.equal(true);
      expect(arena.holds(new Uint8Array(buffer, buffer.byteLength))).to.equal(true);
    }
    expect(arena.holds(new Arena(4096).reserve(4096).chunk.bytes)).to.equal(false);
    for (const size of [8, 65536, 65537]) expect(arena.holds(new Uint8Array(size))).to.equal(false);
  });
});

describe('Chunk', () => {
  it('makes the view of a whole page once, others each time', () => {
    const chunk = new Chunk(16384, 4096);
    expect(chunk.view(4096, 4096)).to.equal(chunk.view(4096, 4096));
    expect(chunk.view(4096, 100)).not.to.equal(chunk.view(4096, 100));
    expect(chunk.view(1, 4096).byteOffset).to.equal(1);
    chunk.view(8192, 4096)[5] = 3;
    expect([chunk.bytes[8197], chunk.data.getUint8(8197)]).to.deep.equal([3, 3]);
  });
});
