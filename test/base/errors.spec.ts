import { expect } from 'chai';
import { describeError, pfn } from 'scatterlist';

describe('describeError', () => {
  it('puts the code first and every number behind it', () => {
    expect(describeError({ code: 'NoSlots', slots: 512, waiting: 3 })).to.equal(
      'NoSlots (slots 512, waiting 3)',
    );
    expect(describeError({ code: 'Unmappable', pfn: pfn(18), kind: 'iomem' })).to.equal(
      'Unmappable (pfn 18, kind iomem)',
    );
  });
});
