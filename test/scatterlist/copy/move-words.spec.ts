import { expect } from 'chai';
import sinon from 'sinon';
import { createMachine } from 'scatterlist';
import { moveSpan } from '../../../lib/scatterlist/copy/move.ts';
import { moveInWords, wordsOf } from '../../../lib/scatterlist/copy/move-words.ts';
import type { Pieces } from '../../../lib/scatterlist/copy/pieces.ts';
import { PAGE, bytesOf, spanOf, toPieces, world } from './pieces-fixture.ts';

/** Moves all of some pieces out, or in, and returns the buffer. */
function moved(pieces: Pieces, toBuffer = true, buffer = new Uint8Array(pieces.bytes)): Uint8Array {
  moveSpan(spanOf(pieces), { buffer, at: 0, toBuffer });
  return buffer;
}

describe('the word loop', () => {
  it('stops at the first piece that is not for it, and does not begin askew', () => {
    const { kinds } = world();
    const page = kinds.highmem[0]!;
    const lengths = [64, 8, 64, 72, 64];
    const pieces = toPieces(lengths.map((length, i) => [page, 256 * i, length]));
    const buffer = new Uint8Array(pieces.bytes);
    const runs = pieces.wordRuns!;
    const words = wordsOf(buffer, 0)!;
    const from = (first: number, end: number, shift = 0): number =>
      moveInWords(pieces, { first, end, runs, words }, shift, true);
    // The first run is of mixed lengths, the last of lines.
    expect([0, 1, 3, 4].map((first) => from(first, 5))).to.deep.equal([3, 3, 3, 5]);
    expect(from(0, 2)).to.equal(2);
    expect([from(0, 5, -4), from(2, 5, 4)]).to.deep.equal([0, 2]);
    expect(wordsOf(buffer, 4)).to.equal(undefined);
    expect(wordsOf(new Uint8Array(new ArrayBuffer(64), 4), 0)).to.equal(undefined);
    expect(wordsOf(new Uint8Array(new ArrayBuffer(64), 8), 8)).to.have.length(7);
  });

  it('goes by words only if pieces and buffer are aligned together', () => {
    const { machine, kinds } = world();
    const page = kinds.highmem[0]!;
    const bytes = machine.physical(page);
    for (const length of [8, 56, 64, 72, 128]) {
      for (const [offset, at] of [
        [0, 0],
        [64, 0],
        [1, 0],
        [0, 3],
        [4, 4],
      ] as const) {
        for (const toBuffer of [true, false]) {
          bytes.forEach((_, i) => (bytes[i] = i * 7));
          const buffer = new Uint8Array(3 * length + 16).fill(0xee).subarray(at, at + 3 * length);
          // Apart, because pieces one behind the other move in one go.
          const places = [0, 1, 2].map((i) => offset + i * (length + 64));
          const pieces = toPieces(places.map((place) => [page, place, length]));
          const inPlace = (): number[] =>
            places.flatMap((place) => [...bytes.subarray(place, place + length)]);
          const before = inPlace();
          moved(pieces, toBuffer, buffer);
          expect([...buffer]).to.deep.equal(toBuffer ? before : before.map(() => 0xee));
          expect(inPlace()).to.deep.equal([...buffer]);
          for (const place of places) expect(bytes[place + length]).to.equal(((place + length) * 7) & 0xff);
        }
      }
    }
  });

  it('goes from lines to shorter pieces and back', () => {
    const { machine, kinds } = world();
    const page = kinds.highmem[0]!;
    machine.physical(page).forEach((_, i, bytes) => (bytes[i] = i * 7));
    const lengths = [64, 56, 8, 64, 64, 40];
    const pieces = toPieces(lengths.map((length, i) => [page, 72 * i, length]));
    const expected = lengths.flatMap((length, i) => [
      ...machine.physical(page).subarray(72 * i, 72 * i + length),
    ]);
    expect([...moved(pieces)]).to.deep.equal(expected);
    expect(pieces.views.every((view) => view === undefined)).to.equal(true);
  });

  it('moves any number of lines', () => {
    const machine = createMachine({ mode: 'direct', highmemPages: 64 });
    const page = machine.allocPage({ zone: 'highmem' });
    machine.physical(page).forEach((_, at, bytes) => (bytes[at] = 3 * at));
    for (let count = 1; count <= 13; count += 1) {
      const pieces = toPieces(Array.from({ length: count }, (_, i) => [page, 128 * i, 64]));
      const buffer = new Uint8Array(64 * count + 8).fill(0xee);
      const words = { first: 0, end: count, runs: pieces.wordRuns!, words: wordsOf(buffer, 0)! };
      expect(moveInWords(pieces, words, 0, true)).to.equal(count);
      const expected = Array.from({ length: count }, (_, i) => [
        ...machine.physical(page).subarray(128 * i, 128 * i + 64),
      ]).flat();
      expect([...buffer]).to.deep.equal([...expected, ...new Array<number>(8).fill(0xee)]);
    }
  });

  it('goes by words through the buffers in which its pieces lie, from any piece to any other', () => {
    const machine = createMachine({ mode: 'direct', highmemPages: 64 });
    const pages = machine.allocPages(40, { zone: 'highmem' });
    for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
    expect(new Set(pages.map(({ chunk }) => chunk)).size).to.be.above(2);
    const lengths = [64, 64, 24, 64];
    const pieces = toPieces(pages.map((page, i) => [page, 8 * i, lengths[i % 4]!]));
    for (const [first, end] of [
      [0, 40],
      [15, 17],
      [16, 40],
      [17, 18],
      [31, 33],
      [39, 40],
    ] as const) {
      const expected = pages
        .slice(first, end)
        .flatMap((_, i) => new Array<number>(lengths[(first + i) % 4]!).fill(first + i + 1));
      const span = spanOf(pieces, { first, end });
      const buffer = new Uint8Array(bytesOf(span));
      moveSpan(span, { buffer, at: 0, toBuffer: true });
      expect([...buffer]).to.deep.equal(expected);
      buffer.fill(0xee);
      moveSpan(span, { buffer, at: 0, toBuffer: false });
      for (const [i, page] of pages.entries()) {
        const bytes = machine.physical(page);
        const written = i >= first && i < end ? lengths[i % 4]! : 0;
        const wanted = new Uint8Array(PAGE).fill(i + 1).fill(0xee, 8 * i, 8 * i + written);
        expect([...bytes]).to.deep.equal([...wanted]);
        bytes.fill(i + 1);
      }
    }
    expect(pieces.views.every((view) => view === undefined)).to.equal(true);
  });

  it('makes no view for what goes by words, and one for what lies askew behind an odd piece', () => {
    const { kinds } = world();
    const page = kinds.highmem[0]!;
    const even = toPieces([0, 128, 256].map((offset) => [page, offset, 64]));
    moved(even);
    expect(even.views).to.deep.equal([undefined, undefined, undefined]);
    const odd = toPieces([
      [page, 0, 64],
      [page, 128, 3],
      [page, 256, 64],
      [page, 384, 64],
    ]);
    moved(odd);
    expect(odd.views.map((view) => view?.length)).to.deep.equal([undefined, 3, 64, 64]);
    const many = toPieces(Array.from({ length: 200 }, (_, i) => [page, 72 * (i % 50), i === 0 ? 3 : 64]));
    const made = sinon.spy(many, 'makeViews');
    moved(many);
    // Once for all of them, not once for each.
    expect(made.callCount).to.be.below(3);
  });
});
