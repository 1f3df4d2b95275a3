import { expect } from 'chai';
import sinon from 'sinon';
import { ConfigError, ViolationError } from 'scatterlist';
import type { MachineOptions, Violation } from 'scatterlist';
import { resolveConfig } from 'scatterlist/machine';
import { Hardware } from '../../lib/machine/hardware.ts';

const hardware = (options: MachineOptions = {}): Hardware => new Hardware(resolveConfig(options));

describe('Hardware', () => {
  it('drops a page from one TLB, or a range from all with an interrupt to each other CPU', () => {
    const h = hardware({ cpus: 3, trace: true });
    for (const { tlb } of h.cpus) for (const page of [4096, 8192]) tlb.fill(page, 1);
    const sizes = (): number[] => h.cpus.map(({ tlb }) => tlb.entries().length);
    h.flushPageLocal(h.cpu(1), 4096);
    expect([sizes(), { ...h.ledger }.flushesLocal]).to.deep.equal([[2, 1, 2], 1]);
    h.flushRangeGlobal(8192, 12288);
    expect(sizes()).to.deep.equal([1, 0, 1]);
    expect(h.ledger.snapshot()).to.include({ flushesGlobal: 1, ipis: 2 });
    expect(h.trace?.events).to.deep.equal([
      { event: 'flush-page', cpu: 1, vaddr: 4096 },
      { event: 'flush-range', from: 8192, to: 12288 },
    ]);
  });

  it('refuses numbers that a function cannot take; a compatible one those that C could not pass', () => {
    const by = { state: () => ({ name: 'a', kind: 'task' }) as never };
    for (const n of [-1, 1.5, NaN, Infinity, 10]) {
      const what = `skip is ${String(n)}; it must be a whole number from 0 to 9`;
      expect(() => {
        hardware().checkNumber(by, 'skip', n, 9);
      })
        .to.throw(ViolationError)
        .with.nested.include({ 'violation.rule': 'bad-number', 'violation.what': what });
    }
    hardware().checkNumber(by, 'skip', 9, 9);
    for (const n of [-1, 10]) hardware({ semantics: 'compatible' }).checkNumber(by, 'skip', n, 9);
    expect(() => {
      hardware({ semantics: 'compatible' }).checkNumber(by, 'skip', 1.5, 9);
    }).to.throw('skip is 1.5');
  });

  it('knows its CPUs', () => {
    expect(() => hardware().cpu(2)).to.throw(ConfigError, 'no cpu 2: this machine has 2');
  });

  it('reloads the page directory: entries of kernel mappings survive where they are global', () => {
    for (const globalPages of [true, false]) {
      const machine = hardware({ globalPages, trace: true });
      for (const cpu of machine.cpus) cpu.tlb.fill(4096, 1);
      machine.reloadPageDirectory();
      expect(machine.cpus.map(({ tlb }) => tlb.isEmpty)).to.deep.equal([!globalPages, !globalPages]);
      expect([machine.ledger.flushesGlobal, machine.ledger.ipis]).to.deep.equal([1, 1]);
      expect(machine.trace?.events).to.deep.equal([
        { event: 'flush-range', from: 0, to: globalPages ? 0 : Infinity },
      ]);
    }
  });

  it('tells who asks when marked points are watched, or arrays are out', () => {
    const machine = hardware();
    const point = sinon.stub();
    machine.watchPoints(point);
    expect(machine.interruptPoint).to.equal(point);
    const told = sinon.spy();
    machine.whenWatched = told;
    machine.watchPoints(undefined);
    expect([machine.interruptPoint, told.callCount]).to.deep.equal([undefined, 1]);
    const array = { writeBack: sinon.stub(), refresh: sinon.stub() };
    machine.spreadArrays.add(array);
    expect(told.callCount).to.equal(2);
  });

  it('has as many local slots as its CPUs have together, and keeps lines of callers only if it is told to', () => {
    expect(hardware({ cpus: 3, kmMaxIdx: 5 }).addresses.localSlots).to.equal(15);
    for (const callSites of [true, false]) {
      const machine = hardware({ callSites, onViolation: 'record' });
      machine.violate({ rule: 'leak', what: 'left' });
      const [{ severity, details, foundAt }] = machine.violations as [Violation];
      expect([severity, details, foundAt === undefined]).to.deep.equal(['warn', [], !callSites]);
    }
  });

  it('throws a violation, records it, or hands it on; one that Linux stops at is thrown in any case', () => {
    const warn = { rule: 'unmap-order', what: 'twisted' } as const;
    const bug = { rule: 'double-unmap', severity: 'bug', what: 'again' } as const;
    const throwing = hardware();
    expect(() => throwing.violate(warn)).to.throw(ViolationError, 'twisted');
    expect(throwing.violations).to.deep.equal([]);

    const recording = hardware({ onViolation: 'record' });
    recording.violate(warn);
    expect(() => recording.violate(bug)).to.throw(ViolationError, 'again');
    expect(recording.violations.map(({ rule }) => rule)).to.deep.equal(['unmap-order', 'double-unmap']);

    const handler = sinon.spy((_: Violation) => undefined);
    const handing = hardware({ onViolation: handler, trace: true });
    handing.violate(warn);
    expect(() => handing.violate(bug)).to.throw(ViolationError);
    expect(handler.args.map(([violation]) => violation.what)).to.deep.equal(['twisted', 'again']);
    expect(handing.trace?.events).to.deep.equal([
      { event: 'violation', rule: 'unmap-order', what: 'twisted' },
      { event: 'violation', rule: 'double-unmap', what: 'again' },
    ]);
  });
});
