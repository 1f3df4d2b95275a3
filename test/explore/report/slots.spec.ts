import { expect } from 'chai';
import { explain, parseSchedule } from 'scatterlist/explore';
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
});
