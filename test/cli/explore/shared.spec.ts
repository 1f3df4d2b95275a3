import { expect } from 'chai';
import { Shared } from '../../../lib/cli/explore/shared.ts';

describe('what a thread and its watch share', () => {
  it('reaches the other side', () => {
    const watch = new Shared();
    const thread = new Shared(watch.buffer);
    expect([watch.phase, watch.beats, watch.reason, watch.progress]).to.deep.equal([
      'loading',
      0,
      undefined,
      0,
    ]);
    thread.phase = 'exploring';
    const counts = { schedules: 1, steps: 2, states: 3, pruned: 4, milliseconds: 5.5 };
    thread.tell(counts, undefined);
    expect([watch.phase, watch.counts, watch.progress]).to.deep.equal(['exploring', counts, undefined]);
    thread.tell(counts, 0.25);
    expect(watch.progress).to.equal(0.25);
  });

  it('is a signal to stop, and each look at it is a sign of life', () => {
    const watch = new Shared();
    const signal = new Shared(watch.buffer).signal((reason) => `because: ${reason}`);
    expect([signal.aborted, signal.reason]).to.deep.equal([false, undefined]);
    watch.stop('memory');
    watch.stop('interrupted');
    expect([signal.aborted, signal.reason]).to.deep.equal([true, 'because: memory']);
    expect([watch.beats, watch.reason]).to.deep.equal([2, 'memory']);
  });
});
