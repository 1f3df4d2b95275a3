import { expect } from 'chai';
import { traceLines } from '../../../lib/ports/report/trace-lines.ts';
import type { TraceEvent } from '../../../lib/machine/trace.ts';

const by = { name: 'copy', cpu: 1 };
const asItIs = <T>(site: T): T => site;
const lock = (i: number): TraceEvent => ({ event: 'acquire', by, lock: `lock ${String(i)}` });

describe('the lines of a trace', () => {
  it('say who did what and where, with the place translated', () => {
    const map: TraceEvent = {
      event: 'map',
      by,
      mechanism: 'kmap_local',
      pool: undefined,
      isAtomic: false,
      pfn: 64,
      vaddr: 0,
      slot: 0,
      serial: 1,
      site: { file: 'built.js', line: 1, column: 1 },
    };
    const events: readonly TraceEvent[] = [
      { event: 'local-set', slot: 0, pfn: 64 },
      map,
      { event: 'acquire', by: { name: 'disk', cpu: -1 }, lock: 'a' },
      { event: 'alloc', pfn: 1 },
    ];
    const lines = traceLines({ events, dropped: 0 }, (site) => site && { ...site, file: 'a.ts' });
    expect(lines).to.deep.equal([
      'copy cpu1  local slot 0 = 0x40',
      'copy cpu1  map 0x40 slot 0 (kmap_local) at a.ts:1',
      'disk       takes a',
      '           alloc 0x1',
    ]);
  });

  it('are one for a loop, and of a long run the first and the last', () => {
    const loop = Array.from({ length: 500 }, (_, i): TraceEvent => ({
      event: 'store',
      by,
      pfn: 64,
      offset: i,
      lengthBytes: 1,
      serial: 1,
    }));
    expect(traceLines({ events: loop, dropped: 0 }, asItIs)).to.deep.equal([
      'copy cpu1  store 0x40+0 to 499 (500 times)',
    ]);
    const long = traceLines({ events: Array.from({ length: 5000 }, (_, i) => lock(i)), dropped: 7 }, asItIs);
    expect(long).to.have.length(42);
    expect(long[0]).to.equal('… 7 events before these were not kept …');
    expect(long[1]).to.equal('copy cpu1  takes lock 0');
    expect(long[25]).to.equal('… 4960 more lines …');
    expect(long.at(-1)).to.equal('copy cpu1  takes lock 4999');
  });
});
