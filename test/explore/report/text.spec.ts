import { expect } from 'chai';
import { explain, formatReport, parseSchedule } from 'scatterlist/explore';
import type { Program, TaskSpec, TextOptions } from 'scatterlist/explore';
import { formatTimeline } from '../../../lib/explore/report/text.ts';
import { timelineOf } from '../../../lib/explore/report/timeline.ts';
import type { Row } from '../../../lib/explore/report/timeline.ts';
import { ConfigError } from '../../../lib/base/invariant.ts';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
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

  it('breaks a text only where it is longer than its column, and loses no word of it', () => {
    const timeline = timelineOf(told);
    const wide = formatTimeline(timeline, 1000);
    const widest = Math.max(...wide.map((line) => line.length));
    expect(formatTimeline(timeline, widest)).to.deep.equal(wide);
    expect(formatTimeline(timeline, widest - 1).length).to.be.greaterThan(wide.length);
    const words = (lines: readonly string[]): string =>
      lines
        .map((line) => line.replace(/^[^│]*│/, ''))
        .join(' ')
        .split(/\s+/)
        .join(' ');
    expect(words(formatTimeline(timeline, 34))).to.equal(words(wide));
  });

  it('fits the width it is given, and never cuts the number of a line', () => {
    const cpus = 6;
    const many: Program<{ readonly page: Page }> = {
      machine: { cpus },
      setup: (machine) => ({ page: machine.allocPage({ zone: 'highmem' }) }),
      tasks: Object.fromEntries(
        Array.from({ length: cpus }, (_, cpu) => [
          `a task with a long name ${String(cpu)}`,
          {
            cpu,
            *run({ task, page }) {
              const window = kmapLocalPage(task, page);
              window.store8(cpu, 1);
              kunmapLocal(task, window);
              yield;
            },
          } satisfies TaskSpec<{ readonly page: Page }>,
        ]),
      ),
      check: () =>
        'a sentence that is much longer than any terminal on which such a report is read, so that it is broken',
    };
    const report = explain(many, []);
    const lines = (width: number): readonly string[] => formatReport(report, { width }).split('\n');
    const numbers = (width: number): number =>
      lines(width)
        .join('\n')
        .match(/\.ts:\d+(?=\s|$)/g)?.length ?? 0;
    for (const width of [60, 80, 132]) {
      for (const line of lines(width))
        if (!line.startsWith('  Replay:')) expect(line.length, line).to.be.at.most(width);
      expect(numbers(width)).to.equal(numbers(2000));
    }
    expect(numbers(80)).to.be.greaterThan(2 * cpus);
  });

  it('leaves out rows in the middle where there are too many, and says how many and where they are', () => {
    const long = counter(false, {
      tasks: {
        *one({ task, page }) {
          for (let i = 0; i < 40; i += 1) kunmapLocal(task, kmapLocalPage(task, page));
          yield;
        },
      },
    });
    const report = explain(long, []);
    const rowsOf = (options: TextOptions): readonly string[] =>
      formatReport(report, options)
        .split('\n')
        .filter((line) => line.includes('│'));
    const all = rowsOf({ rows: Infinity, width: 200 });
    expect(all.length).to.be.greaterThan(160);
    expect(rowsOf({ width: 200 })).to.have.lengthOf(61);
    const short = formatReport(report, { rows: 9, width: 80 });
    expect(short).to.match(
      new RegExp(`\n {4}… ${String(all.length - 10)} rows are left out; --all shows them`),
    );
    const kept = rowsOf({ rows: 9, width: 200 });
    expect(kept.slice(0, 4)).to.deep.equal(all.slice(0, 4));
    expect(kept.at(-1))
      .to.equal(all.at(-1))
      .and.to.match(/✗ final-check/);
    for (const rows of [0, -1, 0.5]) expect(() => formatReport(report, { rows })).to.throw(ConfigError);
  });

  it('shows a broken rule in the middle, although its neighbours are left out', () => {
    const rows = Array.from({ length: 100 }, (_, step) => {
      const event = { event: 'violation', rule: 'leak', what: '' } as const;
      const isBad = step === 20;
      return {
        step,
        column: 0,
        actor: 'one',
        text: isBad ? '✗ leak' : 'x',
        where: '',
        event: isBad ? event : undefined,
        at: step,
      };
    });
    const lines = formatTimeline({ columns: ['cpu0'], rows }, 80, 9);
    expect(lines.slice(4, 7)).to.deep.equal([
      '    … 17 rows are left out; --all shows them, and so does the page of --html',
      '  20 │ one: ✗ leak',
      '    … 73 rows are left out; --all shows them, and so does the page of --html',
    ]);
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
      where: '',
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
    expect(formatTimeline(timeline, 13 + 11 + 3 + 2 + 5)).to.deep.equal(wide);
    const texts = timeline.rows.map((one) => ({ ...one, text: `${one.text} and then some more at b.ts:7` }));
    expect(formatTimeline({ ...timeline, rows: texts.slice(0, 3) }, 50)).to.deep.equal([
      '    │ cpu0                 │ irq',
      '  0 │ one: map 0x40 and    │',
      '    │     then some more   │',
      '    │     at b.ts:7        │',
      '    │   load and then some │',
      '    │     more at b.ts:7   │',
      '  1 │                      │ irq: begins and then',
      '    │                      │     some more at',
      '    │                      │     b.ts:7',
    ]);
    // Where columns would be too narrow, all is told in one.
    expect(formatTimeline({ ...timeline, rows: texts.slice(0, 3) }, 40)).to.deep.equal([
      '    │ actor: event',
      '  0 │ cpu0 one: map 0x40 and then some',
      '    │     more at b.ts:7',
      '    │   load and then some more at',
      '    │     b.ts:7',
      '  1 │ irq: begins and then some more at',
      '    │     b.ts:7',
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
      /^No rule was broken[^\n]*\n\n.*cpu0\n.*switches[^]*runs\n\n {2}Replay/,
    );
  });
});
