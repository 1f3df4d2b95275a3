import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { kmap } from 'scatterlist/backends';
import { observe, takePages } from 'scatterlist/ports';
import port, { SLOT_BYTES, mapEachPage } from '../../../examples/drivers/net/firewire-net.ts';

/** More packets than the ring has slots. */
const CONTENT = Uint8Array.from({ length: 16 * SLOT_BYTES + 5 }, (_, i) => (i * i) >> 3);
const LOADED = await port.load({ name: 'test', content: CONTENT });

describe('the firewire net port', () => {
  it('holds every page of the ring for a handler while its task sleeps', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(moved?.verifiedBytes).to.equal(CONTENT.length);
    expect(needs.length).to.equal(1);
    const [site] = needs;
    expect(site).to.deep.include({ maps: 3, pages: 1, heldAtOnce: 3, contexts: ['task'] });
    expect(site?.usedBy).to.deep.equal(['softirq "fwnet_receive_broadcast"']);
    expect(site?.sleptOn.join()).to.include('stop of the context');
  });

  it('has one view of all pages with vmap', () => {
    const [site] = observe(LOADED, 'vmap', 'highmem').needs;
    expect(site).to.deep.include({ maps: 1, pages: 3, heldAtOnce: 1 });
  });

  it('maps once for each packet, in the handler, if no page is kept mapped', () => {
    const [site] = observe(LOADED, 'map per packet', 'highmem').needs;
    expect(site).to.deep.include({ maps: 17, heldAtOnce: 1, contexts: ['softirq'], usedBy: [], sleptOn: [] });
  });

  it('gives the mapped pages back if a later map fails', () => {
    const machine = createMachine();
    const task = machine.task('up');
    const pages = ['highmem', 'highmem', 'iomem'] as const;
    const ring = pages.flatMap((memory) => takePages(machine, memory, 1));
    const mapped = runAlone(task, mapEachPage(kmap(task), ring));
    expect(mapped.ok ? undefined : mapped.error.code).to.equal('Unmappable');
    machine.checkLeaks();
  });
});
