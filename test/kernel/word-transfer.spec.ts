import { expect } from 'chai';
import sinon from 'sinon';
import { createMachine } from 'scatterlist';
import { moveThrough } from '../../lib/kernel/transfer.ts';
import { moveInWords, wordsOf } from '../../lib/kernel/word-transfer.ts';
import { OPEN, PAGE, jobOf, segmentsOf, world } from './transfer-fixture.ts';
import type { Piece } from './transfer-fixture.ts';

describe('the word loop', () => {
  it('stops at the first piece that is not for it, and does not begin askew', () => {
    const { kinds } = world();
    const page = kinds.highmem[0]!;
    const lengths = [64, 8, 64, 72, 64];
    const segments = segmentsOf(lengths.map((length, i) => [page, 256 * i, length]));
    const job = jobOf(segments);
    const runs = segments.wordRuns!;
    const words = wordsOf(job, 0, 0)!;
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    const from = (first: number, end: number, shift = 0): number =>
      moveInWords(job, gate, { first, end, runs, words }, shift);
    // The first run is of mixed lengths, the last of lines; each opens the gate.
    const seen = [0, 1, 3, 4].map((first) => {
      gate.ptes[0] = 0;
      return [from(first, 5), gate.ptes[0]];
    });
    expect(seen).to.deep.equal([
      [3, page.pfn + 1],
      [3, page.pfn + 1],
      [3, 0],
      [5, page.pfn + 1],
    ]);
    expect(from(0, 2)).to.equal(2);
    expect([from(0, 5, -4), from(2, 5, 4)]).to.deep.equal([0, 2]);
    expect(wordsOf(job, 4, 0)).to.equal(undefined);
    expect(wordsOf({ ...job, buffer: new Uint8Array(new ArrayBuffer(64), 4) }, 0, 0)).to.equal(undefined);
    expect(wordsOf({ ...job, buffer: page.chunk!.bytes }, 0, 0)).to.equal(undefined);
  });

  it('goes by words only where pieces and buffer are aligned together', () => {
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
          const segments = segmentsOf(places.map((place) => [page, place, length]));
          const inPlace = (): number[] =>
            places.flatMap((place) => [...bytes.subarray(place, place + length)]);
          const before = inPlace();
          const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
          expect(moveThrough(jobOf(segments, { buffer, toBuffer }), gate)).to.equal(3);
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
    const segments = segmentsOf(lengths.map((length, i) => [page, 72 * i, length]));
    const buffer = new Uint8Array(segments.bytes);
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    expect(moveThrough(jobOf(segments, { buffer }), gate)).to.equal(lengths.length);
    const expected = lengths.flatMap((length, i) => [
      ...machine.physical(page).subarray(72 * i, 72 * i + length),
    ]);
    expect([...buffer]).to.deep.equal(expected);
    expect(segments.views.every((view) => view === undefined)).to.equal(true);
  });

  it('moves any number of lines, and opens the gate for each that needs it', () => {
    const machine = createMachine({ mode: 'direct', highmemPages: 64 });
    const [low, high] = machine.allocPages(2, { zone: 'highmem' });
    for (const [i, page] of [low!, high!].entries())
      machine.physical(page).forEach((_, at, bytes) => (bytes[at] = 3 * at + i));
    for (let count = 1; count <= 13; count += 1) {
      for (let only = 0; only < count; only += 1) {
        const pageOf = (i: number): typeof low => (i === only ? high : low);
        const segments = segmentsOf(Array.from({ length: count }, (_, i) => [pageOf(i), 128 * i, 64]));
        const job = jobOf(segments, { buffer: new Uint8Array(64 * count + 8).fill(0xee) });
        const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: low!.pfn + 1, openUpTo: OPEN };
        const runs = segments.wordRuns!;
        const pieces = { first: 0, end: count, runs, words: wordsOf(job, 0, 0)! };
        expect(moveInWords(job, gate, pieces, 0)).to.equal(count);
        expect(gate.ptes[0]).to.equal(high!.pfn + 1);
        const expected = Array.from({ length: count }, (_, i) => [
          ...machine.physical(pageOf(i)!).subarray(128 * i, 128 * i + 64),
        ]).flat();
        expect([...job.buffer]).to.deep.equal([...expected, ...new Array<number>(8).fill(0xee)]);
      }
    }
  });

  it('goes by words through the buffers in which its pieces lie, from any piece to any other', () => {
    const machine = createMachine({ mode: 'direct', highmemPages: 64 });
    const pages = machine.allocPages(40, { zone: 'highmem' });
    for (const [i, page] of pages.entries()) machine.physical(page).fill(i + 1);
    expect(new Set(pages.map(({ chunk }) => chunk)).size).to.be.above(2);
    const lengths = [64, 64, 24, 64];
    const segments = segmentsOf(pages.map((page, i) => [page, 8 * i, lengths[i % 4]!]));
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
      const buffer = new Uint8Array(expected.length);
      const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
      expect(moveThrough(jobOf(segments, { first, end, buffer }), gate)).to.equal(end - first);
      expect([...buffer]).to.deep.equal(expected);
      buffer.fill(0xee);
      expect(moveThrough(jobOf(segments, { first, end, buffer, toBuffer: false }), gate)).to.equal(
        end - first,
      );
      for (const [i, page] of pages.entries()) {
        const bytes = machine.physical(page);
        const written = i >= first && i < end ? lengths[i % 4]! : 0;
        const wanted = new Uint8Array(PAGE).fill(i + 1).fill(0xee, 8 * i, 8 * i + written);
        expect([...bytes]).to.deep.equal([...wanted]);
        bytes.fill(i + 1);
      }
    }
    expect(segments.views.every((view) => view === undefined)).to.equal(true);
  });

  it('makes no view for what goes by words, and one for what lies askew behind an odd piece', () => {
    const { kinds } = world();
    const page = kinds.highmem[0]!;
    const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
    const even = segmentsOf([0, 128, 256].map((offset) => [page, offset, 64]));
    moveThrough(jobOf(even), gate);
    expect(even.views).to.deep.equal([undefined, undefined, undefined]);
    const odd = segmentsOf([
      [page, 0, 64],
      [page, 128, 3],
      [page, 256, 64],
      [page, 384, 64],
    ]);
    moveThrough(jobOf(odd), gate);
    expect(odd.views.map((view) => view?.length)).to.deep.equal([undefined, 3, 64, 64]);
    const many = segmentsOf(Array.from({ length: 200 }, (_, i) => [page, 72 * (i % 50), i === 0 ? 3 : 64]));
    const made = sinon.spy(many, 'makeViews');
    expect(moveThrough(jobOf(many), gate)).to.equal(200);
    // Once for all of them, not once for each.
    expect(made.callCount).to.be.below(3);
  });

  it('moves bytes onto themselves a little further on as one move each, also behind a piece without a page', () => {
    for (const before of [[], [[undefined, 0, 64]]] as const satisfies Piece[][]) {
      const { machine, kinds } = world();
      const bytes = machine.physical(kinds.highmem[0]!);
      const copy = Uint8Array.from(bytes);
      const buffer = bytes.subarray(8, 8 + 64);
      const segments = segmentsOf([...before, [kinds.highmem[0], 0, 64]]);
      const gate = { ptes: new Int32Array(1), slot: 0, closedUpTo: 0, openUpTo: OPEN };
      expect(moveThrough(jobOf(segments, { first: before.length, buffer }), gate)).to.equal(1);
      expect([...bytes.subarray(8, 72)]).to.deep.equal([...copy.subarray(0, 64)]);
    }
  });
});
