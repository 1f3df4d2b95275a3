import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { IoWidth, Mechanism, Mapping } from 'scatterlist/machine';
import { mapDeviceRange, unmapDeviceRange } from '../../../lib/kernel/device/device-range.ts';

const TEST: Mechanism<Mapping> = {
  name: 'test',
  unmapName: 'untest',
  scope: 'global',
  pool: 'vmalloc area',
  isAtomic: false,
  release: () => undefined,
};

describe('long maps of device frames', () => {
  it('ask registers by their place in the device, whatever the order of frames', () => {
    const machine = createMachine({ pageSize: 256 });
    const asked: (readonly [number, IoWidth])[] = [];
    const pages = machine.ioRegion(3, {
      handlers: { read: (offset, width) => (asked.push([offset, width]), 7n), write: () => undefined },
    });
    const [a, b, c] = pages;
    const region = a?.zone.region;
    if (!a || !b || !c || !region) throw new Error('no device');
    const task = machine.task();
    const mapped = mapDeviceRange(task, { region, pages: [c, a] }, 4, 300, TEST);
    if (!mapped.ok) throw new Error(mapped.error.code);
    expect([mapped.value.load32(0), mapped.value.load32(252)]).to.deep.equal([7, 7]);
    expect(asked).to.deep.equal([
      [2 * 256 + 4, 4],
      [0, 4],
    ]);
    const flushes = machine.ledger.flushesGlobal;
    unmapDeviceRange(task, mapped.value, TEST);
    expect(machine.ledger.flushesGlobal).to.equal(flushes + 1);
    machine.checkLeaks();
  });

  it('cost a lock and a table write for each page, once to map and once to release', () => {
    const machine = createMachine();
    const pages = machine.ioRegion(3);
    const [first, second] = pages;
    const region = first?.zone.region;
    if (!first || !second || !region) throw new Error('no device');
    const task = machine.task();
    const mapped = mapDeviceRange(task, { region, pages: [first, second] }, 0, 8, TEST);
    if (!mapped.ok) throw new Error(mapped.error.code);
    const { vmalloc } = machine;
    const costs = () => [machine.ledger.lockAcquisitions, machine.ledger.pteWrites];
    expect(costs()).to.deep.equal([1, 2]);
    expect(vmalloc.freePages).to.equal(vmalloc.pages - 3);
    const frames = () => [0, 1].map((i) => machine.hardware.pageTable.vmalloc.get(mapped.value.slot + i));
    expect(frames()).to.deep.equal([first.pfn, second.pfn]);
    unmapDeviceRange(task, mapped.value, TEST);
    expect(frames()).to.deep.equal([-1, -1]);
    expect(costs()).to.deep.equal([2, 4]);
    expect(vmalloc.freePages).to.equal(vmalloc.pages);
  });

  it('take no page of another machine', () => {
    const [machine, other] = [createMachine(), createMachine()];
    const [own] = machine.ioRegion(1);
    const [foreign] = other.ioRegion(1);
    const region = own?.zone.region;
    if (!own || !foreign || !region) throw new Error('no device');
    expect(() => mapDeviceRange(machine.task(), { region, pages: [own, foreign] }, 0, 8, TEST)).to.throw(
      ConfigError,
      'another machine',
    );
    expect(machine.vmalloc.freePages).to.equal(machine.vmalloc.pages);
  });

  it('are refused where the area is full, and the trace says so', () => {
    const machine = createMachine({ vmallocPages: 4, trace: true });
    const pages = machine.ioRegion(4);
    const [first, ...rest] = pages;
    const region = first?.zone.region;
    if (!first || !region) throw new Error('no device');
    const mapped = mapDeviceRange(machine.task(), { region, pages: [first, ...rest] }, 0, 8, TEST);
    expect(mapped.ok ? 'mapped' : mapped.error).to.include({ code: 'NoVirtualSpace', needPages: 4 });
    expect(machine.events.at(-1)).to.deep.equal({ event: 'refused', what: 'vmalloc area' });
  });
});
