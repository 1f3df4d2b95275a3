import { expect } from 'chai';
import {
  TrackingAllocator,
  createMachine,
  pageSource,
  sgChain,
  sgInitTable,
  sgNents,
  sglAlloc,
  sglAllocOrder,
  sglFree,
  sglFreeNOrder,
  sglFreeOrder,
} from 'scatterlist';
import { entriesOf } from '../sg-fixture.ts';

const COMPATIBLE = { semantics: 'compatible' } as const;

function source(highmemPages = 64) {
  const machine = createMachine({ highmemPages });
  const free = (): number => machine.hardware.memory.freePages('highmem');
  return { pages: pageSource(machine, 'highmem'), free };
}

function lengths(made: ReturnType<typeof sglAlloc>): readonly (number | undefined)[] {
  return made.ok ? entriesOf(made.value.sgl).map(([, , length]) => length) : [];
}

describe('lists that own their pages', () => {
  it('have an entry for each page, or each 2^order of them', () => {
    const { pages, free } = source();
    const list = sglAlloc(10000, pages);
    expect(lengths(list)).to.deep.equal([4096, 4096, 1808]);
    const large = sglAllocOrder(10000, 1, pages);
    expect(lengths(large)).to.deep.equal([8192, 1808]);
    expect(free()).to.equal(64 - 3 - 4);
    if (list.ok) sglFree(list.value.sgl, pages);
    if (large.ok) sglFreeOrder(large.value.sgl, 1, pages);
    expect(free()).to.equal(64);
  });

  it('free the first n entries when asked to', () => {
    const { pages, free } = source();
    const list = sglAllocOrder(5 * 4096, 0, pages);
    if (list.ok) sglFreeNOrder(list.value.sgl, 2, 0, pages);
    expect(free()).to.equal(64 - 3);
  });

  it('end at the last entry with bytes (strict), or at the slot kept for a link (compatible)', () => {
    for (const [how, counted] of [
      [{}, 2],
      [COMPATIBLE, 3],
    ] as const) {
      const { pages } = source();
      const list = sglAllocOrder(5000, 0, pages, { ...how, chainable: true });
      if (!list.ok) throw new Error(list.error.code);
      expect(list.value.nents).to.equal(2);
      expect(sgNents(list.value.sgl)).to.equal(counted);
      sgChain(list.value.sgl.array, 3, sgInitTable<'highmem'>(2).entry(0), how);
      expect(sgNents(list.value.sgl)).to.equal(4);
    }
  });

  it('refuse no bytes; 4 GiB only as Linux does (compatible)', () => {
    const { pages } = source();
    for (const how of [{}, COMPATIBLE])
      expect(sglAlloc(0, pages, how)).to.have.nested.property('error.code', 'InvalidArgument');
    const allocator = new TrackingAllocator({ failAt: 0 });
    expect(sglAllocOrder(2 ** 32, 10, pages, { ...COMPATIBLE, allocator }).ok).to.be.false;
    expect(allocator.reached, 'asked for memory').to.be.false;
    expect(sglAllocOrder(2 ** 32, 10, pages, { allocator }).ok).to.be.false;
    expect(allocator.reached, 'asked for memory').to.be.true;
  });

  it('take orders whose pages fit an entry', () => {
    const machine = createMachine({ pageSize: 65536 });
    const pages = pageSource(machine, 'highmem');
    for (const order of [16, -1, 1.5])
      expect(sglAllocOrder(1, order, pages)).to.deep.equal({
        ok: false,
        error: {
          code: 'InvalidArgument',
          argument: 'order',
          got: order,
          expected: 'a whole number from 0 to 15',
        },
      });
    expect(sglAllocOrder(1, 15, pages)).to.have.nested.property('error.code', 'NoMemory');
    const small = sglAlloc(1, pages);
    if (!small.ok) throw new Error(small.error.code);
    expect(() => sglFreeOrder(small.value.sgl, 16, pages)).to.throw('order is 16');
    expect(() => sglFreeNOrder(small.value.sgl, -1, 0, pages)).to.throw('nents is -1');
  });

  it('say how many entries were wanted, and for how many there were pages', () => {
    const error = (argument: string, got: number, expected: string) => ({
      ok: false,
      error: { code: 'InvalidArgument', argument, got, expected },
    });
    for (const bytes of [0, -1, 0.5])
      expect(sglAlloc(bytes, source().pages)).to.deep.equal(
        error('length', bytes, 'a whole number from 1 to 9007199254740991'),
      );
    const { pages, free } = source(5);
    expect(sglAllocOrder(3 * 8192, 1, pages)).to.deep.equal({
      ok: false,
      error: { code: 'NoMemory', wanted: 3, available: 2 },
    });
    expect(free()).to.equal(5);
    const allocator = new TrackingAllocator({ failAt: 0 });
    expect(sglAllocOrder(3 * 8192, 1, pages, { allocator })).to.deep.equal({
      ok: false,
      error: { code: 'NoMemory', wanted: 3, available: 0 },
    });
  });

  it('have one slot more only where a link is to follow', () => {
    for (const chainable of [undefined, false, true]) {
      const allocator = new TrackingAllocator();
      const { pages } = source();
      const made = sglAllocOrder(2 * 4096 + 1, 0, pages, { allocator, chainable: chainable === true });
      if (!made.ok) throw new Error(made.error.code);
      expect([made.value.nents, made.value.sgl.array.slots]).to.deep.equal([3, chainable === true ? 4 : 3]);
      sglFree(made.value.sgl, pages, { allocator });
      expect(allocator.live).to.equal(0);
    }
  });

  it('free none of no entries, and as many as there are', () => {
    const { pages, free } = source();
    const [none, all] = [sglAlloc(3 * 4096, pages), sglAlloc(3 * 4096, pages)];
    if (!none.ok || !all.ok) throw new Error('no pages');
    sglFreeNOrder(none.value.sgl, 0, 0, pages);
    expect(free()).to.equal(64 - 6);
    sglFreeNOrder(all.value.sgl, Infinity, 0, pages);
    expect(free()).to.equal(64 - 3);
  });

  it('leave nothing allocated where list memory or pages run out', () => {
    const few = source(2);
    const allocator = new TrackingAllocator();
    expect(sglAlloc(3 * 4096, few.pages, { allocator })).to.have.nested.property('error.code', 'NoMemory');
    expect([few.free(), allocator.live]).to.deep.equal([2, 0]);
    const { pages, free } = source();
    expect(sglAlloc(4096, pages, { allocator: new TrackingAllocator({ failAt: 0 }) }).ok).to.be.false;
    expect(free()).to.equal(64);
  });
});
