import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import { timelineOf } from '../../../lib/explore/report/timeline.ts';
import { counter, steps } from '../programs.ts';

describe('timelineOf', () => {
  it('has a column per cpu and interrupt, and a row per event', () => {
    const program = counter(false, { interrupts: { tick: { kind: 'hardirq', run: () => undefined } } });
    const { columns, rows } = timelineOf(explain(program, parseSchedule('0.2.1.1.0')));
    expect(columns).to.deep.equal(['cpu0', 'tick']);
    expect(rows.filter(({ column }) => column === 1).map(({ text }) => text)).to.deep.equal([
      'hardirq begins',
      'hardirq ends',
    ]);
    expect(
      rows.some(({ text }) => /^map 0x40 slot 0 \(kmap_local\) at programs\.ts:\d+$/.test(text)),
    ).to.equal(true);
    expect(rows.at(-1)?.text).to.equal('✗ final-check');
  });

  it('shows a step without events too', () => {
    const { rows } = timelineOf(explain(steps(1), []));
    expect(rows.map(({ text, step }) => [step, text])).to.deep.equal([
      [0, 'runs'],
      [1, 'runs'],
    ]);
  });
});
