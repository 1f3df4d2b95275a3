import { expect } from 'chai';

import { CycleWatch } from '../../../lib/explore/loops/cycle-watch.ts';

describe('CycleWatch', () => {
  it('tells when a state comes back, who acted since and who could have', () => {
    const watch = new CycleWatch();
    expect(watch.note(10, [0], [0, 1], 1)).to.equal(undefined);
    expect(watch.note(11, [0], [0, 1, 2], 2)).to.equal(undefined);
    expect(watch.note(10, [1], [0, 1], 3)).to.deep.equal({
      steps: 2,
      acting: new Set([0, 1]),
      starved: new Set([2]),
    });
  });

  it('takes the longer way round if that starves no actor', () => {
    const watch = new CycleWatch();
    watch.note(10, [0], [0, 1], 4);
    expect(watch.note(10, [0], [0, 1], 5)?.starved).to.deep.equal(new Set([1]));
    expect(watch.note(10, [1], [0, 1], 6)).to.deep.equal({
      steps: 2,
      acting: new Set([0, 1]),
      starved: new Set(),
    });
  });

  it('counts a step once that is noted twice', () => {
    const watch = new CycleWatch();
    watch.note(10, [0], [0, 1], 1);
    watch.note(11, [0], [0, 1], 2);
    // The schedule is run again up to here, and this is the same step.
    expect(watch.note(11, [0], [0, 1], 2)).to.equal(undefined);
    expect(watch.note(11, [1], [0, 1], 3)?.starved).to.deep.equal(new Set([0]));
    // What it leads to is known better now.
    expect(watch.note(10, [1], [0, 1], 3)).to.deep.equal({
      steps: 2,
      acting: new Set([0, 1]),
      starved: new Set(),
    });
    expect(watch.note(11, [0], [0, 1], 4)?.steps).to.equal(2);
  });
});
