import { expect } from 'chai';
import { leastPools, runJob } from 'scatterlist/lab';
import copyOnly from '../../../examples/lab/copy-only.ts';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';

describe('leastPools', () => {
  it('are those with which one user comes to its end, and with less it does not', () => {
    const pools = leastPools(sgMap2017, 'manyMaps');
    expect(pools).to.deep.equal({ pkmapSlots: 4, vmallocPages: 0, bounceSlots: 1 });
    expect(runJob(sgMap2017, 'manyMaps', { machine: pools }).outcome.kind).to.equal('done');
    expect(runJob(sgMap2017, 'manyMaps', { machine: { ...pools, pkmapSlots: 2 } }).outcome.kind).to.equal(
      'hung',
    );
  });

  it('are the least of all for a design without maps', () => {
    expect(leastPools(copyOnly, 'manyMaps')).to.deep.equal({
      pkmapSlots: 1,
      vmallocPages: 0,
      bounceSlots: 1,
    });
  });
});
