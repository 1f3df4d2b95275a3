import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import { timelineOf } from '../../../lib/explore/report/timeline.ts';
import type { Program } from 'scatterlist/explore';
import { DmaDevice, dmaMapPage, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
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
      [0, 'cpu0 switches from swapper/0 to t0'],
      [0, 'runs'],
      [1, 'cpu0 switches from t0 to swapper/0'],
      [1, 'runs'],
    ]);
  });

  it('has a row for every event that was recorded, with its line where a line of the program caused it', () => {
    const told = explain(counter(), parseSchedule('0.1.1.0'));
    const { rows } = timelineOf(told);
    const inSteps = told.events.slice(told.steps[0]?.firstEvent);
    expect(rows.map(({ event }) => event)).to.deep.equal(inSteps);
    expect(rows.map(({ at }) => told.events[at])).to.deep.equal(inSteps);
    const texts = (event: string): readonly string[] =>
      rows.filter((row) => row.event?.event === event).map(({ text }) => text);
    for (const event of ['map', 'load', 'store', 'unmap'])
      for (const text of texts(event))
        expect(text).to.match(new RegExp(`^${event} 0x40.* at programs\\.ts:\\d+$`));
    expect(texts('local-set')[0]).to.equal('local slot 0 = 0x40');
    expect(rows.every(({ text, where }) => text.endsWith(where))).to.equal(true);
  });

  it('takes the line that an event carries itself', () => {
    const told = explain(steps(0), []);
    const event = { event: 'map', pfn: 64, mechanism: 'kmap', site: { file: 'a/b.ts', line: 7 } };
    const without = { ...event, site: { file: '', line: 1 } };
    const events = [event, without] as unknown as typeof told.events;
    expect(timelineOf({ ...told, events }).rows.map(({ text }) => text)).to.deep.equal([
      'map 0x40 (kmap) at b.ts:7',
      'map 0x40 (kmap)',
    ]);
  });

  it('says of steps whose events were too many to keep that they were not kept', () => {
    const told = explain(steps(2), []);
    const { rows } = timelineOf({
      ...told,
      dropped: 1,
      steps: told.steps.map((step, i) => ({ ...step, firstEvent: i })),
    });
    expect(rows.map(({ text }) => text)).to.deep.equal([
      'not kept',
      'cpu0 switches from swapper/0 to t0',
      'runs',
      'cpu0 switches from t0 to swapper/0',
      'runs',
    ]);
  });

  it('shows where an interrupt arrived inside a function, and what goes on after it', () => {
    const program = counter(false, { interrupts: { tick: { kind: 'hardirq', run: () => undefined } } });
    const { rows } = timelineOf(explain(program, parseSchedule('0._.2')));
    const at = rows.findIndex(({ text }) => text.startsWith('interrupted in kmap_local'));
    expect(rows[at]).to.include({ actor: 'one' });
    expect(rows[at]?.text).to.match(/^interrupted in kmap_local: index taken at programs\.ts:\d+$/);
    expect(
      rows.slice(at + 1, at + 5).map(({ actor, text }) => `${actor}: ${text.split(' at ')[0]}`),
    ).to.deep.equal([
      'tick: hardirq begins',
      'tick: hardirq ends',
      'one: local slot 0 = 0x40',
      'one: map 0x40 slot 0 (kmap_local)',
    ]);
  });

  it('marks a break that the program allows, and shows what happened after it', () => {
    const program = counter(false, {
      allow: ['unmap-order'],
      tasks: {
        *one({ task, page }) {
          const first = kmapLocalPage(task, page);
          kmapLocalPage(task, page);
          kunmapLocal(task, first);
          yield;
        },
      },
      mayKeepMappings: true,
      check: () => true,
    });
    const texts = timelineOf(explain(program, [])).rows.map(({ text }) => text.split(' at ')[0]);
    const at = texts.indexOf('✗ unmap-order, which is allowed');
    expect(at).to.be.greaterThan(0);
    expect(texts.slice(at + 1)).to.include.members(['unmap 0x40 slot 0']);
  });

  it('marks a rule of the end that is allowed, and judges the rules after it', () => {
    const kept: Program<{ readonly device: DmaDevice; readonly page: Page }> = {
      setup: (machine) => ({ device: new DmaDevice(machine), page: machine.allocPage({ zone: 'lowmem' }) }),
      allow: ['leak'],
      tasks: {
        *one({ task, device, page }) {
          void dmaMapPage(task, device, page, 0, 64, 'toDevice');
        },
      },
      check: () => false,
    };
    const told = explain(kept, [0]);
    expect(told.violation?.rule).to.equal('final-check');
    expect(
      timelineOf(told)
        .rows.slice(-2)
        .map(({ text }) => text),
    ).to.deep.equal(['✗ leak, which is allowed', '✗ final-check']);
  });

  it('has the columns of the CPUs in order, whichever acts first', () => {
    const program: Program = {
      machine: { cpus: 3 },
      tasks: { a: { cpu: 2, *run() {} }, b: { cpu: 0, *run() {} } },
    };
    const { columns, rows } = timelineOf(explain(program, parseSchedule('0.1')));
    expect(columns).to.deep.equal(['cpu0', 'cpu2']);
    const idle = rows.filter(({ event }) => event === undefined);
    expect(idle.map(({ column, actor, step }) => [column, actor, step])).to.deep.equal([
      [1, 'a', 0],
      [0, 'b', 1],
    ]);
  });
});
