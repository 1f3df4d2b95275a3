import { expect } from 'chai';
import { createMachine, runAlone, virtAddr } from 'scatterlist';
import type { Machine, Page, Task } from 'scatterlist';
import { kmap, kmapLocalPage, kmapToPage, kunmap } from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';
import { AS_LINUX, rulesOf, violationOf } from '../violations.ts';

interface Fixture {
  readonly machine: Machine;
  readonly task: Task;
  readonly high: Page;
}

function setUp(options: MachineOptions): Fixture {
  const machine = createMachine({ lowmemPages: 16, highmemPages: 64, cpus: 2, ...options });
  return { machine, task: machine.task('t', { cpu: 1 }), high: machine.allocPage({ zone: 'highmem' }) };
}

const strict = { semantics: 'strict', onViolation: 'record' } as const;

describe('kmapToPage', () => {
  for (const options of [strict, AS_LINUX]) {
    const { semantics } = options;

    it(`${semantics}: finds pages by their permanent address, silently`, () => {
      const { machine, task } = setUp(options);
      const address = virtAddr(machine.hardware.addresses.direct(7) + 3);
      expect(kmapToPage(task, address)?.pfn).to.equal(7);
      expect(kmapToPage(task, virtAddr(0x1000))).to.equal(undefined);
      expect(rulesOf(machine)).to.deep.equal([]);
    });

    it(`${semantics}: finds the page of a kmap and reports the question`, () => {
      const { machine, task, high } = setUp(options);
      const m = runAlone(task, kmap(task, high));
      expect(kmapToPage(task, virtAddr(m.vaddr + 5))).to.equal(high);
      expect(rulesOf(machine)).to.deep.equal(['to-page-of-kmap']);
    });

    it(`${semantics}: finds the page of a local map of this task only, and reports the question`, () => {
      const { machine, task, high } = setUp(options);
      const m = kmapLocalPage(task, high);
      expect(kmapToPage(task, m.vaddr)).to.equal(high);
      expect(kmapToPage(machine.task('other'), m.vaddr)).to.equal(undefined);
      expect(rulesOf(machine)).to.deep.equal(['to-page-of-local', 'to-page-of-local']);
    });

    it(`${semantics}: knows no temporary address without CONFIG_HIGHMEM`, () => {
      const { machine, task } = setUp({ ...options, highmem: false });
      expect(kmapToPage(task, machine.hardware.addresses.pkmap(0))).to.equal(undefined);
      expect(rulesOf(machine)).to.deep.equal([]);
    });
  }

  it('strict: throws by default', () => {
    const { task, high } = setUp({});
    const m = kmapLocalPage(task, high);
    expect(violationOf(() => kmapToPage(task, m.vaddr))).to.equal('to-page-of-local');
  });

  describe('a pool slot that is empty', () => {
    const ask = (options: MachineOptions): number | undefined => {
      const { machine, task } = setUp(options);
      return kmapToPage(task, machine.hardware.addresses.pkmap(2))?.pfn;
    };
    it('strict: has no page', () => {
      expect(ask(strict)).to.equal(undefined);
    });
    it('compatible: has page 0', () => {
      expect(ask(AS_LINUX)).to.equal(0);
    });
  });

  describe('a pool slot that is unused and not flushed', () => {
    const ask = (options: MachineOptions): boolean => {
      const { task, high } = setUp(options);
      const m = runAlone(task, kmap(task, high));
      const { vaddr } = m;
      kunmap(task, m);
      return kmapToPage(task, vaddr) === high;
    };
    it('strict: has no page', () => {
      expect(ask(strict)).to.equal(false);
    });
    it('compatible: has the page it held', () => {
      expect(ask(AS_LINUX)).to.equal(true);
    });
  });

  describe('the first local slot', () => {
    const ask = (options: MachineOptions): readonly unknown[] => {
      const { machine, high } = setUp(options);
      const task = machine.task('on cpu0');
      const m = kmapLocalPage(task, high);
      expect(m.slot).to.equal(0);
      return [kmapToPage(task, m.vaddr)?.pfn === high.pfn, rulesOf(machine)];
    };
    it('strict: is found like any other', () => {
      expect(ask(strict)).to.deep.equal([true, ['to-page-of-local']]);
    });
    it('compatible: is overlooked', () => {
      expect(ask(AS_LINUX)).to.deep.equal([false, []]);
    });
    for (const options of [strict, AS_LINUX])
      it(`${options.semantics}: the second one is found`, () => {
        const { machine, high } = setUp(options);
        const task = machine.task('on cpu0');
        const second = machine.allocPage({ zone: 'highmem' });
        kmapLocalPage(task, high);
        const m = kmapLocalPage(task, second);
        expect(m.slot).to.equal(1);
        expect(kmapToPage(task, m.vaddr)).to.equal(second);
      });
  });

  describe('a guard slot below a map', () => {
    const ask = (options: MachineOptions): number | undefined => {
      const { machine, task, high } = setUp({ ...options, debugKmapLocal: true });
      const m = kmapLocalPage(task, high);
      return kmapToPage(task, machine.hardware.addresses.local(m.slot - 1))?.pfn;
    };
    it('strict: has no page', () => {
      expect(ask(strict)).to.equal(undefined);
    });
    it('compatible: has page 0', () => {
      expect(ask(AS_LINUX)).to.equal(0);
    });
  });
});
