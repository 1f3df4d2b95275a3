import { expect } from 'chai';
import sinon from 'sinon';
import { ViolationError, createMachine, ok, sgAllocTableFromPages, sgMap, sgUnmap } from 'scatterlist';
import type { SgEntry } from 'scatterlist';
import { defineBackend, mapLocal } from 'scatterlist/backend';
import { KMAP_LOCAL, kmapLocal, recorder } from 'scatterlist/backends';
import {
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmap,
  kunmapAtomic,
  kunmapLocal,
  runAlone,
} from 'scatterlist/machine';
import { SlotTokens } from '../../../lib/kernel/parts/slot-tokens.ts';

function setUp(mode: 'direct' | 'checked' = 'direct') {
  const machine = createMachine({ mode, cpus: 2, lowmemPages: 64 });
  const task = machine.task('driver');
  const [a, b] = machine.allocPages(2, { zone: 'highmem', layout: 'scattered' });
  machine.physical(a!).fill(1);
  machine.physical(b!).fill(2);
  return { machine, task, a: a!, b: b!, local: kmapLocal(task) };
}

describe('slot tokens', () => {
  it('wait at their depth: the same window for the next map, with the next page', () => {
    const { machine, task, a, b, local } = setUp();
    expect(task.localMaps.map(a, 0, 8)).to.equal(undefined);
    const first = local.map(a, 0, 4096);
    if (!first.ok) throw new Error(first.error.code);
    const token = first.value;
    const inner = local.map(b, 16, 8);
    if (!inner.ok) throw new Error(inner.error.code);
    expect([token.load8(0), inner.value.load8(0), inner.value.slot, inner.value.length]).to.deep.equal([
      1, 2, 1, 8,
    ]);
    local.unmap(inner.value);
    local.unmap(token);
    const before = machine.ledger;
    const again = task.localMaps.map(b, 4, 100)?.value;
    expect(again).to.equal(token);
    expect([again!.load8(0), again!.slot, again!.length, again!.vaddr % 4096]).to.deep.equal([2, 0, 100, 4]);
    expect([task.localMaps.idx, task.migrateDisabled, machine.hardware.pageTable.local.get(0)]).to.deep.equal(
      [1, 1, b.pfn],
    );
    expect(task.localMaps.unmap(again!)).to.equal(true);
    const after = machine.ledger;
    expect([
      after.maps - before.maps,
      after.unmaps - before.unmaps,
      after.pteWrites - before.pteWrites,
      after.flushesLocal - before.flushesLocal,
    ]).to.deep.equal([1, 1, 2, 1]);
    expect([task.localMaps.idx, task.migrateDisabled, machine.hardware.pageTable.local.get(0)]).to.deep.equal(
      [0, 0, -1],
    );
  });

  it('leave what is unusual to the ordinary way', () => {
    const { machine, task, a, local } = setUp();
    const mapped = local.map(a, 0, 8);
    if (!mapped.ok) throw new Error(mapped.error.code);
    local.unmap(mapped.value);
    const low = machine.allocPage({ zone: 'lowmem' });
    machine.physical(low);
    expect(task.localMaps.map(low, 0, 8)).to.equal(undefined);
    expect(task.localMaps.map(machine.ioRegion(1)[0]!, 0, 8)).to.equal(undefined);
    expect(task.localMaps.map(machine.allocPage({ zone: 'highmem' }), 0, 8)).to.equal(undefined);
    const other = machine.task('other');
    machine.enter(other);
    expect(task.localMaps.map(a, 0, 8)).to.equal(undefined);
    machine.enter(task);
    machine.interrupt('softirq', (irq) => {
      expect(SlotTokens.of(irq)).to.equal(undefined);
      expect(task.localMaps.map(a, 0, 8)).to.equal(undefined);
    });
    expect(task.localMaps.map(a, 0, 8)?.value).to.equal(mapped.value);
    expect(other.localMaps.unmap(mapped.value)).to.equal(false);
    local.unmap(mapped.value);
  });

  it('are no windows without a slot, however far down the stack is', () => {
    const machine = createMachine({ mode: 'direct', semantics: 'compatible', onViolation: 'record' });
    const task = machine.task('driver');
    const local = kmapLocal(task);
    const low = machine.allocPage({ zone: 'lowmem' });
    for (const idx of [0, -1, -2]) {
      task.localMaps.idx = idx;
      const mapped = local.map(low, 0, 8);
      if (!mapped.ok) throw new Error(mapped.error.code);
      expect(task.localMaps.unmap(mapped.value)).to.equal(false);
      local.unmap(mapped.value);
      expect(task.localMaps.idx).to.equal(idx);
    }
  });

  it('belong to one task: that of another at the same height is none of its business', () => {
    const { machine, task, a, b, local } = setUp();
    const other = machine.task('other', { cpu: 1 });
    const theirs = kmapLocal(other).map(a, 0, 8);
    const mine = local.map(b, 0, 8);
    if (!theirs.ok || !mine.ok) throw new Error('map');
    expect([task.localMaps.unmap(theirs.value), task.localMaps.remap(theirs.value, a, 0, 8)]).to.deep.equal([
      false,
      false,
    ]);
    expect([theirs.value.live, task.localMaps.idx, other.localMaps.idx]).to.deep.equal([true, 1, 1]);
    local.unmap(mine.value);
    expect(task.localMaps.unmap(mine.value)).to.equal(false);
  });

  it('map the next page in one go with the release, counted as both', () => {
    const { machine, task, a, b, local } = setUp();
    const mapped = local.map(a, 0, 8);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const token = mapped.value;
    const before = machine.ledger;
    expect(task.localMaps.remap(token, b, 16, 100)).to.equal(true);
    expect([token.page, token.load8(0), token.length, token.vaddr % 4096, token.live]).to.deep.equal([
      b,
      2,
      100,
      16,
      true,
    ]);
    expect([
      task.localMaps.idx,
      task.migrateDisabled,
      task.localMaps.entries[0],
      machine.hardware.pageTable.local.get(0),
    ]).to.deep.equal([1, 1, b.pfn + 1, b.pfn]);
    const after = machine.ledger;
    expect([
      after.maps - before.maps,
      after.unmaps - before.unmaps,
      after.pteWrites - before.pteWrites,
      after.flushesLocal - before.flushesLocal,
    ]).to.deep.equal([1, 1, 2, 1]);
    local.unmap(token);
    machine.checkLeaks();
  });

  it('leave a step that is unusual to an unmap and a map, with nothing changed', () => {
    const { machine, task, a, b, local } = setUp();
    const outer = local.map(a, 0, 8);
    const inner = local.map(b, 0, 8);
    if (!outer.ok || !inner.ok) throw new Error('map');
    const before = [machine.ledger, [...task.localMaps.entries]];
    const low = machine.allocPage({ zone: 'lowmem' });
    const untouched = machine.allocPage({ zone: 'highmem' });
    machine.physical(low);
    expect(task.localMaps.remap(outer.value, b, 0, 8)).to.equal(false);
    expect(task.localMaps.remap(inner.value, low, 0, 8)).to.equal(false);
    expect(task.localMaps.remap(inner.value, untouched, 0, 8)).to.equal(false);
    machine.interrupt('softirq', () => {
      expect(task.localMaps.remap(inner.value, a, 0, 8)).to.equal(false);
      expect(task.localMaps.unmap(inner.value)).to.equal(false);
    });
    machine.hardware.watchPoints(() => undefined);
    expect(task.localMaps.remap(inner.value, a, 0, 8)).to.equal(false);
    machine.hardware.watchPoints(undefined);
    expect([machine.ledger, [...task.localMaps.entries]]).to.deep.equal(before);
    local.unmap(inner.value);
    expect(task.localMaps.remap(inner.value, a, 0, 8)).to.equal(false);
    local.unmap(outer.value);
  });

  it('are not used on another CPU than the one they were made on', () => {
    const { machine, task, a, local } = setUp();
    const mapped = local.map(a, 0, 8);
    if (!mapped.ok) throw new Error(mapped.error.code);
    local.unmap(mapped.value);
    machine.migrate(task, 1);
    machine.enter(task);
    expect(task.localMaps.map(a, 0, 8)).to.equal(undefined);
    const moved = local.map(a, 0, 8);
    if (!moved.ok) throw new Error(moved.error.code);
    expect(moved.value.slot).to.equal(machine.config.kmMaxIdx);
    local.unmap(moved.value);
  });

  it('take themselves back whoever asks, and remember nobody who mapped with them before', () => {
    const { machine, task, a, b, local } = setUp();
    const wrapped = recorder(local);
    const table = sgAllocTableFromPages([a], { size: 4096 });
    if (!table.ok) throw new Error(table.error.code);
    const sg = table.value.sgl!;
    const seen: unknown[] = [];
    for (const backend of [local, local, wrapped, local]) {
      const mapping = sgMap(sg, 0, backend).value;
      seen.push(mapping.releaser === (backend === wrapped ? wrapped : task.localMaps));
      sgUnmap(mapping);
      seen.push(mapping.live, machine.liveMappings, task.localMaps.idx);
    }
    expect(seen).to.deep.equal([false, true, true, true].flatMap((known) => [known, false, 0, 0]));
    // What is not on top goes the long way, which says what is wrong.
    const outer = sgMap(sg, 0, local).value;
    const inner = kmapLocalPage(task, b);
    expect(() => {
      sgUnmap(outer);
    }).to.throw(ViolationError, /unmap-order/);
    kunmapLocal(task, inner);
    outer[Symbol.dispose]();
    expect(machine.liveMappings).to.equal(0);
  });

  it('still refuse a release out of order, or twice', () => {
    const { a, b, local } = setUp();
    for (let round = 0; round < 2; round += 1) {
      const outer = local.map(a, 0, 8);
      const inner = local.map(b, 0, 8);
      if (!outer.ok || !inner.ok) throw new Error('map');
      expect(() => local.unmap(outer.value)).to.throw(ViolationError, /unmap-order/);
      local.unmap(inner.value);
      local.unmap(outer.value);
      expect(() => local.unmap(outer.value)).to.throw(ViolationError, /double-unmap/);
    }
  });

  it('share the stack with plain kmap_local_page', () => {
    const { task, a, b, local } = setUp();
    const token = local.map(a, 0, 8);
    if (!token.ok) throw new Error(token.error.code);
    const plain = kmapLocalPage(task, b);
    expect(plain.slot).to.equal(1);
    kunmapLocal(task, plain);
    local.unmap(token.value);
    // The token that waits at the bottom is used again, by whichever function maps there.
    const inItsPlace = kmapLocalPage(task, b);
    expect([inItsPlace, inItsPlace.page, task.localMaps.idx]).to.deep.equal([token.value, b, 1]);
    kunmapLocal(task, inItsPlace);
    expect([task.localMaps.unmap(inItsPlace), task.localMaps.idx]).to.deep.equal([false, 0]);
  });

  it('are no tokens for maps of another name, of an interrupt, or that no slot holds', () => {
    const { machine, task, a, b } = setUp();
    const first = mapLocal(task, a, 0, 8, 'mine');
    kunmapLocal(task, first);
    expect(task.localMaps.map(b, 0, 8)).to.equal(undefined);
    const atomic = kmapAtomic(task, a);
    kunmapAtomic(task, atomic);
    expect(task.localMaps.map(b, 0, 8)).to.equal(undefined);
    const plain = mapLocal(task, a, 0, 8);
    kunmapLocal(task, plain);
    machine.interrupt('softirq', (irq) => {
      const inside = mapLocal(irq, b, 0, 8);
      expect([inside === plain, inside.owner]).to.deep.equal([false, irq]);
      kunmapLocal(irq, inside);
    });
    expect(mapLocal(task, b, 0, 8, 'mine')).to.not.equal(plain);
  });

  it('serve a backend of a user that maps with mapLocal, and are released through it', () => {
    const { task, a, b } = setUp();
    const unmap = sinon.fake((mapping: Parameters<typeof kunmapLocal>[1]) => kunmapLocal(task, mapping));
    const mine = defineBackend(task, {
      contract: { ...KMAP_LOCAL, name: 'mine' },
      map: (page, offset, length) => ok(mapLocal(task, page, offset, length)),
      unmap,
    });
    const listOf = (page: typeof a): SgEntry<'highmem'> => {
      const made = sgAllocTableFromPages([page], { size: 8 });
      if (!made.ok || made.value.sgl === null) throw new Error('table');
      return made.value.sgl;
    };
    const windows = [a, b, a].map((page) => {
      const mapped = sgMap(listOf(page), 0, mine);
      if (!mapped.ok) throw new Error('map');
      expect(mapped.value.page).to.equal(page);
      sgUnmap(mapped.value);
      return mapped.value;
    });
    expect([windows[1] === windows[0], windows[2] === windows[0], unmap.callCount]).to.deep.equal([
      true,
      true,
      3,
    ]);
    expect([task.localMaps.idx, task.migrateDisabled]).to.deep.equal([0, 0]);
  });

  it('are saved and restored when another task runs in between, as other maps are', () => {
    const { machine, task, a, b, local } = setUp();
    const other = machine.task('other');
    for (let round = 0; round < 2; round += 1) {
      const token = local.map(a, 0, 8);
      if (!token.ok) throw new Error(token.error.code);
      const foreign = kmapLocalPage(other, b);
      expect([machine.hardware.pageTable.local.get(0), task.localMaps.entries[0]]).to.deep.equal([
        b.pfn,
        a.pfn + 1,
      ]);
      kunmapLocal(other, foreign);
      machine.enter(task);
      expect(machine.hardware.pageTable.local.get(0)).to.equal(a.pfn);
      local.unmap(token.value);
      expect(task.localMaps.entries[0]).to.equal(0);
    }
  });

  it('do not speak for a slot that was given up by address and taken again', () => {
    const { machine, task, a, b, local } = setUp();
    const token = local.map(a, 0, 8);
    if (!token.ok) throw new Error(token.error.code);
    kunmapLocal(task, token.value.vaddr);
    expect(task.localMaps.entries[0]).to.equal(0);
    const plain = kmapLocalPage(task, b);
    expect(task.localMaps.entries[0]).to.equal(b.pfn + 1);
    machine.enter(machine.task('other'));
    machine.enter(task);
    expect(machine.hardware.pageTable.local.get(0)).to.equal(b.pfn);
    kunmapLocal(task, plain);
  });

  it('do not wait for a protected page in a slot, whose key goes back with each release', () => {
    const machine = createMachine({ mode: 'direct', forceMap: true, protectedPages: 2 });
    const task = machine.task('driver');
    const local = kmapLocal(task);
    const page = machine.allocPage({ zone: 'protected' });
    for (let n = 1; n < 4; n += 1) {
      const mapped = local.map(page, 0, 8);
      expect([mapped.ok, task.keyGrants]).to.deep.equal([true, 1]);
      if (mapped.ok) local.unmap(mapped.value);
      expect([task.keyGrants, machine.ledger.keySwitches]).to.deep.equal([0, 2 * n]);
    }
  });

  it('do not stand in the way of kmap_high_get', () => {
    const machine = createMachine({ mode: 'direct', kmapHighGet: true });
    const task = machine.task('driver');
    const page = machine.allocPage({ zone: 'highmem' });
    const local = kmapLocal(task);
    const area = (): string => {
      const mapped = local.map(page, 0, 8);
      if (!mapped.ok) throw new Error(mapped.error.code);
      const { area } = mapped.value;
      local.unmap(mapped.value);
      return area;
    };
    expect(area()).to.equal('local');
    const pooled = runAlone(task, kmap(task, page));
    expect(area()).to.equal('pkmap');
    kunmap(task, pooled);
    expect(machine.liveMappings).to.equal(0);
  });

  it('do not exist on a checked machine: each mapping has a window of its own', () => {
    const { a, local } = setUp('checked');
    const one = local.map(a, 0, 8);
    if (!one.ok) throw new Error(one.error.code);
    local.unmap(one.value);
    const two = local.map(a, 0, 8);
    if (!two.ok) throw new Error(two.error.code);
    expect(two.value).to.not.equal(one.value);
    local.unmap(two.value);
  });

  it('tell their zone under its old name as well', () => {
    const { task, a } = setUp();
    task.machine.enter(task);
    const { tokenZone, quietZone } = task.localMaps as unknown as Record<string, unknown>;
    expect([tokenZone, quietZone]).to.deep.equal([a.zone, a.zone]);
  });
});
