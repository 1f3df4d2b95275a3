import { expect } from 'chai';
import { explain, formatReport, parseSchedule } from 'scatterlist/explore';
import { formatTimeline } from '../../../lib/explore/report/text.ts';
import { timelineOf } from '../../../lib/explore/report/timeline.ts';
import { counter } from '../programs.ts';

describe('formatReport', () => {
  const told = explain(counter(), parseSchedule('0.1.1.0'));

  it('names the rule, shows the timeline and the line that replays it', () => {
    const text = formatReport(told, { file: 'copy.ts' });
    expect(text).to.match(/rule: lost-write/);
    expect(text).to.match(/cpu0/);
    expect(text).to.match(/Replay: scatterlist replay copy\.ts '0\.1\.1\.0' {3}\(4 steps, 2 switches\)/);
  });

  it('fits a terminal', () => {
    for (const width of [40, 60, 100]) {
      for (const line of formatTimeline(timelineOf(told), width))
        expect(line.length, line).to.be.at.most(width);
    }
  });

  it('cuts a text only where it is longer than its column', () => {
    const timeline = timelineOf(told);
    const cuts = (width: number): number => formatTimeline(timeline, width).join('').split('…').length;
    const widest = Math.max(...formatTimeline(timeline, 1000).map((line) => line.length));
    expect(widest).to.be.lessThan(200);
    // What is cut at any width was cut by who made the timeline.
    const own = timeline.rows.filter(({ text }) => text.includes('…')).length;
    expect([cuts(1000), cuts(widest + 3)]).to.deep.equal([own + 1, own + 1]);
    expect(cuts(widest - 8)).to.be.greaterThan(own + 1);
  });

  it('says so where nothing is wrong', () => {
    expect(formatReport(explain(counter(), parseSchedule('0.0.1.1')))).to.match(/No rule was broken/);
  });
});
