import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { firstOtherKind, mixedKinds } from '../../../lib/scatterlist/list/check-kinds.ts';

describe('the kind of memory of an entry', () => {
  const { memory } = createMachine({ lowmemPages: 4, highmemPages: 4, protectedPages: 2 }).hardware;

  it('is that of its first page, up to the page that is of another', () => {
    const first = memory.page(2);
    expect(firstOtherKind(first, 2 * 4096)).to.equal(undefined);
    expect(firstOtherKind(first, 2 * 4096 + 1)).to.equal(memory.page(4));
    expect(firstOtherKind(memory.page(5), 2 ** 40)).to.equal(memory.page(6));
    memory.addIoRegion(1, {});
    expect(firstOtherKind(memory.page(6), 2 ** 40), 'past the end of RAM').to.equal(undefined);
  });

  it('is named with both pages where there are two', () => {
    expect(mixedKinds(memory.page(2), memory.page(4))).to.equal(
      'an entry that begins in lowmem at pfn 0x2 runs into protected at pfn 0x4',
    );
  });
});
