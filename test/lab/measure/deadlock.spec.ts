import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import { searchDeadlock, twoUsers } from 'scatterlist/lab';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';
import typedSgMap from '../../../examples/lab/typed-sg-map.ts';

describe('searchDeadlock', () => {
  it('finds two users that wait for each other, in a schedule that can be run again', () => {
    const { found, pools, outcome } = searchDeadlock(sgMap2017, 'manyMaps');
    expect(found).to.equal('deadlock');
    expect(pools.pkmapSlots).to.equal(4);
    if (outcome.kind !== 'violation') throw new Error(outcome.kind);
    const told = explain(twoUsers(sgMap2017, 'manyMaps', pools), parseSchedule(outcome.schedule));
    expect(told.violation?.rule).to.equal('deadlock');
    expect(told.exact).to.be.true;
  });

  it('finds none where no one waits', () => {
    expect(searchDeadlock(typedSgMap, 'manyMaps').found).to.equal('none');
  });

  it('tells another broken rule from a deadlock', () => {
    const { found, outcome } = searchDeadlock(sgMap2017, 'copyResponse');
    expect(found).to.equal('other');
    expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('unmap-address');
  });
});
