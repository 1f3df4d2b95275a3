import { expect } from 'chai';
import {
  explain,
  explore,
  formatReport,
  formatSchedule,
  htmlReport,
  parseSchedule,
} from 'scatterlist/explore';
import { CONTINUE } from '../../../lib/explore/choice.ts';
import { fitLine } from '../../../lib/explore/report/text.ts';
import { replaySchedule } from '../../../lib/explore/strategies/replay.ts';
import { STOP } from '../../../lib/explore/world.ts';
import type { Point } from '../../../lib/explore/world.ts';
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

  it('says that steps were left', () => {
    const { schedule } = explain(counter(), []);
    const whole = formatSchedule(schedule);
    expect(explain(counter(), parseSchedule(whole)).exact).to.equal(true);
    for (const more of ['0', '1', '_', '0.0.0'])
      expect(explain(counter(), parseSchedule(`${whole}.${more}`)).exact, more).to.equal(false);
  });

  it('says that steps were left when the program ended', () => {
    const whole = explain(counter(), parseSchedule('0.0.1.1'));
    expect([whole.exact, whole.unused, fitLine(whole)]).to.deep.equal([true, 0, '']);
    const longer = explain(counter(), parseSchedule('0.0.1.1.1.0.1'));
    expect([longer.exact, longer.unused]).to.deep.equal([false, 3]);
    expect(formatSchedule(longer.schedule)).to.equal('0.0.1.1');
    const words =
      'The given schedule does not fit the program: 3 of its steps were left when the program ended.';
    expect(formatReport(longer, { width: 120 })).to.contain(words);
    expect(htmlReport(longer, 'FILE')).to.contain(words);
    expect(formatReport(explain(counter(), parseSchedule('0.7.1.1')))).to.contain(
      'The given schedule does not fit the program; the nearest',
    );
  });

  it('a found schedule that goes on behind its violation does not fit', () => {
    const { schedule } = found(explore(counter()));
    expect(explain(counter(), parseSchedule(`${schedule}.0`))).to.include({ exact: false, unused: 1 });
  });

  it('runs once, and follows what fits at each kind of point', () => {
    const at = (choices: readonly number[], inner: boolean, last = 0): Point => ({
      choices,
      inner,
      last,
      footprint: undefined,
      stateKey: () => undefined,
    });
    const run = replaySchedule(parseSchedule('1._.2.0'));
    expect([run.begin(), run.begin(), run.progress]).to.deep.equal([true, false, 0]);
    expect([run.choose(at([0, 1], false)), run.exact, run.progress]).to.deep.equal([1, true, 0.25]);
    expect([run.choose(at([CONTINUE, 2], true)), run.exact, run.progress]).to.deep.equal([
      CONTINUE,
      true,
      0.5,
    ]);
    // An actor that cannot act at a marked point waits for the next one.
    expect([run.choose(at([CONTINUE, 3], true)), run.exact, run.progress]).to.deep.equal([
      CONTINUE,
      false,
      0.5,
    ]);
    expect([run.choose(at([0, 2], false)), run.progress]).to.deep.equal([2, 0.75]);
    expect([run.choose(at([1, 2], false, 2)), run.progress]).to.deep.equal([2, 1]);
    expect([run.choose(at([1, 2], false, 0)), run.choose(at([], false))]).to.deep.equal([1, STOP]);
    expect([run.choose(at([CONTINUE, 1], true)), run.progress]).to.deep.equal([CONTINUE, 1]);
    // A decision for a marked point that is not there is passed over.
    const other = replaySchedule(parseSchedule('_._.1'));
    other.begin();
    expect([other.choose(at([0, 1], false)), other.exact, other.progress]).to.deep.equal([1, false, 1]);
    expect(replaySchedule([]).progress).to.equal(1);
  });

  it('goes on with whoever acted last where the schedule ends', () => {
    expect(formatSchedule(explain(counter(), parseSchedule('1')).schedule)).to.equal('1.1.0.0');
  });
});
