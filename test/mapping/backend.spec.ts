import { expect } from 'chai';
import sinon from 'sinon';
import {
  ConfigError,
  SgMiter,
  createMachine,
  err,
  ok,
  runAlone,
  sgAllocTableFromPages,
  sgCopyToBuffer,
  sgMap,
  sgUnmap,
} from 'scatterlist';
import { spanOf } from '../scatterlist/copy/pieces-fixture.ts';
import type { DirectMapping } from 'scatterlist';
import { Backend, defineBackend, kunmap, kunmapLocal, mapLocal, tryMapPool } from 'scatterlist/backend';
import { KMAP, KMAP_LOCAL, kmapLocal } from 'scatterlist/backends';
import { violationOf } from '../kernel/violations.ts';

function setUp() {
  const machine = createMachine();
  const task = machine.task('author');
  const page = machine.allocPage({ zone: 'highmem' });
  return { machine, task, page };
}

describe('defineBackend', () => {
  it('makes a backend of its contract, its two functions and its context', () => {
    const { machine, task, page } = setUp();
    const unmap = sinon.spy((mapping: ReturnType<typeof mapLocal>) => kunmapLocal(task, mapping));
    const mine = defineBackend(task, {
      contract: KMAP_LOCAL,
      map: (p, offset, length) => ok(mapLocal(task, p, offset, length)),
      unmap,
    });
    expect(mine).to.be.instanceOf(Backend);
    expect(mine.contract).to.equal(KMAP_LOCAL);
    expect(mine.context).to.equal(task);
    expect(mine.machine).to.equal(machine);
    const mapped = mine.map(page, 4, 8);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const mapping = mapped.value;
    expect(mapping.length).to.equal(8);
    mine.release(mapping);
    sinon.assert.calledOnceWithExactly(unmap, mapping);
    machine.checkLeaks();
  });

  it('refuses a definition without one of its parts, or with a part of another type', () => {
    const { task } = setUp();
    const { contract, map, unmap } = kmapLocal(task);
    const given = { contract, map, unmap };
    for (const [name, parts] of [
      ['contract of defineBackend is undefined; it must be an object', { map, unmap }],
      ['map of defineBackend is undefined; it must be a function', { contract, unmap }],
      ['unmap of defineBackend is undefined; it must be a function', { contract, map }],
    ] as const)
      expect(() => defineBackend(task, parts as never)).to.throw(ConfigError, name);
    for (const part of ['mapWait', 'unmap', 'tokens', 'transfer', 'transferFill', 'transferPairs'])
      expect(() => defineBackend(task, { ...given, [part]: 3 }), part).to.throw(ConfigError, part);
  });

  it('waits by answering at once where no waiting form is given, errors included', () => {
    const { task, page } = setUp();
    const map = sinon.stub().returns(err({ code: 'Unmappable', pfn: page.pfn, kind: 'lowmem' }));
    const mine = defineBackend(task, { contract: KMAP_LOCAL, map, unmap: () => undefined });
    const work = mine.mapWait(page, 16, 32);
    sinon.assert.notCalled(map);
    const step = work.next();
    expect(step.done).to.equal(true);
    expect(step.value).to.equal(map.firstCall.returnValue);
    sinon.assert.calledOnceWithExactly(map, page, 16, 32);
  });

  it('uses the waiting form that is given', () => {
    const { task, page } = setUp();
    const map = sinon.stub();
    const mine = defineBackend(task, {
      contract: KMAP_LOCAL,
      map,
      *mapWait(p, offset, length) {
        yield;
        return ok(mapLocal(task, p, offset, length));
      },
      unmap: (mapping) => kunmapLocal(task, mapping),
    });
    const work = mine.mapWait(page, 0, 8);
    expect(work.next()).to.deep.equal({ value: undefined, done: false });
    const mapped = runAlone(task, work);
    sinon.assert.notCalled(map);
    if (mapped.ok) mine.unmap(mapped.value);
  });

  it('passes no pieces and has no tokens unless it is given a way', () => {
    const { task } = setUp();
    const mine = defineBackend(task, {
      contract: KMAP_LOCAL,
      map: (p, offset, length) => ok(mapLocal(task, p, offset, length)),
      unmap: () => undefined,
    });
    expect([mine.pass, mine.tokens]).to.deep.equal([undefined, undefined]);
  });

  it('passes pieces in the way that it is given', () => {
    const { task, page } = setUp();
    const pass = sinon.fake.returns(3);
    const mine = defineBackend(task, {
      contract: KMAP_LOCAL,
      map: (p, offset, length) => ok(mapLocal(task, p, offset, length)),
      unmap: () => undefined,
      pass,
    });
    const range = spanOf([[page, 0, 8]]);
    expect(mine.pass?.(range, range)).to.equal(3);
    sinon.assert.calledOnceWithExactly(pass, range, range);
  });

  it('takes the hooks of before, and does not call them', () => {
    const { machine, task, page } = setUp();
    const old = { transfer: sinon.fake(), transferFill: sinon.fake(), transferPairs: sinon.fake() };
    const mine = defineBackend(task, {
      contract: KMAP_LOCAL,
      map: (p, offset, length) => ok(mapLocal(task, p, offset, length)),
      unmap: (mapping) => kunmapLocal(task, mapping),
      ...old,
    });
    const made = sgAllocTableFromPages([page], { size: 8 });
    if (!made.ok) throw new Error(made.error.code);
    machine.physical(page)[0] = 7;
    const buffer = new Uint8Array(8);
    void sgCopyToBuffer(made.value, buffer, mine);
    expect([buffer[0], ...Object.values(old).map(({ callCount }) => callCount)]).to.deep.equal([7, 0, 0, 0]);
  });

  it('asks the tokens it has before it maps, and iterators ask them for release and map at once', () => {
    const { machine, task } = setUp();
    const [made, waiting] = [1, 2].map(() => mapLocal(task, machine.allocPage({ zone: 'lowmem' }), 0, 4096));
    const map = sinon.fake.returns(ok(made!));
    const unmap = sinon.fake();
    const tokens = { map: sinon.fake.returns(ok(waiting!)), remap: sinon.fake.returns(true) };
    const release = sinon.fake();
    waiting!.releaser = { release };
    const mine = defineBackend<typeof KMAP_LOCAL, DirectMapping>(task, {
      contract: KMAP_LOCAL,
      map,
      unmap,
      tokens,
    });
    const list = sgAllocTableFromPages(machine.allocPages(3, { zone: 'highmem', layout: 'scattered' }), {
      size: 3 * 4096,
    });
    if (!list.ok) throw new Error(list.error.code);
    const mapped = sgMap(list.value.sgl!, 0, mine);
    expect(mapped.value).to.equal(waiting);
    sgUnmap(mapped.value);
    sinon.assert.notCalled(map);
    sinon.assert.notCalled(unmap);
    sinon.assert.calledOnceWithExactly(release, waiting);
    const it = new SgMiter(list.value, mine, 'fromSg');
    for (let i = 0; i < 3; i += 1) expect(it.next().value).to.equal(true);
    it.stop();
    sinon.assert.calledOnce(map);
    sinon.assert.calledTwice(tokens.remap);
    sinon.assert.calledOnceWithExactly(unmap, made);
  });

  it('asks who executes before it releases for another context than its own', () => {
    const { machine, task, page } = setUp();
    const unmap = sinon.spy((mapping: ReturnType<typeof mapLocal>) => kunmapLocal(task, mapping));
    const mine = defineBackend(task, {
      contract: KMAP_LOCAL,
      map: (p, offset, length) => ok(mapLocal(task, p, offset, length)),
      unmap,
    });
    const mapped = mine.map(page, 0, 8);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const other = machine.task('other');
    machine.enter(other);
    for (const release of [mine.unmap, (m: typeof mapped.value) => mine.release(m)])
      expect(violationOf(() => release(mapped.value))).to.equal('wrong-task');
    sinon.assert.notCalled(unmap);
    expect(machine.executing).to.equal(other);
    machine.enter(task);
    mine.unmap(mapped.value);
    machine.checkLeaks();
  });

  it('releases a mapping for everybody in the context that executes, whatever the author wrote', () => {
    const { machine, task, page } = setUp();
    const mine = defineBackend(task, {
      contract: KMAP,
      map: (p, offset, length) => {
        const window = tryMapPool(task, p, offset, length);
        return window === undefined ? err({ code: 'NoSlots', slots: 0, waiting: 0 } as const) : ok(window);
      },
      unmap: (mapping) => kunmap(task, mapping),
    });
    const [first, second] = [mine.map(page, 0, 8), mine.map(page, 0, 8)];
    if (!first.ok || !second.ok) throw new Error('no slot');
    const other = machine.task('other', { cpu: 1 });
    machine.enter(other);
    mine.unmap(first.value);
    expect(machine.executing).to.equal(other);
    machine.interrupt('hardirq', (irq) => {
      expect(violationOf(() => mine.unmap(second.value))).to.equal('kmap-in-atomic');
      expect(machine.executing).to.equal(irq);
    });
    mine.unmap(second.value);
    machine.checkLeaks();
  });

  it('gives every backend the same shape, so that one call site serves them all', () => {
    const { task } = setUp();
    const parts = {
      contract: KMAP_LOCAL,
      map: () => err({ code: 'Unmappable', pfn: 0, kind: '' } as never),
      unmap: () => undefined,
    };
    const plain = defineBackend(task, parts);
    const waiting = defineBackend(task, {
      ...parts,
      *mapWait() {
        return parts.map();
      },
      tokens: { map: () => undefined, remap: () => true },
      pass: () => 1,
    });
    expect(Object.keys(plain)).to.deep.equal(Object.keys(waiting));
  });
});
