import { expect } from 'chai';
import { explain, explore, formatSchedule, parseSchedule } from 'scatterlist/explore';
import { counter, found } from '../programs.ts';

describe('replay', () => {
  it('print, parse, replay: the same trace and the same schedule', () => {
    const { schedule } = found(explore(counter()));
    const [first, second] = [1, 2].map(() => explain(counter(), parseSchedule(schedule)));
    expect(first?.exact).to.equal(true);
    expect(formatSchedule(first?.schedule ?? [])).to.equal(schedule);
    const withoutSites = (events: readonly object[] = []): unknown =>
      events.map((event) => ({ ...event, site: undefined }));
    expect(withoutSites(first?.events)).to.deep.equal(withoutSites(second?.events));
    expect(first?.violation?.what).to.equal(second?.violation?.what);
  });

  it('says that a schedule does not fit', () => {
    expect(explain(counter(), parseSchedule('0.0.0.0.1.1')).exact).to.equal(false);
  });

  it('goes on with whoever acted last where the schedule ends', () => {
    expect(formatSchedule(explain(counter(), parseSchedule('1')).schedule)).to.equal('1.1.0.0');
  });
});
