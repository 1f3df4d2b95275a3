import { expect } from 'chai';
import { observe } from 'scatterlist/ports';
import port from '../../../examples/drivers/lib/sg-miter.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 7000 }, (_, i) => (11 * i) & 0xff),
});

describe('the port of the mapping iterator', () => {
  it('sleeps with a chunk mapped, unless it stops the iterator first', () => {
    const [site] = observe(LOADED, 'original', 'highmem').needs;
    expect(site?.sleptOn.join()).to.include('data of the card');
    const [stopped] = observe(LOADED, 'stop before sleeping', 'highmem').needs;
    expect(stopped).to.deep.include({ sleptOn: [], heldAtOnce: 1, usedBy: [] });
  });

  it('goes on behind the bytes that were consumed', () => {
    for (const variant of Object.keys(port.variants))
      expect(observe(LOADED, variant, 'lowmem').moved).to.deep.equal({ verifiedBytes: 7000 });
  });
});
