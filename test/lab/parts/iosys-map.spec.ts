import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import { NULL } from 'scatterlist/lab';
import { AddressSpace, ioremap, kmapLocalPage } from 'scatterlist/machine';
import { iosysMapFunctions } from '../../../lib/lab/parts/iosys-map.ts';
import { pattern } from '../../../lib/lab/test-list.ts';

describe('iosysMapFunctions', () => {
  const rig = () => {
    const machine = createMachine();
    const task = machine.task('user');
    const page = machine.allocPage({ zone: 'highmem' });
    const [device] = machine.ioRegion(1);
    if (device === undefined) throw new Error('no device memory');
    const remapped = ioremap(task, device.phys, 4096);
    if (!remapped.ok) throw new Error('no room');
    const api = iosysMapFunctions(new AddressSpace(task));
    const ram = api.iosysMapInitVaddr(kmapLocalPage(task, page).vaddr);
    const io = api.iosysMapInitVaddr(NULL);
    api.iosysMapSetVaddrIomem(io, remapped.value.vaddr);
    return { machine, api, maps: { ram, io }, pages: { ram: page, io: device } };
  };

  for (const kind of ['ram', 'io'] as const)
    it(`copies, sets and reads ${kind} by the accesses that it takes`, () => {
      const { machine, api, maps, pages } = rig();
      const map = maps[kind];
      const memory = machine.physical(pages[kind]);
      const bytes = pattern(10, 3);
      api.iosysMapMemcpyTo(map, 6, bytes);
      expect(memory.slice(6, 16)).to.deep.equal(bytes);
      const back = new Uint8Array(10);
      api.iosysMapMemcpyFrom(back, map, 6);
      expect(back).to.deep.equal(bytes);
      api.iosysMapMemset(map, 8, 7, 4);
      expect([...memory.slice(7, 13)]).to.deep.equal([bytes[1], 7, 7, 7, 7, bytes[6]]);
      api.iosysMapWr(map, 32, 4, 0x04030201);
      api.iosysMapWr(map, 36, 2, 0x0605);
      api.iosysMapWr(map, 38, 1, 0x07);
      expect([...memory.slice(32, 39)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
      const widths = [1, 2, 4] as const;
      expect(widths.map((width) => api.iosysMapRd(map, 32, width))).to.deep.equal([1, 0x0201, 0x04030201]);
      expect(machine.ledger.deviceAccesses > 0).to.equal(kind === 'io');
    });

  it('moves a map, or a copy of it', () => {
    const { api } = rig();
    const map = api.iosysMapInitVaddr(0x1000);
    const copy = api.iosysMapInitOffset(map, 16);
    api.iosysMapIncr(copy, 4);
    expect([map.vaddr, copy.vaddr]).to.deep.equal([0x1000, 0x1014]);
    expect([api.iosysMapIsEqual(map, copy), api.iosysMapIsEqual(map, { ...map })]).to.deep.equal([
      false,
      true,
    ]);
  });

  it('keeps the two kinds apart, even if both are NULL', () => {
    const { api } = rig();
    const map = api.iosysMapInitVaddr(NULL);
    const other = api.iosysMapInitVaddr(0x1000);
    expect([api.iosysMapIsNull(map), api.iosysMapIsNull(other)]).to.deep.equal([true, false]);
    api.iosysMapSetVaddrIomem(other, NULL);
    expect([api.iosysMapIsNull(other), api.iosysMapIsEqual(map, other)]).to.deep.equal([true, false]);
    api.iosysMapClear(other);
    expect(other).to.deep.equal({ vaddr: NULL, isIomem: false });
    api.iosysMapSetVaddrIomem(other, 0x1000);
    api.iosysMapSetVaddr(other, 0x2000);
    expect(other).to.deep.equal({ vaddr: 0x2000, isIomem: false });
  });

  it('trusts the flag: plain stores reach device memory if it is wrong, and the machine reports them', () => {
    const { api, maps } = rig();
    api.iosysMapSetVaddr(maps.io, maps.io.vaddr);
    expect(() => {
      api.iosysMapWr(maps.io, 0, 4, 1);
    }).to.throw(ViolationError);
  });
});
