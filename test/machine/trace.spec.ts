import { expect } from 'chai';
import { Trace } from '../../lib/machine/trace.ts';

describe('Trace', () => {
  const pfns = (trace: Trace): number[] =>
    trace.events.map((event) => (event.event === 'alloc' ? event.pfn : -1));

  it('keeps at least the newest, in order, and counts what it let go', () => {
    const trace = new Trace(4);
    for (let pfn = 0; pfn < 9; pfn += 1) trace.record({ event: 'alloc', pfn });
    expect([pfns(trace), trace.dropped]).to.deep.equal([[5, 6, 7, 8], 5]);
    trace.record({ event: 'alloc', pfn: 9 });
    expect([pfns(trace), trace.dropped]).to.deep.equal([[5, 6, 7, 8, 9], 5]);
  });

  it('lets go of none before there are more than twice as many', () => {
    const trace = new Trace(4);
    for (let pfn = 0; pfn < 8; pfn += 1) trace.record({ event: 'alloc', pfn });
    expect([pfns(trace), trace.dropped]).to.deep.equal([[0, 1, 2, 3, 4, 5, 6, 7], 0]);
    for (let pfn = 8; pfn < 13; pfn += 1) trace.record({ event: 'alloc', pfn });
    expect([pfns(trace), trace.dropped]).to.deep.equal([[5, 6, 7, 8, 9, 10, 11, 12], 5]);
    trace.record({ event: 'alloc', pfn: 13 });
    expect([pfns(trace), trace.dropped]).to.deep.equal([[10, 11, 12, 13], 10]);
  });

  it('can be taken out', () => {
    const trace = new Trace(4);
    trace.record({ event: 'alloc', pfn: 1 });
    expect(trace.take()).to.deep.equal([{ event: 'alloc', pfn: 1 }]);
    expect(trace.events).to.deep.equal([]);
  });
});
