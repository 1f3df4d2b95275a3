import { expect } from 'chai';
import { collapse } from '../../../lib/explore/report/collapse.ts';
import type { Row } from '../../../lib/explore/report/timeline.ts';
import type { TraceEvent } from '../../../lib/machine/trace.ts';

const by = { name: 'one', cpu: 0 };

function row(event: TraceEvent | undefined, more: Partial<Row> = {}): Row {
  return { step: 0, column: 0, actor: 'one', text: event?.event ?? 'runs', where: '', event, at: 0, ...more };
}

function access(event: 'load' | 'store', offset: number, lengthBytes = 1, pfn = 64): TraceEvent {
  return { event, by, pfn, offset, lengthBytes, serial: 1 };
}

const texts = (rows: readonly Row[]): readonly string[] => collapse(rows).map(({ text }) => text);
const places = Array.from({ length: 8 }, (_, i) => i);

describe('collapse', () => {
  it('makes one row of a loop over bytes, with how many and where', () => {
    const where = ' at a.ts:3';
    expect(texts(places.map((at) => row(access('store', at), { where })))).to.deep.equal([
      'store 0x40+0 to 7 (8 times) at a.ts:3',
    ]);
    expect(texts(places.map((at) => row(access('store', 28 - 4 * at, 4))))).to.deep.equal([
      'store 0x40+28 down to 0 (8 times)',
    ]);
    expect(texts(places.map((at) => row(access('load', 64 * at, 4))))).to.deep.equal([
      'load 0x40+0 to 451, every 64 (8 times)',
    ]);
    expect(texts(places.map(() => row(access('load', 5))))).to.deep.equal(['load 0x40+5 (8 times)']);
  });

  it('keeps the order of a loop of several accesses', () => {
    const copy = places.flatMap((at) => [row(access('load', at, 1, 65)), row(access('store', at))]);
    expect(texts([row(access('store', 99)), ...copy, row(access('load', 99))])).to.deep.equal([
      'store',
      'load 0x41+0 to 7 (8 times)',
      'store 0x40+0 to 7 (8 times)',
      'load',
    ]);
  });

  it('leaves alone what is no run', () => {
    const two = [0, 1].map((at) => row(access('store', at)));
    const uneven = [0, 1, 3, 7].map((at) => row(access('store', at)));
    const others = [0, 1, 2, 3].map((at) => row(access('store', at), { actor: `a${String(at)}` }));
    const lines = [0, 1, 2, 3].map((at) => row(access('store', at), { where: ` at a.ts:${String(at)}` }));
    const sizes = [1, 2, 4].map((length, i) => row(access('store', i, length)));
    const keys = [1, 2, 3].map(() => row({ event: 'key', by, granted: true }));
    for (const rows of [two, uneven, others, lines, sizes, keys]) expect(collapse(rows)).to.deep.equal(rows);
  });

  it('goes over steps of one actor, and says which', () => {
    const steps = places.map((at) => row(access('store', at), { step: at + 3, at: at + 10 }));
    const [one] = collapse(steps);
    expect(one).to.include({
      text: 'store 0x40+0 to 7 (8 times, steps 3 to 10)',
      step: 3,
      lastStep: 10,
      at: 17,
    });
    expect(texts(places.map((step) => row(undefined, { step })))).to.deep.equal([
      'runs (8 times, steps 0 to 7)',
    ]);
  });

  it('knows every kind of access', () => {
    const make: readonly (readonly [(at: number) => TraceEvent, string])[] = [
      [
        (at) => ({ event: 'io-read', by, region: 'r', offset: 4 * at, width: 4 }),
        'io read r+0x0 to 0x1f (8 times)',
      ],
      [(at) => ({ event: 'alloc', pfn: 2 + 2 * at }), 'alloc 0x2 to 0x10, every 2 (8 times)'],
      [(at) => ({ event: 'free', pfn: 2 + at }), 'free 0x2 to 0x9 (8 times)'],
      [
        (at) => ({ event: 'io-write', by, region: 'r', offset: at, width: 1 }),
        'io write r+0x0 to 0x7 (8 times)',
      ],
      [
        (at) => ({ event: 'changed', by, pfn: 64, offset: at, lengthBytes: 1 }),
        'changes without a store 0x40+0 to 7 (8 times)',
      ],
      [
        (at) => ({
          event: 'dma',
          device: 'card',
          verb: 'read',
          direction: 'toDevice',
          address: 4096 + at,
          lengthBytes: 1,
          frames: [],
        }),
        'card reads bytes toDevice at 0x1000 to 0x1007 (8 times)',
      ],
      [
        () => ({ event: 'atomic', by, name: 'n', id: 1, verb: 'read', before: 0, value: 0, isWrite: false }),
        'reads n (8 times)',
      ],
      [
        (at) => ({ event: 'shared-write', by, place: `list.${String(at)}`, value: '1' }),
        'writes list 0 to 7 (8 times)',
      ],
      [
        (at) => ({ event: 'shared-write', by, place: `b[${String(at)}]`, value: '1' }),
        'writes b 0 to 7 (8 times)',
      ],
    ];
    for (const [event, text] of make) expect(texts(places.map((at) => row(event(at))))).to.deep.equal([text]);
    const alone = places.map(() => row({ event: 'shared-write', by, place: 'n', value: '1' }));
    expect(collapse(alone)).to.deep.equal(alone);
  });
});
