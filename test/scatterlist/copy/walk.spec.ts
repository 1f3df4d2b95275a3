import { expect } from 'chai';
import sinon from 'sinon';
import { createMachine, err, ok, sgAllocTableFromPages } from 'scatterlist';
import type { MapBackend, SgList } from 'scatterlist';
import { defineBackend, kunmapLocal, mapLocal } from 'scatterlist/backend';
import { KMAP_LOCAL } from 'scatterlist/backends';
import { cursorAt, walk } from '../../../lib/scatterlist/copy/walk.ts';

const PAGE = 4096;

/** A list of two pages and some bytes, a backend that writes down what it is asked, and a call that fails. */
function setUp(failAt = -1) {
  const machine = createMachine();
  const task = machine.task();
  const pages = machine.allocPages(3, { zone: 'highmem', layout: 'scattered' });
  const made = sgAllocTableFromPages(pages, { offset: 100, size: 2 * PAGE });
  if (!made.ok) throw new Error(made.error.code);
  const list: SgList<'highmem'> = made.value;
  const calls: unknown[] = [];
  let maps = 0;
  const backend: MapBackend = defineBackend(task, {
    contract: KMAP_LOCAL,
    map: (page, offset, length) => {
      maps += 1;
      if (maps === failAt) return err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind } as const);
      calls.push(['map', pages.findIndex((each) => each === page), offset, length]);
      return ok(mapLocal(task, page, offset, length));
    },
    unmap: (mapping) => {
      calls.push('unmap');
      kunmapLocal(task, mapping);
    },
  });
  return { machine, list, backend, calls, pages };
}

describe('walk', () => {
  it('maps, works and unmaps one piece at a time', () => {
    const { machine, list, backend, calls } = setUp();
    const range = { skipBytes: 50, lengthBytes: 5000, writes: false };
    const walked = walk(list, backend, range, (mapping, lengthBytes, doneBytes) => {
      calls.push(['work', mapping.length, lengthBytes, doneBytes, machine.liveMappings]);
    });
    expect(walked).to.deep.equal({ ok: true, value: 5000 });
    expect(calls).to.deep.equal([
      ['map', 0, 150, 3946],
      ['work', 3946, 3946, 0, 1],
      'unmap',
      ['map', 1, 0, 1054],
      ['work', 1054, 1054, 3946, 1],
      'unmap',
    ]);
  });

  it('ends with the list, does nothing behind it, and refuses what is no number of bytes', () => {
    const { list, backend, calls } = setUp();
    const at = (skipBytes: number, lengthBytes: number): unknown =>
      walk(list, backend, { skipBytes, lengthBytes, writes: false }, () => undefined);
    expect(at(8190, 100)).to.deep.equal({ ok: true, value: 2 });
    expect(calls).to.have.length(2);
    expect([at(8192, 100), at(9000, 1), at(0, 0)]).to.deep.equal([
      { ok: true, value: 0 },
      { ok: true, value: 0 },
      { ok: true, value: 0 },
    ]);
    expect(calls).to.have.length(2);
    expect(() => at(0, 1.5)).to.throw(/1\.5/);
  });

  it('says how many bytes were done when a map fails, and leaves nothing mapped', () => {
    const { machine, list, backend, pages } = setUp(2);
    const walked = walk(list, backend, { skipBytes: 0, lengthBytes: 8192, writes: true }, () => undefined);
    expect(walked).to.deep.equal({
      ok: false,
      error: { code: 'Unmappable', pfn: pages[1]!.pfn, kind: 'highmem', doneBytes: 3996 },
    });
    expect(machine.liveMappings).to.equal(0);
  });

  it('flushes the data cache of a page that it wrote, while it is mapped', () => {
    for (const writes of [true, false]) {
      const { machine, list, backend, calls } = setUp();
      sinon.replace(machine, 'flushDcachePage', () => calls.push('flush'));
      void walk(list, backend, { skipBytes: 0, lengthBytes: 10, writes }, () => calls.push('work'));
      const rest = calls.slice(1);
      expect(rest).to.deep.equal(writes ? ['work', 'flush', 'unmap'] : ['work', 'unmap']);
    }
  });
});

describe('cursorAt', () => {
  it('stands behind the skip, or is not there if the list ends before', () => {
    const { list, backend } = setUp();
    const cursor = cursorAt(list, backend, 3996);
    expect([cursor?.load(), cursor?.offset, cursor?.remaining]).to.deep.equal([true, 0, 4096]);
    expect(cursorAt(list, backend, 8193)).to.equal(undefined);
  });
});
