import { expect } from 'chai';
import { unreachable } from '../../../lib/kernel/parts/dma-unreachable.ts';
import { at, dmaFixture } from '../dma/dma-fixture.ts';

describe('memory above the mask of a device', () => {
  it('is named by its first page that the device does not reach', () => {
    const b = dmaFixture();
    const first = at(b.high, 0);
    const piece = { page: first, offset: 100, length: 3 * b.machine.pageSize };
    for (const reached of [-2, 0, 1, 2.5, 3])
      expect(unreachable(piece, first.phys + reached * b.machine.pageSize - 1)).to.deep.equal({
        ok: false,
        error: { code: 'Unmappable', pfn: first.pfn + Math.max(0, Math.floor(reached)), kind: 'highmem' },
      });
  });
});
