import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { virtToPage } from 'scatterlist/machine';

describe('virtToPage', () => {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 16 });
  const { addresses, memory } = machine.hardware;

  it('is the reverse of the direct map', () => {
    for (const n of [0, 7, 15]) {
      expect(virtToPage(machine, addresses.direct(n))).to.equal(memory.page(n));
      expect(virtToPage(machine, addresses.direct(n) + 4095)).to.equal(memory.page(n));
    }
  });

  it('answers nothing outside the direct map', () => {
    const outside = [
      0,
      addresses.pageOffset - 1,
      addresses.directEnd,
      addresses.pkmap(0),
      addresses.local(0),
    ];
    for (const address of outside) expect(virtToPage(machine, address)).to.equal(undefined);
  });

  it('covers every page without CONFIG_HIGHMEM', () => {
    const flat = createMachine({ lowmemPages: 16, highmemPages: 16, highmem: false });
    expect(virtToPage(flat, flat.hardware.addresses.direct(20))?.kind).to.equal('highmem');
  });
});
