import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import { timelineOf } from '../../../lib/explore/report/timeline.ts';
import type { Program } from 'scatterlist/explore';
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

  it('tells each kind of event in a few words, and leaves out those that mirror another', () => {
    const texts: readonly (readonly [event: object, text: string])[] = [
      [{ event: 'map', pfn: 64, mechanism: 'kmap' }, 'map 0x40 (kmap)'],
      [
        { event: 'map', pfn: 64, slot: 2, mechanism: 'kmap', site: { file: '', line: 1 } },
        'map 0x40 slot 2 (kmap)',
      ],
      [
        { event: 'map', pfn: 64, slot: 0, mechanism: 'kmap', site: { file: 'a/b.ts', line: 7 } },
        'map 0x40 slot 0 (kmap) at b.ts:7',
      ],
      [
        { event: 'map', pfn: 64, mechanism: 'kmap', site: { file: 'b.ts', line: 7 } },
        'map 0x40 (kmap) at b.ts:7',
      ],
      [{ event: 'unmap', pfn: 64, slot: 1 }, 'unmap 0x40 slot 1'],
      [{ event: 'load', pfn: 64, offset: 3, lengthBytes: 8 }, 'load 0x40+3'],
      [{ event: 'store', pfn: 64, offset: 3, lengthBytes: 9 }, 'store 0x40+3 9 bytes'],
      [{ event: 'sleep', on: 'q' }, 'waits for q'],
      [{ event: 'wake', on: 'q' }, 'wakes q'],
      [{ event: 'acquire', lock: 'm' }, 'takes m'],
      [{ event: 'release', lock: 'm' }, 'gives m'],
      [{ event: 'pkmap-set', slot: 1, pfn: 64 }, 'pool slot 1 = 0x40'],
      [{ event: 'pkmap-clear', slot: 1 }, 'pool slot 1 = -'],
      [{ event: 'flush-range' }, 'flushes every TLB'],
      [{ event: 'irq-enter', kind: 'nmi' }, 'nmi begins'],
      [{ event: 'irq-exit', kind: 'nmi' }, 'nmi ends'],
      [{ event: 'bounce-sync', slot: 3 }, 'bounce sync slot 3'],
      [{ event: 'io-read', region: 'r', offset: 16 }, 'io read r+0x10'],
      [{ event: 'free', pfn: 64 }, 'free 0x40'],
      [{ event: 'refused', what: 'queue m' }, 'm is taken'],
      [{ event: 'refused', what: 'kmap pool' }, 'kmap pool has none'],
      [{ event: 'violation', rule: 'leak' }, '✗ leak'],
    ];
    const told = explain(steps(0), []);
    const told1 = {
      ...told,
      events: [{ event: 'local-set' }, ...texts.map(([event]) => event)] as unknown as typeof told.events,
    };
    const { rows } = timelineOf(told1);
    expect(rows.map(({ text }) => text)).to.deep.equal(texts.map(([, text]) => text));
    expect(rows.map(({ at }) => at)).to.deep.equal(texts.map((_, i) => i + 1));
  });

  it('has the columns of the CPUs in order, whichever acts first', () => {
    const program: Program = {
      machine: { cpus: 3 },
      tasks: { a: { cpu: 2, *run() {} }, b: { cpu: 0, *run() {} } },
    };
    const { columns, rows } = timelineOf(explain(program, parseSchedule('0.1')));
    expect(columns).to.deep.equal(['cpu0', 'cpu2']);
    expect(rows.map(({ column, actor, step }) => [column, actor, step])).to.deep.equal([
      [1, 'a', 0],
      [0, 'b', 1],
    ]);
  });
});
