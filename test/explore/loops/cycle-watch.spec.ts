import { expect } from 'chai';

import { CycleWatch } from '../../../lib/explore/loops/cycle-watch.ts';

describe('CycleWatch', () => {
  it('tells when a state comes back, who acted since and who could have', () => {
    const watch = new CycleWatch();
    expect(watch.note(10, [0], [0, 1])).to.equal(undefined);
    expect(watch.note(11, [0], [0, 1, 2])).to.equal(undefined);
    expect(watch.note(10, [1], [0, 1])).to.deep.equal({
      steps: 2,
      acting: new Set([0, 1]),
      starved: new Set([2]),
    });
  });

  it('takes the longer way round if that starves no actor', () => {
    const watch = new CycleWatch();
    watch.note(10, [0], [0, 1]);
    expect(watch.note(10, [0], [0, 1])?.starved).to.deep.equal(new Set([1]));
    expect(watch.note(10, [1], [0, 1])).to.deep.equal({
      steps: 2,
      acting: new Set([0, 1]),
      starved: new Set(),
    });
  });
});
