import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
import type { TraceEvent } from '../../../lib/machine/trace.ts';
import { slotTables } from '../../../lib/explore/report/slots.ts';
import { counter } from '../programs.ts';

describe('slotTables', () => {
  it('follows the slots event by event', () => {
    const { events } = explain(counter(), parseSchedule('0.0.1.1'));
    const tables = slotTables(events);
    const mapped = events.findIndex(({ event }) => event === 'map');
    expect(tables[mapped]?.local).to.deep.equal(['0: pfn 0x40']);
    expect(tables[mapped]?.live[0]).to.match(/pfn 0x40 {2}kmap_local by one/);
    expect(tables.at(-1)).to.deep.equal({ local: [], pool: [], live: [] });
  });

  it('shows each table after each kind of event, by slot', () => {
    const event = (name: string, slot: number, pfn = 0): TraceEvent =>
      ({ event: name, slot, pfn }) as unknown as TraceEvent;
    const mapping = { serial: 7, pfn: 80, mechanism: 'kmap', by: { name: 'one', cpu: 0 } };
    const tables = slotTables([
      event('local-set', 2, 66),
      event('local-set', 1, 65),
      event('pkmap-set', 3, 80),
      { ...mapping, event: 'map' } as unknown as TraceEvent,
      event('alloc', 1, 65),
      event('local-clear', 2),
      event('pkmap-clear', 3),
      { ...mapping, event: 'unmap' } as unknown as TraceEvent,
    ]);
    const [two, both, one] = [['2: pfn 0x42'], ['1: pfn 0x41', '2: pfn 0x42'], ['1: pfn 0x41']];
    expect(tables.map(({ local }) => local)).to.deep.equal([two, both, both, both, both, one, one, one]);
    const pool = ['3: pfn 0x50'];
    expect(tables.map((table) => table.pool)).to.deep.equal([[], [], pool, pool, pool, pool, [], []]);
    const live = ['pfn 0x50  kmap by one'];
    expect(tables.map((table) => table.live)).to.deep.equal([[], [], [], live, live, live, live, []]);
  });
});
