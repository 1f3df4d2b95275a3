import { expect } from 'chai';
import {
  createMachine,
  iovIterBvec,
  iovIterDiscard,
  iovIterExtractWillPin,
  iovIterFolioQueue,
  iovIterKvec,
  iovIterUser,
  unpinUserPage,
  virtAddr,
} from 'scatterlist';
import type { IovIter } from 'scatterlist';
import { Folio } from 'scatterlist/machine';
import { PAGE, machine, page, pages } from '../sg-fixture.ts';

const at = (address: number) => virtAddr(machine.hardware.addresses.pageOffset + address);

/** `[pfn, offset, length]` of the runs left. */
function runs(iter: IovIter): readonly (readonly number[])[] {
  const found = [];
  for (let run = iter.current; run !== undefined; run = iter.current) {
    found.push([run.page.pfn, run.offset, run.length]);
    iter.advance(run.length);
  }
  return found;
}

describe('IovIter', () => {
  it('goes over user buffers page by page', () => {
    const iter = iovIterUser([
      { pages: pages(7, 3), offset: 100, length: 5000 },
      { pages: pages(9), offset: 0, length: 10 },
    ]);
    expect(iter.count).to.equal(5010);
    expect(runs(iter)).to.deep.equal([
      [7, 100, 3996],
      [3, 0, 1004],
      [9, 0, 10],
    ]);
    expect(iter.count).to.equal(0);
  });

  it('goes over kernel buffers page by page, and over runs and folios whole', () => {
    const kvec = iovIterKvec(machine, [
      { address: at(5 * PAGE - 6), length: 10 },
      { address: at(0), length: 0 },
    ]);
    expect(kvec.ok && runs(kvec.value)).to.deep.equal([
      [4, PAGE - 6, 6],
      [5, 0, 4],
    ]);
    expect(runs(iovIterBvec([{ page: page(4), offset: 5000, length: 9000 }]))).to.deep.equal([
      [4, 5000, 9000],
    ]);
    expect(runs(iovIterFolioQueue([new Folio(page(8), 4)]))).to.deep.equal([[8, 0, 4 * PAGE]]);
  });

  it('refuses kernel addresses outside lowmem', () => {
    for (const address of [virtAddr(16), virtAddr(machine.hardware.addresses.directEnd - 4)]) {
      const made = iovIterKvec(machine, [{ address, length: 10 }]);
      expect(made).to.have.nested.property('error.code', 'InvalidArgument');
    }
  });

  it('goes as far as it counts, over runs of no bytes too', () => {
    const none = { page: page(1), offset: 0, length: 0 };
    const iter = iovIterBvec([none, { page: page(4), offset: 8, length: 10 }, none, none]);
    iter.count = 7;
    expect(iter.current).to.deep.equal({ page: page(4), offset: 8, length: 7 });
    iter.advance(3);
    expect(iter.current).to.deep.equal({ page: page(4), offset: 11, length: 4 });
    iter.advance(4);
    expect([iter.current, iter.count]).to.deep.equal([undefined, 0]);
    iter.count = 5;
    expect(iter.current).to.deep.equal({ page: page(4), offset: 15, length: 3 });
    iter.advance(3);
    expect([iter.current, iter.count]).to.deep.equal([undefined, 2]);
    expect([iovIterDiscard(5).count, iovIterDiscard(5).current]).to.deep.equal([5, undefined]);
  });

  it('takes of a user what the frames hold, and no more', () => {
    const of = (offset: number, length: number, frames: number) => () =>
      iovIterUser([{ pages: pages(7, 3).slice(0, frames), offset, length }]);
    for (const [offset, length, frames, left] of [
      [0, 2 * PAGE, 2, 2 * PAGE],
      [PAGE - 1, PAGE + 1, 2, PAGE + 1],
      [0, 0, 0, 0],
    ] as const)
      expect(of(offset, length, frames)().count).to.equal(left);
    for (const [offset, length, frames, said] of [
      [PAGE, 1, 2, `offset is ${String(PAGE)}; it must be a whole number from 0 to ${String(PAGE - 1)}`],
      [-1, 1, 2, 'offset is -1'],
      [
        1,
        2 * PAGE,
        2,
        `length is ${String(2 * PAGE)}; it must be a whole number from 0 to ${String(2 * PAGE - 1)}`,
      ],
      [0, -1, 2, 'length is -1'],
      [1, 0, 0, 'offset is 1; it must be a whole number from 0 to 0'],
      [0, 1, 0, 'length is 1; it must be a whole number from 0 to 0'],
    ] as const)
      expect(of(offset, length, frames), said).to.throw(RangeError, said);
  });

  it('takes runs of what 32 bits can say', () => {
    const most = 2 ** 32 - 1;
    expect(iovIterBvec([{ page: page(1), offset: most, length: most }]).count).to.equal(most);
    for (const [offset, length, said] of [
      [most + 1, 0, 'offset is 4294967296'],
      [-1, 0, 'offset is -1'],
      [0, most + 1, 'length is 4294967296'],
      [0, -1, 'length is -1'],
    ] as const)
      expect(() => iovIterBvec([{ page: page(1), offset, length }])).to.throw(RangeError, said);
    expect(() => iovIterDiscard(-1)).to.throw(RangeError, 'count is -1');
  });

  it('names the address or the length of a kernel buffer that is not all in lowmem', () => {
    const { addresses, memory } = machine.hardware;
    const bytes = memory.directEnd * PAGE;
    const of = (address: number, length: number): unknown => {
      const made = iovIterKvec(machine, [{ address: at(address), length }]);
      return made.ok ? made.value.count : made.error;
    };
    expect([of(0, 10), of(bytes - 10, 10)]).to.deep.equal([10, 10]);
    const tooLong = { code: 'InvalidArgument', argument: 'length', expected: 'bytes of lowmem' };
    expect(of(bytes - 10, 11)).to.deep.equal({ ...tooLong, got: 11 });
    expect(of(bytes, 1)).to.deep.equal({ ...tooLong, got: 1 });
    expect(of(-1, 1)).to.deep.equal({
      code: 'InvalidArgument',
      argument: 'address',
      got: addresses.pageOffset - 1,
      expected: 'a permanent address of lowmem',
    });
    for (const length of [-1, 1.5])
      expect(of(0, length)).to.deep.equal({
        code: 'InvalidArgument',
        argument: 'length',
        got: length,
        expected: 'a whole number from 0 to 9007199254740991',
      });
  });

  it('takes no kernel buffer from protected pages, which lie behind lowmem', () => {
    const guarded = createMachine({ lowmemPages: 2, protectedPages: 2 });
    const address = virtAddr(guarded.hardware.addresses.pageOffset + 2 * PAGE - 6);
    expect(iovIterKvec(guarded, [{ address, length: 6 }]).ok).to.be.true;
    expect(iovIterKvec(guarded, [{ address, length: 7 }])).to.deep.equal({
      ok: false,
      error: {
        code: 'InvalidArgument',
        argument: 'address',
        got: address + 6,
        expected: 'a permanent address of lowmem',
      },
    });
  });

  it('says who must unpin', () => {
    const empty: IovIter[] = [iovIterBvec([]), iovIterFolioQueue([]), iovIterDiscard(5)];
    expect(empty.map(iovIterExtractWillPin)).to.deep.equal([false, false, false]);
    expect(iovIterExtractWillPin(iovIterUser([]))).to.be.true;
  });

  it('counts pins', () => {
    const iter = iovIterUser([{ pages: pages(7), offset: 0, length: 1 }]);
    iter.pins.set(page(7), 2);
    expect([1, 2, 3].map(() => unpinUserPage(iter, page(7)))).to.deep.equal([true, true, false]);
    expect(iter.pins.size).to.equal(0);
    iter.pins.set(page(7), 2);
    unpinUserPage(iter, page(7));
    expect(iter.pins.get(page(7))).to.equal(1);
  });
});
