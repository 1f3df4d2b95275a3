import { expect } from 'chai';
import { explain, formatReport, parseSchedule } from 'scatterlist/explore';
import { formatTimeline } from '../../../lib/explore/report/text.ts';
import { timelineOf } from '../../../lib/explore/report/timeline.ts';
import type { Row } from '../../../lib/explore/report/timeline.ts';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { kmapLocalPage } from 'scatterlist/machine';
import { counter, steps } from '../programs.ts';

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

  it('lays out columns that fit exactly, takes room from the widest, and names an actor where it begins', () => {
    const row = (step: number, column: number, actor: string, text: string): Row => ({
      step,
      column,
      actor,
      text,
      event: undefined,
      at: 0,
    });
    const timeline = {
      columns: ['cpu0', 'irq'],
      rows: [
        row(0, 0, 'one', 'map 0x40'),
        row(0, 0, 'one', 'load'),
        row(1, 1, 'irq', 'begins'),
        row(2, 1, 'irq', 'ends'),
        row(10, 0, 'two', 'store'),
      ],
    };
    const wide = [
      '     │ cpu0          │ irq',
      '   0 │ one: map 0x40 │',
      '     │   load        │',
      '   1 │               │ irq: begins',
      '   2 │               │   ends',
      '  10 │ two: store    │',
    ];
    expect(formatTimeline(timeline, 100)).to.deep.equal(wide);
    // Two columns of 13 and 11, what lies between them, and the numbers.
    expect(formatTimeline(timeline, 13 + 11 + 6 + 2 + 4)).to.deep.equal(wide);
    expect(formatTimeline(timeline, 13 + 11 + 6 + 2 + 3)).to.deep.equal([
      '     │ cpu0         │ irq',
      '   0 │ one: map 0x… │',
      '     │   load       │',
      '   1 │              │ irq: begins',
      '   2 │              │   ends',
      '  10 │ two: store   │',
    ]);
    expect(formatTimeline(timeline, 1)).to.deep.equal([
      '     │ … │ …',
      '   0 │ … │',
      '     │ … │',
      '   1 │   │ …',
      '   2 │   │ …',
      '  10 │ … │',
    ]);
    expect(formatTimeline({ columns: [], rows: [] }, 10)).to.have.length(1);
  });

  it('shows what is mapped at the end, names the file to fill in, and refuses a width that is none', () => {
    const program = counter(false, {
      mayKeepMappings: true,
      tasks: {
        *one({ task, page }) {
          kmapLocalPage(task, page);
          kmapLocalPage(task, page);
          yield;
        },
      },
      check: () => true,
    });
    const text = formatReport(explain(program, parseSchedule('0.0')));
    expect(text).to.match(/\n\n {2}mappings live pfn 0x40 {2}kmap_local by one\n {16}pfn 0x40 /);
    expect(text).to.match(/\n {2}local slots {3}0: pfn 0x40\n {16}1: pfn 0x40\n/);
    expect(text).to.match(/Replay: scatterlist replay FILE '0\.0' {3}\(2 steps, 0 switches\)\n$/);
    expect(
      formatReport(told)
        .split('\n')
        .every((line) => line.length <= 100 || !line.includes('│')),
    ).to.equal(true);
    for (const width of [0, -1, 1.5, Number.NaN])
      expect(() => formatReport(told, { width })).to.throw(ConfigError);
    expect(formatReport(told, { width: 1 })).to.be.a('string');
    expect(formatReport(explain(steps(0), []))).to.match(
      /^No rule was broken[^\n]*\n\n.*cpu0\n.*runs\n\n {2}Replay/,
    );
  });
});
