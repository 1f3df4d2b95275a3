import { expect } from 'chai';
import { observe } from 'scatterlist/ports';
import port from '../../../examples/drivers/target/zero-first-sg.ts';

const load = (length: number) => port.load({ name: 'test', content: new Uint8Array(length).fill(0x77) });
const LOADED = await load(9000);
/** As many bytes as the first page has behind the offset of the entry. */
const ONE_PAGE = 4096 - 0x1f0;

describe('the port of the zeroing of a first entry', () => {
  it('holds one short map at a time', () => {
    const [site, ...others] = observe(LOADED, 'original', 'highmem').needs;
    expect(others).to.deep.equal([]);
    expect(site).to.deep.include({ maps: 3, pages: 1, heldAtOnce: 1, usedBy: [], sleptOn: [] });
  });

  it('clears behind its map only if the entry goes on in a second page', async () => {
    const fits = observe(await load(ONE_PAGE), 'an entry of two pages', 'highmem');
    expect(fits.moved?.verifiedBytes).to.equal(ONE_PAGE);
    const crosses = observe(await load(ONE_PAGE + 1), 'an entry of two pages', 'highmem');
    expect(crosses.violation?.rule).to.equal('page-overrun');
  });

  it('clears every byte with the helper, page by page', () => {
    const { needs, moved } = observe(LOADED, 'sg_zero_buffer', 'highmem');
    expect(moved?.verifiedBytes).to.equal(9000);
    for (const site of needs) expect(site).to.deep.include({ pages: 1, heldAtOnce: 1 });
  });
});
