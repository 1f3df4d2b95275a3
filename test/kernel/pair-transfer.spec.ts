import { expect } from 'chai';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { transferPairsDirect, transferPairsLocal } from '../../lib/kernel/pair-transfer.ts';
import type { PiecePairs } from '../../lib/kernel/pair-transfer.ts';
import { transferFixture } from './transfer-fixture.ts';

/** Pages 0 and 1 of a machine as outer pieces, 2 and 3 as inner ones. */
function pairsOf(
  { machine, pages }: ReturnType<typeof transferFixture>,
  visit: PiecePairs['visit'] = () => true,
): PiecePairs {
  const [outer, inner] = [pages.slice(0, 2), pages.slice(2)];
  return {
    count: 2,
    outerPfns: outer.map((page) => page.pfn),
    innerPfns: inner.map((page) => page.pfn),
    outerViews: outer.map((page) => machine.physical(page)),
    innerViews: inner.map((page) => machine.physical(page)),
    visit,
  };
}

describe('transferPairsLocal', () => {
  it('sets two slots for each pair, counts four maps and leaves the slots empty', () => {
    const fixture = transferFixture('highmem');
    const { machine, task, pages } = fixture;
    const local = machine.hardware.pageTable.local;
    const seen: unknown[] = [];
    const visit = (outer: Uint8Array, inner: Uint8Array): boolean => {
      seen.push([outer[0], inner[0], local.get(0), local.get(1), task.localMaps.idx, task.migrateDisabled]);
      return true;
    };
    expect(transferPairsLocal(task, pairsOf(fixture, visit))).to.equal(2);
    expect(seen).to.deep.equal([
      [1, 3, pages[0]!.pfn, pages[2]!.pfn, 2, 2],
      [2, 4, pages[1]!.pfn, pages[3]!.pfn, 2, 2],
    ]);
    const { maps, unmaps, pteWrites, flushesLocal } = machine.ledger;
    expect([maps, unmaps, pteWrites, flushesLocal]).to.deep.equal([4, 4, 8, 4]);
    expect([local.get(0), local.get(1), task.localMaps.idx, task.migrateDisabled]).to.deep.equal([
      -1, -1, 0, 0,
    ]);
  });

  it('stops where a visit says so, and counts what was visited', () => {
    const fixture = transferFixture('highmem');
    expect(
      transferPairsLocal(
        fixture.task,
        pairsOf(fixture, () => false),
      ),
    ).to.equal(0);
    expect([fixture.machine.ledger.maps, fixture.machine.ledger.pteWrites]).to.deep.equal([2, 4]);
  });

  it('takes no slot for lowmem, unless maps are forced', () => {
    const low = transferFixture('lowmem');
    transferPairsLocal(low.task, pairsOf(low));
    expect([low.machine.ledger.maps, low.machine.ledger.pteWrites]).to.deep.equal([4, 0]);
    const forced = transferFixture('lowmem', { forceMap: true });
    transferPairsLocal(forced.task, pairsOf(forced));
    expect(forced.machine.ledger.pteWrites).to.equal(8);
  });

  it('leaves what would be reported to the path that reports it', () => {
    const full = transferFixture('highmem', { kmMaxIdx: 3 });
    kmapLocalPage(full.task, full.pages[0]!);
    expect(transferPairsLocal(full.task, pairsOf(full))).to.equal(-1);
    expect([full.task.localMaps.idx, full.task.migrateDisabled]).to.deep.equal([1, 1]);
    kmapLocalPage(full.task, full.pages[0]!);
    expect(transferPairsLocal(full.task, pairsOf(full))).to.equal(-1);
    for (const options of [
      { trace: true },
      { mode: 'checked' as const, trace: true },
      { kmapHighGet: true },
    ]) {
      const fixture = transferFixture('highmem', options);
      expect(transferPairsLocal(fixture.task, pairsOf(fixture))).to.equal(-1);
    }
  });
});

describe('transferPairsLocal on a checked machine', () => {
  it('visits while no rule could be broken', () => {
    const fixture = transferFixture('highmem', { mode: 'checked' });
    const { machine, task, pages } = fixture;
    expect(transferPairsLocal(task, pairsOf(fixture))).to.equal(2);
    expect([machine.ledger.maps, machine.live.size, task.localMaps.idx]).to.deep.equal([4, 0, 0]);
    const held = kmapLocalPage(task, pages[0]!);
    expect(held.bytes[0]).to.equal(1);
    expect(transferPairsLocal(task, pairsOf(fixture))).to.equal(-1);
    kunmapLocal(task, held);
    expect(transferPairsLocal(task, pairsOf(fixture))).to.equal(2);
  });

  it('asks for two empty slots', () => {
    const fixture = transferFixture('highmem', { mode: 'checked' });
    const { machine, task, pages } = fixture;
    const { addresses } = machine.hardware;
    for (const slot of [0, 1]) {
      task.cpu.tlb.fill(addresses.local(slot), pages[0]!.pfn);
      expect(transferPairsLocal(task, pairsOf(fixture))).to.equal(-1);
      expect([task.localMaps.idx, task.migrateDisabled]).to.deep.equal([0, 0]);
      task.cpu.tlb.flushPage(addresses.local(slot));
    }
    expect(transferPairsLocal(task, pairsOf(fixture))).to.equal(2);
  });
});

describe('transferPairsDirect', () => {
  it('visits pairs and counts two maps for each', () => {
    const fixture = transferFixture('lowmem');
    expect(transferPairsDirect(fixture.task, pairsOf(fixture))).to.equal(2);
    expect(
      transferPairsDirect(
        fixture.task,
        pairsOf(fixture, () => false),
      ),
    ).to.equal(0);
    const { maps, unmaps, pteWrites } = fixture.machine.ledger;
    expect([maps, unmaps, pteWrites]).to.deep.equal([6, 6, 0]);
    const watched = transferFixture('lowmem', { trace: true });
    expect(transferPairsDirect(watched.task, pairsOf(watched))).to.equal(-1);
  });
});
