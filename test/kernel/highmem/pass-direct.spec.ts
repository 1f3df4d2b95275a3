import { expect } from 'chai';
import { passDirect } from '../../../lib/kernel/highmem/page-address.ts';
import { piecesFixture, spanOf } from '../../scatterlist/copy/pieces-fixture.ts';

describe('passDirect', () => {
  it('counts lowmem pieces, and pairs twice, up to the first that has no address', () => {
    const { machine, task, pages, span } = piecesFixture('lowmem');
    expect(passDirect(task, span())).to.equal(4);
    const { maps, unmaps, pteWrites } = machine.ledger;
    expect([maps, unmaps, pteWrites, machine.executing]).to.deep.equal([4, 4, 0, task]);
    const high = machine.allocPage({ zone: 'highmem' });
    const mixed = spanOf([pages[0], pages[1], high, pages[2]].map((page) => [page, 0, 8]));
    expect([passDirect(task, mixed), machine.ledger.maps]).to.deep.equal([2, 6]);
    expect([passDirect(task, span(), mixed), machine.ledger.maps]).to.deep.equal([2, 10]);
    expect([passDirect(task, mixed, span()), machine.ledger.maps]).to.deep.equal([2, 14]);
    expect([passDirect(task, { ...mixed, first: 2 }), machine.ledger.unmaps]).to.deep.equal([0, 14]);
  });
});
