import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { KeptEntries, Mover, keptEntries } from '../../lib/kernel/transfer.ts';
import type { EntryArrays, TransferJob } from '../../lib/kernel/transfer.ts';
import type { Page } from 'scatterlist';

const PAGE = 4096;

function arrays(entries: readonly (readonly [Page | null, offset: number, length: number])[]): EntryArrays {
  return {
    pages: entries.map(([page]) => page),
    offsets: Uint32Array.from(entries, ([, offset]) => offset),
    lengths: Uint32Array.from(entries, ([, , length]) => length),
    kept: undefined,
  };
}

function jobOf(list: EntryArrays, buffer: Uint8Array, toBuffer: boolean): TransferJob {
  return { list, firstSlot: 0, endSlot: list.pages.length, buffer, bufferOffset: 0, toBuffer };
}

describe('what transfers keep of a list', () => {
  const machine = createMachine({ mode: 'direct', protectedPages: 1 });
  const [page, next] = machine.allocPages(2, { zone: 'highmem' });
  const device = machine.ioRegion(1)[0]!;
  const guarded = machine.allocPage({ zone: 'protected' });

  it('is made once', () => {
    const list = arrays([[page!, 0, 10]]);
    expect(keptEntries(list)).to.equal(keptEntries(list)).and.to.equal(list.kept);
  });

  it('is an entry of system RAM in one run of at most so many pages', () => {
    const list = arrays([
      [page!, 8, PAGE - 8],
      [page!, 8, PAGE],
      [page!, PAGE + 8, 8],
      [page!, 0, 0],
      [null, 0, 8],
      [device, 0, 8],
      [guarded, 0, 8],
    ]);
    const kept = new KeptEntries(7);
    expect([0, 1, 2, 3, 4, 5, 6].map((slot) => kept.keep(list, slot, 1))).to.deep.equal([
      true,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(kept.keep(list, 1, 2)).to.equal(true);
    expect([kept.pfns[0], kept.pfns[2]]).to.deep.equal([page!.pfn, next!.pfn]);
    expect(kept.views[0]!.length).to.equal(PAGE - 8);
  });

  it('moves every length and alignment, by words or by views', () => {
    const bytes = machine.physical(page!);
    for (const length of [1, 8, 64, 255, 256, 257, 1000]) {
      for (const offset of [0, 1, 8]) {
        for (const bufferOffset of [0, 3]) {
          for (const toBuffer of [true, false]) {
            bytes.forEach((_, i) => (bytes[i] = i * 7));
            const list = arrays([[page!, offset, length]]);
            const kept = keptEntries(list);
            kept.keep(list, 0, 1);
            const buffer = new Uint8Array(2048).fill(0xee).subarray(bufferOffset, bufferOffset + length);
            const before = [...bytes.subarray(offset, offset + length)];
            expect(new Mover(jobOf(list, buffer, toBuffer), kept).move(0, 0)).to.equal(length);
            expect([...buffer]).to.deep.equal(toBuffer ? before : new Array(length).fill(0xee));
            expect([...bytes.subarray(offset, offset + length)]).to.deep.equal([...buffer]);
            expect(bytes[offset + length]).to.equal(((offset + length) * 7) & 0xff);
          }
        }
      }
    }
  });

  it('knows a buffer that is used again at the same place', () => {
    const kept = new KeptEntries(1);
    const buffer = new Uint8Array(8);
    expect([
      kept.samePeer(buffer, 0),
      kept.samePeer(buffer, 0),
      kept.samePeer(buffer, 4),
      kept.samePeer(new Uint8Array(8), 4),
    ]).to.deep.equal([false, true, false, false]);
  });
});
