import { expect } from 'chai';
import { kmap, preemptDisable, preemptEnable, runAlone } from 'scatterlist/machine';
import { transferPool } from '../../lib/kernel/pool-transfer.ts';
import { PAGE, jobOf, segmentsOf, transferFixture } from './transfer-fixture.ts';

describe('transferPool', () => {
  it('moves every piece through its slot and leaves the slots unused but warm', () => {
    const { machine, task, buffer, job } = transferFixture('highmem', { pkmapSlots: 8 });
    expect(transferPool(task, job())).to.equal(4);
    expect(buffer[3 * PAGE]).to.equal(4);
    expect([...machine.pkmap.counts]).to.deep.equal([0, 1, 1, 1, 1, 0, 0, 0]);
    expect([machine.ledger.maps, machine.ledger.unmaps, machine.ledger.pteWrites]).to.deep.equal([4, 4, 4]);
    expect(transferPool(task, job())).to.equal(4);
    expect(machine.ledger.pteWrites).to.equal(4);
  });

  it('stops where the pool is full', () => {
    const { machine, task, pages, job } = transferFixture('highmem', { pkmapSlots: 1 });
    runAlone(task, kmap(task, pages[1]!));
    const { ledger } = machine;
    const { flushPasses } = machine.pkmap;
    expect(transferPool(task, job())).to.equal(0);
    expect(machine.pkmap.count(0)).to.equal(2);
    // Who asks in the usual way afterwards is counted then, once.
    expect([machine.ledger, machine.pkmap.flushPasses]).to.deep.equal([ledger, flushPasses]);
  });

  it('stops in the middle of a run where the pool is full', () => {
    const { machine, task, pages, buffer, job } = transferFixture('highmem', { pkmapSlots: 2 });
    for (const page of pages.slice(0, 2)) runAlone(task, kmap(task, page));
    expect(job().segments.runEnd(0, 4)).to.equal(4);
    expect(transferPool(task, job())).to.equal(2);
    expect([1, 2, 3].map((i) => buffer[i * PAGE - 1])).to.deep.equal([1, 2, 0]);
    expect([machine.ledger.maps, machine.ledger.unmaps]).to.deep.equal([4, 2]);
    expect(machine.pkmap.slotOf(pages[2]!)).to.equal(-1);
  });

  it('moves the pieces of a run one by one where the buffer lies over them', () => {
    const { machine, task, pages } = transferFixture('highmem', { pkmapSlots: 8 });
    const [first] = pages;
    const last = machine.allocPage({ zone: 'highmem' });
    machine.physical(last);
    expect(last.chunkOffset - first!.chunkOffset).to.equal(4 * PAGE);
    const segments = segmentsOf(pages.map((page) => [page, 0, PAGE]));
    const buffer = first!.chunk!.bytes.subarray(pages[1]!.chunkOffset, last.chunkOffset + PAGE);
    expect(transferPool(task, jobOf(segments, { buffer }))).to.equal(4);
    expect([...pages, last].map((page) => machine.physical(page)[7])).to.deep.equal([1, 1, 1, 1, 1]);
  });

  it('stops at a piece that is not system RAM, and moves parts of the first and the last', () => {
    const { machine, task, pages, buffer } = transferFixture('highmem', { pkmapSlots: 8 });
    const segments = segmentsOf([
      [pages[0], 0, 100],
      [pages[1], 0, 100],
      [machine.ioRegion(1)[0], 0, 100],
    ]);
    const job = jobOf(segments, { buffer, bufferOffset: 5, skipBytes: 30 });
    expect(transferPool(task, job)).to.equal(2);
    expect([buffer[4], buffer[5], buffer[74], buffer[75], buffer[174], buffer[175]]).to.deep.equal([
      0, 1, 1, 2, 2, 0,
    ]);
    expect(transferPool(task, { ...job, end: 2, cutBytes: 99, toBuffer: false })).to.equal(2);
    expect([machine.ledger.maps, machine.ledger.unmaps]).to.deep.equal([4, 4]);
  });

  it('moves parts of the first and the last piece of a run, and the rest in one go', () => {
    const { machine, task, pages } = transferFixture('highmem', { pkmapSlots: 8 });
    const segments = segmentsOf(pages.map((page) => [page, 0, PAGE]));
    const there = pages.flatMap((page) => [...machine.physical(page)]);
    for (const [first, end, skipBytes, cutBytes] of [
      [0, 4, 10, 20],
      [0, 4, 0, 20],
      [1, 4, 10, 0],
      [1, 2, 10, 20],
    ] as const) {
      const lengthBytes = (end - first) * PAGE - skipBytes - cutBytes;
      for (const toBuffer of [true, false]) {
        const buffer = new Uint8Array(lengthBytes).fill(0xee);
        expect(
          transferPool(task, jobOf(segments, { first, end, skipBytes, cutBytes, buffer, toBuffer })),
        ).to.equal(end - first);
        const from = first * PAGE + skipBytes;
        const now = pages.flatMap((page) => [...machine.physical(page)]);
        const expected = there.slice();
        if (!toBuffer) expected.fill(0xee, from, from + lengthBytes);
        expect(now).to.deep.equal(expected);
        expect([...buffer]).to.deep.equal(now.slice(from, from + lengthBytes));
        pages.forEach((page, i) => machine.physical(page).fill(i + 1));
      }
      if (first === 0) expect(segments.views.every((view) => view === undefined)).to.equal(true);
    }
  });

  it('uses no slot for lowmem', () => {
    const { machine, task, job } = transferFixture('lowmem');
    expect(transferPool(task, job())).to.equal(4);
    const last = machine.hardware.memory.page(machine.hardware.memory.directEnd - 1);
    machine.physical(last);
    expect(transferPool(task, jobOf(segmentsOf([[last, 0, PAGE]])))).to.equal(1);
    expect(machine.pkmap.slotsInUse + machine.ledger.pteWrites).to.equal(0);
  });

  it('leaves contexts that may not sleep, and watched machines, to the path that reports', () => {
    const { task, job } = transferFixture('highmem');
    preemptDisable(task);
    expect(transferPool(task, job())).to.equal(0);
    preemptEnable(task);
    expect(transferPool(task, job())).to.equal(4);
    const watched = transferFixture('highmem', { trace: true });
    expect(transferPool(watched.task, watched.job())).to.equal(0);
    const checked = transferFixture('highmem', { mode: 'checked' });
    expect(transferPool(checked.task, checked.job())).to.equal(0);
  });
});
