import { expect } from 'chai';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist';
import { fillDirect, fillLocal } from '../../lib/kernel/fill-transfer.ts';
import type { FillJob } from '../../lib/kernel/fill-transfer.ts';
import { PAGE, segmentsOf, transferFixture } from './transfer-fixture.ts';

function jobOf(pages: readonly Page[], parts: Partial<FillJob> = {}): FillJob {
  const segments = segmentsOf(pages.map((page) => [page, 0, PAGE]));
  return { segments, first: 0, end: segments.count, skipBytes: 0, cutBytes: 0, value: 9, ...parts };
}

describe('fillLocal', () => {
  it('fills every piece, counts each map and leaves the slots as they were', () => {
    const { machine, task, pages } = transferFixture('highmem');
    expect(fillLocal(task, jobOf(pages, { skipBytes: 1, cutBytes: 2 }))).to.equal(4);
    const [first, , , last] = pages.map((page) => machine.physical(page));
    expect([first![0], first![1], last![PAGE - 3], last![PAGE - 2]]).to.deep.equal([1, 9, 9, 4]);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([4, 4, 8, 4]);
    expect([task.localMaps.idx, task.migrateDisabled, machine.hardware.pageTable.local.get(0)]).to.deep.equal(
      [0, 0, -1],
    );
  });

  it('needs no slot for lowmem, unless maps are forced', () => {
    for (const forceMap of [false, true]) {
      const { machine, task, pages } = transferFixture('lowmem', { forceMap });
      expect(fillLocal(task, jobOf(pages))).to.equal(4);
      expect([machine.ledger.maps, machine.ledger.pteWrites]).to.deep.equal([4, forceMap ? 8 : 0]);
    }
  });

  it('leaves what is unusual to the path with tokens', () => {
    const full = transferFixture('highmem', { kmMaxIdx: 2 });
    const held = kmapLocalPage(full.task, full.pages[0]!);
    expect(fillLocal(full.task, jobOf(full.pages))).to.equal(0);
    kunmapLocal(full.task, held);
    expect(fillLocal(full.task, jobOf(full.pages))).to.equal(4);
    const guarded = transferFixture('protected', { protectedPages: 8 });
    expect(fillLocal(guarded.task, jobOf([full.pages[0]!, guarded.pages[0]!]))).to.equal(1);
    expect(fillLocal(guarded.task, jobOf([guarded.pages[0]!, full.pages[0]!]))).to.equal(0);
    for (const options of [{ trace: true }, { kmapHighGet: true }]) {
      const { task, pages } = transferFixture('highmem', options);
      expect(fillLocal(task, jobOf(pages))).to.equal(0);
    }
  });

  it('works on a checked machine while no rule can be broken', () => {
    const { machine, task, pages } = transferFixture('highmem', { mode: 'checked' });
    expect(fillLocal(task, jobOf(pages))).to.equal(4);
    machine.memoryErrors.poison(pages[0]!, 0);
    expect(fillLocal(task, jobOf(pages))).to.equal(0);
  });
});

describe('fillDirect', () => {
  it('fills lowmem pieces at their permanent addresses, up to the first that has none', () => {
    const { machine, task, pages } = transferFixture('lowmem');
    const high = machine.allocPage({ zone: 'highmem' });
    expect(fillDirect(task, jobOf([pages[0]!, pages[1]!, high, pages[2]!]))).to.equal(2);
    expect([machine.physical(pages[1]!)[5], machine.physical(pages[2]!)[5]]).to.deep.equal([9, 3]);
    const { maps, unmaps, pteWrites } = machine.ledger;
    expect([maps, unmaps, pteWrites]).to.deep.equal([2, 2, 0]);
    expect(fillDirect(task, jobOf([high]))).to.equal(0);
  });

  it('fills pieces one behind the other in one go, and no byte beside them', () => {
    const { machine, task, pages } = transferFixture('lowmem');
    const segments = segmentsOf([
      [pages[0]!, 100, PAGE - 100],
      [pages[1]!, 0, 50],
      [pages[1]!, 50, PAGE - 50],
      [pages[2]!, 0, PAGE - 1],
      [pages[3]!, 1, 10],
    ]);
    for (const [first, end, skipBytes, cutBytes] of [
      [0, 5, 0, 0],
      [0, 5, 3, 4],
      [1, 4, 0, 0],
      [1, 3, 5, 0],
      [2, 4, 0, 6],
      [2, 3, 7, 8],
    ] as const) {
      const before = pages.map((page, i) =>
        machine
          .physical(page)
          .fill(i + 1)
          .slice(),
      );
      const job = { segments, first, end, skipBytes, cutBytes, value: 9 };
      expect(fillDirect(task, job)).to.equal(end - first);
      const from = segments.starts[first]! + skipBytes;
      const to = segments.endOf(end - 1) - cutBytes;
      for (let i = 0; i < segments.count; i += 1) {
        const offset = segments.pageOffsetOf(i);
        const expected = before[pages.indexOf(segments.pages[i]! as (typeof pages)[number])]!;
        for (let at = 0; at < segments.lengthOf(i); at += 1) {
          const inList = segments.starts[i]! + at;
          if (inList >= from && inList < to) expected[offset + at] = 9;
        }
      }
      for (const [i, page] of pages.entries())
        expect(Buffer.from(machine.physical(page)).equals(before[i]!), String([first, end, i])).to.equal(
          true,
        );
    }
  });

  it('leaves watched machines to the other path', () => {
    const { task, pages } = transferFixture('lowmem', { trace: true });
    expect(fillDirect(task, jobOf(pages))).to.equal(0);
  });
});
