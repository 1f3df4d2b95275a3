import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { kmap, kmapLocal } from 'scatterlist/backends';
import { observe } from 'scatterlist/ports';
import port, { enqueueAndMap, enqueueDatagram } from '../../../examples/drivers/misc/vmci-notify.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 2500 }, (_, i) => i & 0xff),
});

function vmciContext() {
  const machine = createMachine();
  const notifyPage = machine.allocPage({ zone: 'highmem' });
  machine.physical(notifyPage).fill(7);
  return { machine, vmci: { notifyPage, flagOffset: 4095, notify: undefined, queue: [] as Uint8Array[] } };
}

describe('the vmci notify port', () => {
  for (const variant of ['original', 'vmap'])
    it(`keeps one pointer for a handler while its task sleeps: ${variant}`, () => {
      const [site, ...others] = observe(LOADED, variant, 'highmem').needs;
      expect(others).to.deep.equal([]);
      expect(site).to.deep.include({ maps: 1, pages: 1, heldAtOnce: 1, contexts: ['task'] });
      expect(site?.usedBy).to.deep.equal(['softirq "vmci_datagram"']);
      expect(site?.sleptOn).to.include('close of the context');
    });

  it('maps once for each datagram, in the handler, if no pointer is kept', () => {
    const [site] = observe(LOADED, 'map per write', 'highmem').needs;
    expect(site).to.deep.include({ maps: 3, contexts: ['softirq'], usedBy: [], sleptOn: [] });
  });

  it('writes the flag only', () => {
    const { machine, vmci } = vmciContext();
    const queued = machine.interrupt('softirq', (irq) =>
      enqueueAndMap(vmci, Uint8Array.of(1, 2), kmapLocal(irq)),
    );
    expect(queued.ok).to.equal(true);
    machine.checkLeaks();
    const page = machine.physical(vmci.notifyPage);
    expect(page.subarray(0, 4095).every((byte) => byte === 7)).to.equal(true);
    expect(page[4095]).to.equal(1);
    expect(vmci.queue).to.deep.equal([Uint8Array.of(1, 2)]);
  });

  it('queues a datagram for a context that has no flag', () => {
    const { machine, vmci } = vmciContext();
    expect(enqueueDatagram(vmci, Uint8Array.of(3)).ok).to.equal(true);
    expect(vmci.queue.length).to.equal(1);
    expect(machine.physical(vmci.notifyPage)[4095]).to.equal(7);
  });

  it('cannot set the flag by kmap in a handler', () => {
    const { machine, vmci } = vmciContext();
    expect(() =>
      machine.interrupt('softirq', (irq) => enqueueAndMap(vmci, Uint8Array.of(1), kmap(irq))),
    ).to.throw('kmap while this is softirq context');
  });
});
