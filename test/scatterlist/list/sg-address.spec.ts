import { expect } from 'chai';
import {
  createMachine,
  sgInitOne,
  sgInitTable,
  sgPhys,
  sgSetBuf,
  sgSetPage,
  sgVirt,
  virtAddr,
} from 'scatterlist';
import { pageAddress } from 'scatterlist/machine';
import { violationOf } from '../../kernel/violations.ts';
import { PAGE, entryOf, machine, page } from '../sg-fixture.ts';

const [high] = machine.allocPages(1, { zone: 'highmem' });

function entryAt(pfn: number, offset: number) {
  const sg = sgInitTable<'lowmem'>(1).entry(0);
  sgSetPage(sg, page(pfn), 10, offset);
  return sg;
}

function highEntry() {
  const sg = sgInitTable<'highmem'>(1).entry(0);
  sgSetPage(sg, high!, 10, 100);
  return sg;
}

describe('addresses of entries', () => {
  it('sgPhys adds the offset to the page, beyond it too', () => {
    expect(sgPhys(entryAt(5, 5000))).to.equal(5 * PAGE + 5000);
    expect(() => sgPhys(sgInitTable(1).entry(0))).to.throw(RangeError);
  });

  it('sgVirt is where page_address is, and needs no check for lowmem', () => {
    const sg = entryAt(5, 100);
    const address: number = sgVirt(sg, machine).value;
    expect(address).to.equal(pageAddress(machine.task(), page(5))!.vaddr + 100);
  });

  it('sgVirt refuses highmem (strict), or computes nonsense (compatible)', () => {
    expect(sgVirt(highEntry(), machine)).to.deep.equal({
      ok: false,
      error: { code: 'Unmappable', pfn: high!.pfn, kind: 'highmem' },
    });
    expect(sgVirt(highEntry(), machine, { semantics: 'compatible' })).to.deep.equal({ ok: true, value: 100 });
  });

  it('sgVirt names the page of the first byte, and reports one of another kind than the entry', () => {
    const [, last] = machine.allocPages(2, { zone: 'highmem' });
    const far = sgInitTable<'highmem'>(1).entry(0);
    sgSetPage(far, page(last!.pfn - 1) as never, 10, PAGE + 5);
    expect(sgVirt(far, machine)).to.have.nested.property('error.pfn', last!.pfn);
    const { memory } = machine.hardware;
    const moved = entryAt(memory.directEnd - 1, 0);
    moved.offset = PAGE;
    expect(violationOf(() => sgVirt(moved, machine))).to.equal('sg-mixed-kinds');
    expect(sgVirt(moved, machine, { semantics: 'compatible' }).ok).to.equal(true);
  });

  it('sgVirt answers for highmem pages of a machine without CONFIG_HIGHMEM', () => {
    const flat = createMachine({ highmem: false });
    const sg = sgInitTable<'highmem'>(1).entry(0);
    sgSetPage(sg, flat.allocPage({ zone: 'highmem' }), 10);
    expect(sgVirt(sg, flat).ok).to.be.true;
  });

  it('sgInitOne and sgSetBuf find the page of an address', () => {
    const { pageOffset } = machine.hardware.addresses;
    const made = sgInitOne(machine, virtAddr(pageOffset + 7 * PAGE + 30), 9000);
    expect(made.ok && [entryOf(made.value), made.value.isLast]).to.deep.equal([[7, 30, 9000], true]);
    const sg = entryAt(1, 0);
    expect(sgSetBuf(sg, machine, virtAddr(sgVirt(sg, machine).value + PAGE), 1).ok).to.be.true;
    expect(entryOf(sg)).to.deep.equal([2, 0, 1]);
  });

  it('and refuse any address outside lowmem', () => {
    const { pageOffset, directEnd, vmallocStart } = machine.hardware.addresses;
    for (const address of [0, pageOffset - 1, directEnd, vmallocStart]) {
      const made = sgInitOne(machine, virtAddr(address), 10);
      expect(made, String(address)).to.have.nested.property('error.code', 'InvalidArgument');
    }
  });
});
