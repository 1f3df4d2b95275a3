import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { failCall, guestMemory } from 'scatterlist/lab';
import type { Faults } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import candidate from '../../../examples/lab/guest-memory.ts';
import { TestList, pattern } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

describe('guestMemory', () => {
  describeFacade(candidate);

  const rig = (faults?: Faults, options: MachineOptions = {}) => {
    const machine = createMachine({ highmemPages: 32, lowmemPages: 32, unmappablePages: 4, ...options });
    const task = machine.task('device');
    const design = guestMemory.on(machine, faults);
    const api = design.open(task);
    const entry = (kind: 'lowmem' | 'highmem' | 'iomem' | 'unmappable') => {
      const list = new TestList(machine, [{ kind, offset: 4000, length: 300 }], 1);
      const [page] = list.pages;
      if (page === undefined) throw new Error('no page');
      return { list, gpa: page.phys + 4000 };
    };
    return { machine, task, design, api, entry };
  };

  it('reaches memory of the linear map without a page fault', () => {
    const { machine, api, entry } = rig(failCall(0));
    const { list, gpa } = entry('lowmem');
    const bytes = pattern(300, 5);
    expect(api.writeAt(gpa, bytes).ok).to.be.true;
    expect(list.wrong([{ at: 0, bytes }])).to.equal(undefined);
    expect(machine.ledger.maps).to.equal(0);
  });

  it('maps each page of highmem at its first page fault, tries again, and keeps it mapped until the end', () => {
    const { machine, api, entry, design } = rig();
    const { list, gpa } = entry('highmem');
    const bytes = pattern(300, 5);
    expect(api.writeAt(gpa, bytes).ok).to.be.true;
    expect(list.wrong([{ at: 0, bytes }])).to.equal(undefined);
    const back = new Uint8Array(300);
    expect(api.readAt(gpa, back).ok).to.be.true;
    expect(back).to.deep.equal(bytes);
    expect(machine.ledger.maps).to.equal(2);
    expect(() => {
      machine.checkLeaks();
    }).to.throw(ViolationError, 'leak');
    expect(design.close()).to.equal(undefined);
    machine.checkLeaks();
  });

  it('fails at the page of the fault, with the pages before it written', () => {
    const { api, entry } = rig(failCall(1));
    const { list, gpa } = entry('highmem');
    const bytes = pattern(300, 5);
    expect(api.writeAt(gpa, bytes)).to.deep.equal({
      ok: false,
      error: { code: 'Other', op: 'write', gpa, lengthBytes: 300, at: gpa + 96 },
    });
    expect(list.wrong([{ at: 0, bytes: bytes.subarray(0, 96) }])).to.equal(undefined);
  });

  it('goes to device memory by the fallback, and maps nothing for long', () => {
    const { machine, api, entry } = rig();
    const { list, gpa } = entry('iomem');
    const bytes = pattern(300, 5);
    expect(api.writeAt(gpa, bytes).ok).to.be.true;
    expect(list.wrong([{ at: 0, bytes }])).to.equal(undefined);
    const back = new Uint8Array(300);
    expect(api.readAt(gpa, back).ok).to.be.true;
    expect(back).to.deep.equal(bytes);
    machine.checkLeaks();
  });

  it('goes by the fallback where it must not sleep, and where there is no room for a second page', () => {
    const { machine, design, entry } = rig();
    const { list, gpa } = entry('highmem');
    const bytes = pattern(300, 5);
    machine.interrupt('softirq', (irq) => {
      expect(design.open(irq).writeAt(gpa, bytes).ok).to.be.true;
    });
    expect(list.wrong([{ at: 0, bytes }])).to.equal(undefined);
    machine.checkLeaks();

    const small = rig(undefined, { vmallocPages: 3 });
    const other = small.entry('highmem');
    expect(small.api.writeAt(other.gpa, bytes).ok).to.be.true;
    expect(other.list.wrong([{ at: 0, bytes }])).to.equal(undefined);
    expect(() => {
      small.machine.checkLeaks();
    }).to.throw(ViolationError, '1 mapping');
  });

  for (const kind of ['lowmem', 'highmem', 'iomem'] as const)
    it(`fills ${kind}`, () => {
      const { api, entry } = rig();
      const { list, gpa } = entry(kind);
      expect(api.fillAt(gpa + 10, 7, 200).ok).to.be.true;
      expect(list.wrong([{ at: 10, bytes: new Uint8Array(200).fill(7) }])).to.equal(undefined);
    });

  it('fails for memory that the CPU cannot reach', () => {
    const { api, entry } = rig();
    const { gpa } = entry('unmappable');
    const failed = api.readAt(gpa, new Uint8Array(8));
    expect(failed.ok ? undefined : failed.error.code).to.equal('Other');
  });

  it('refuses a range that ends past the memory before a byte moves and before a page fault', () => {
    const { machine, api } = rig(failCall(0));
    const end = machine.hardware.memory.endPfn * 4096;
    expect(api.fillAt(end - 8, 1, 16)).to.deep.equal({
      ok: false,
      error: { code: 'OutOfRange', op: 'fill', gpa: end - 8, lengthBytes: 16, at: end - 8 },
    });
    expect(api.readAt(end, new Uint8Array(0)).ok).to.be.true;
  });

  it('locks pages: their addresses stay, in every context', () => {
    const { machine, api, entry } = rig();
    const { list, gpa } = entry('highmem');
    const gpn = Math.floor(gpa / 4096);
    const locked = api.lockGpns([gpn, gpn + 1]);
    if (!locked.ok) throw new Error(locked.error.code);
    const [first, second] = locked.value.pages;
    if (first === undefined || second === undefined) throw new Error('no address');
    machine.interrupt('softirq', (irq) => {
      const mem = new AddressSpace(irq);
      const seen = [mem.load8(first + 4000), mem.load8(second)];
      expect(seen).to.deep.equal([list.bytes()[0], list.bytes()[96]]);
    });
  });

  it('locks no page that is never mapped, or not now', () => {
    const { machine, api, entry, design } = rig();
    const codes = [api.lockGpns([Math.floor(entry('iomem').gpa / 4096)])];
    const highmem = Math.floor(entry('highmem').gpa / 4096);
    codes.push(machine.interrupt('softirq', (irq) => design.open(irq).lockGpns([highmem])));
    expect(
      codes.map((result) => (result.ok ? 'locked' : [result.error.code, result.error.op])),
    ).to.deep.equal([
      ['Other', 'lock'],
      ['Other', 'lock'],
    ]);
  });
});
