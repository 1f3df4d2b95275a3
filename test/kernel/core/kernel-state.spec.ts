import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

describe('KernelState', () => {
  describe('pages', () => {
    it('show their bytes as a device sees them', () => {
      const machine = createMachine();
      const page = machine.allocPage({ zone: 'highmem' });
      const m = kmapLocalPage(machine.task(), page);
      m.bytes[7] = 5;
      expect(machine.physical(page)[7]).to.equal(5);
      machine.physical(page)[8] = 6;
      expect(m.bytes[8]).to.equal(6);
    });
  });

  it('counts, weighs and keeps events', () => {
    const machine = createMachine({ mode: 'direct' });
    const task = machine.task();
    const m = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
    expect([machine.liveMappings, machine.ledger.maps, machine.ledger.pteWrites]).to.deep.equal([1, 1, 1]);
    kunmapLocal(task, m);
    expect(machine.liveMappings).to.equal(0);
    expect(machine.modelledCycles).to.be.greaterThan(100);
    expect([machine.events, machine.watch.isOff]).to.deep.equal([[], true]);
    expect(createMachine().watch.isOff).to.equal(false);
  });

  it('gives all pages of a folio back, which are single pages from then on', () => {
    const machine = createMachine();
    const pages = machine.allocPages(4, { zone: 'highmem' });
    const free = machine.hardware.memory.freePages('highmem');
    const folio = machine.folios.compound(pages[0]!, 4);
    machine.freeFolio(folio);
    expect(machine.hardware.memory.freePages('highmem')).to.equal(free + 4);
    expect(machine.folios.of(pages[1]!).pages).to.equal(1);
  });

  it('reports a device that reaches a free page, and lets a test look at one', () => {
    const machine = createMachine();
    const page = machine.allocPage({ zone: 'lowmem' });
    machine.freePage(page);
    expect(machine.physical(page)).to.have.length(4096);
    expect(violationOf(() => machine.physical(page, 'nic'))).to.equal('use-after-free');
  });

  it('counts a flush where caches depend on addresses, and only there', () => {
    const counts = [false, true].map((cacheAliasing) => {
      const machine = createMachine({ cacheAliasing });
      machine.flushDcachePage(machine.allocPage({ zone: 'highmem' }));
      return machine.ledger.cacheFlushes;
    });
    expect(counts).to.deep.equal([0, 1]);
  });

  it('refuses what belongs to another machine', () => {
    const [mine, other] = [createMachine(), createMachine()];
    const page = other.allocPage({ zone: 'highmem' });
    const window = kmapLocalPage(other.task(), page);
    expect(() => mine.checkOwn(page)).to.throw(ConfigError, 'of another machine');
    expect(() => mine.checkOwnWindow(window)).to.throw(ConfigError, 'of another machine');
    expect(() => mine.physical(page)).to.throw(ConfigError);
    expect(() => mine.flushDcachePage(page)).to.throw(ConfigError);
  });
});
