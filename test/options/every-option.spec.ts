import { expect } from 'chai';
import { calledByC, loadC } from 'scatterlist/c';
import * as sg from 'scatterlist';
import * as explorer from 'scatterlist/explore';
import { faultInjection, iomemBounce, kmapLocal } from 'scatterlist/backends';
import * as kernel from 'scatterlist/machine';
import { at, dmaFixture, must } from '../kernel/dma/dma-fixture.ts';
import type { DmaFixture } from '../kernel/dma/dma-fixture.ts';
import { failEach, failureEffects, jobProgram, runExperiment, weigh } from 'scatterlist/lab';
import { toy } from '../lab/experiment/toy.ts';
import copyOnly from '../../examples/lab/copy-only.ts';
import { COLUMNS, auditPort, besideRecordOf, exploreBeside, observe } from 'scatterlist/ports';
import { LOADED } from '../ports/page-port.ts';
import { optionParameters } from './parameters.ts';

const [KMAP] = COLUMNS;
const CELL = { port: LOADED, variant: 'original', memory: 'highmem', column: KMAP! } as const;

interface World extends DmaFixture {
  readonly device: sg.DmaDevice;
  readonly address: sg.DmaAddr;
  readonly table: sg.SgTable<'lowmem'>;
  readonly sgl: sg.SgEntry<'lowmem'>;
}

function worldOf(): World {
  const fixture = dmaFixture();
  const { low, task, machine } = fixture;
  const device = new sg.DmaDevice(machine);
  const pages = machine.allocPages(1, { zone: 'lowmem' });
  const table = must(sg.sgAllocTableFromPages(pages, { size: 4096 }));
  const address = must(kernel.dmaMapPage(task, device, at(low, 0), 0, 8, 'toDevice'));
  return { ...fixture, device, address, table, sgl: table.sgl! };
}

const program: explorer.Program = { tasks: { *a(): Generator<undefined, void> {} } };
const source = { pageSize: 4096, allocate: () => undefined, free: () => undefined };
const cpus = sg.origNents(1);
const seen = sg.mappedNents(1);

/** A call of each with other arguments that are right. */
const CALLS: Readonly<Record<string, (world: World, how: never) => unknown>> = {
  'DmaDevice.map(how)': ({ device, task, low }, how) =>
    device.map(task, [{ page: at(low, 0), offset: 0, length: 8 }], 'toDevice', how),
  'DmaDevice.sync(how)': ({ device, task, address }, how) => {
    device.sync(task, 'cpu', address, 8, 'toDevice', how);
  },
  'DmaDevice.syncAll(how)': ({ device, task, address }, how) => {
    device.syncAll(task, 'cpu', [{ address, lengthBytes: 8 }], 'toDevice', how);
  },
  'DmaDevice.unmap(how)': ({ device, task, address }, how) => {
    device.unmap(task, address, 8, 'toDevice', how);
  },
  'DmaDevice.unmapAll(how)': ({ device, task, address }, how) => {
    device.unmapAll(task, [{ address, lengthBytes: 8 }], 'toDevice', how);
  },
  'Machine.interrupt(options)': ({ machine }, how) => {
    machine.interrupt('hardirq', () => undefined, how);
  },
  'Machine.ioRegion(options)': ({ machine }, how) => machine.ioRegion(1, how),
  'Machine.task(options)': ({ machine }, how) => machine.task('x', how),
  'PhysicalMemory.addIoRegion(options)': ({ machine }, how) => machine.hardware.memory.addIoRegion(1, how),
  '__sgAllocTable(how)': (_, how) => sg.__sgAllocTable(new sg.SgTable(), 2, 2, how),
  'auditPort(options)': (_, how) => auditPort(LOADED, 'original', COLUMNS, how),
  'besideRecordOf(options)': (_, how) =>
    besideRecordOf(exploreBeside(CELL, { budget: { schedules: 1 } }), how),
  'calledByC(options)': (_, how) => calledByC('no file', how),
  'checkDeterminism(options)': (_, how) => explorer.checkDeterminism(program, how),
  'createMachine(options)': (_, how) => sg.createMachine(how),
  'createMachine(parts)': (_, how) => sg.createMachine({}, how),
  'dmaMapPage(attrs)': ({ task, device, low }, how) =>
    kernel.dmaMapPage(task, device, at(low, 0), 0, 8, 'toDevice', how),
  'dmaMapSg(attrs)': ({ task, device, sgl }, how) => sg.dmaMapSg(task, device, sgl, cpus, 'toDevice', how),
  'dmaMapSgtable(attrs)': ({ task, device, table }, how) =>
    sg.dmaMapSgtable(task, device, table, 'toDevice', how),
  'dmaMapSingle(attrs)': ({ task, device, low }, how) =>
    kernel.dmaMapSingle(task, device, kernel.pageAddress(task, at(low, 0))!.vaddr, 8, 'toDevice', how),
  'dmaUnmapPage(attrs)': ({ task, device, address }, how) => {
    kernel.dmaUnmapPage(task, device, address, 8, 'toDevice', how);
  },
  'dmaUnmapSg(attrs)': ({ task, device, sgl }, how) => {
    sg.dmaUnmapSg(task, device, sgl, cpus, 'toDevice', how);
  },
  'dmaUnmapSgtable(attrs)': ({ task, device, table }, how) => {
    sg.dmaUnmapSgtable(task, device, table, 'toDevice', how);
  },
  'dmaUnmapSingle(attrs)': ({ task, device, address }, how) => {
    kernel.dmaUnmapSingle(task, device, address, 8, 'toDevice', how);
  },
  'exhaustive(options)': (_, how) => explorer.exhaustive(how),
  'explain(options)': (_, how) => explorer.explain(program, [0], how),
  'explain(options.listener)': (_, how) => explorer.explain(program, [0], { listener: how }),
  'explore(options)': (_, how) => explorer.explore(program, explorer.exhaustive(), how),
  'explore(options.budget)': (_, how) => explorer.explore(program, explorer.exhaustive(), { budget: how }),
  'exploreBeside(options)': (_, how) => exploreBeside(CELL, how),
  'exploreBeside(options.budget)': (_, how) => exploreBeside(CELL, { budget: how }),
  'exploreBeside(options.machine)': (_, how) => exploreBeside(CELL, { machine: how }),
  'exploreBeside(options.pools)': (_, how) => exploreBeside(CELL, { pools: how }),
  'extractIterToSg(how)': ({ table }, how) =>
    sg.extractIterToSg(sg.iovIterDiscard(8), table, { maxBytes: 8, maxEntries: 1 }, how),
  'failEach(options)': (_, how) => failEach(copyOnly, 'cursor', how),
  'failEach(options.machine)': (_, how) => failEach(copyOnly, 'cursor', { machine: how }),
  'failureEffects(options)': (_, how) => failureEffects(copyOnly, 'cursor', how),
  'failureEffects(options.machine)': (_, how) => failureEffects(copyOnly, 'cursor', { machine: how }),
  'faultInjection(plan)': ({ task }, how) => faultInjection(kmapLocal(task), how),
  'forEachSg(how)': ({ sgl }, how) => sg.forEachSg(sgl, 1, how),
  'forEachSgDmaPage(how)': ({ sgl }, how) => sg.forEachSgDmaPage(sgl, seen, 0, how),
  'forEachSgPage(how)': ({ sgl }, how) => sg.forEachSgPage(sgl, cpus, 0, how),
  'forEachSgtableDmaPage(how)': ({ table }, how) => sg.forEachSgtableDmaPage(table, 0, how),
  'forEachSgtablePage(how)': ({ table }, how) => sg.forEachSgtablePage(table, 0, how),
  'formatReport(options)': (_, how) => explorer.formatReport(explorer.explain(program, []), how),
  'iomemBounce(options)': ({ task }, how) => iomemBounce(task, how),
  'jobProgram(options)': (_, how) => jobProgram(copyOnly, 'cursor', how),
  'jobProgram(options.machine)': (_, how) =>
    sg.createMachine(jobProgram(copyOnly, 'cursor', { machine: how }).machine),
  'loadC(options)': (_, how) => loadC('no file', how),
  'new DmaDevice(options)': ({ machine }, how) => new sg.DmaDevice(machine, how),
  'new DmaDevice(options.iommu)': ({ machine }, how) => new sg.DmaDevice(machine, { iommu: how }),
  'new FixedSlots(options)': ({ machine }, how) => new kernel.FixedSlots(machine.hardware, how),
  'new SgAppendTable(how)': (_, how) => new sg.SgAppendTable(how),
  'new SgDmaPageIter(how)': ({ sgl }, how) => new sg.SgDmaPageIter(sgl, seen, 0, how),
  'new SgPageIter(how)': ({ sgl }, how) => new sg.SgPageIter(sgl, cpus, 0, how),
  'new SpinLock(options)': ({ machine }, how) => new kernel.SpinLock(machine, 'x', how),
  'new TrackingAllocator(options)': (_, how) => new sg.TrackingAllocator(how),
  'new UserSpace(options)': ({ machine }, how) => new kernel.UserSpace(machine, how),
  'observe(options)': (_, how) => observe(LOADED, 'original', 'lowmem', how),
  'pct(options)': (_, how) => explorer.pct(how),
  'random(options)': (_, how) => explorer.random(how),
  'replayFile(options)': (_, how) => explorer.replayFile(program, 'no file', how),
  'runExperiment(options)': (_, how) => runExperiment(toy, how),
  'resolveConfig(options)': (_, how) => kernel.resolveConfig(how),
  'sgAllocTable(how)': (_, how) => sg.sgAllocTable(2, how),
  'sgAllocTableChained(how)': (_, how) => sg.sgAllocTableChained(2, how),
  'sgAllocTableFromPages(how)': ({ low }, how) => sg.sgAllocTableFromPages(low, { size: 8 }, how),
  'sgAllocTableFromPagesSegment(how)': ({ low }, how) =>
    sg.sgAllocTableFromPagesSegment(low, 0, 8, 4096, how),
  'sgChain(how)': ({ sgl }, how) => {
    sg.sgChain(new sg.SgArray(2), 2, sgl, how);
  },
  'sgFreeTable(how)': ({ table }, how) => {
    sg.sgFreeTable(table, how);
  },
  'sgFreeTableChained(how)': (_, how) => {
    sg.sgFreeTableChained(must(sg.sgAllocTableChained(2)), 0, how);
  },
  'sgLast(how)': ({ sgl }, how) => sg.sgLast(sgl, 1, how),
  'sgNents(how)': ({ sgl }, how) => sg.sgNents(sgl, how),
  'sgNentsForDma(how)': ({ sgl }, how) => sg.sgNentsForDma(sgl, seen, 8, how),
  'sgNentsForLen(how)': ({ sgl }, how) => sg.sgNentsForLen(sgl, 8, how),
  'sgSetFolio(how)': ({ sgl, machine }, how) => {
    const [page] = machine.allocPages(1, { zone: 'lowmem' });
    return sg.sgSetFolio(sgl, new kernel.Folio(page!, 1), 8, 0, how);
  },
  'sgSplit(how)': ({ sgl }, how) => sg.sgSplit(sgl, sg.mappedNents(0), 0, [8], how),
  'sgVirt(how)': ({ sgl, machine }, how) => sg.sgVirt(sgl, machine, how),
  'sglAlloc(how)': (_, how) => sg.sglAlloc(8192, source, how),
  'sglAllocOrder(how)': (_, how) => sg.sglAllocOrder(8192, 0, source, how),
  'sglFree(how)': ({ sgl }, how) => {
    sg.sglFree(sgl, source, how);
  },
  'sglFreeNOrder(how)': ({ sgl }, how) => {
    sg.sglFreeNOrder(sgl, 1, 0, source, how);
  },
  'sglFreeOrder(how)': ({ sgl }, how) => {
    sg.sglFreeOrder(sgl, 0, source, how);
  },
  'shrink(options)': (_, how) => explorer.shrink(program, [], 'exception', how),
  'weigh(counts)': (_, how) => weigh(how, () => 1),
};

/** Options that are not refused, and why. */
const TAKEN: readonly (readonly [which: RegExp, reason: string])[] = [
  [/^new \w+Error\(options\)$/, 'they are the options of every Error of JavaScript'],
  [/^new Machine\(parts\)$/, 'createMachine, which tests call, refuses them'],
];

const PARAMETERS = optionParameters();
const isTaken = (parameter: string): boolean => TAKEN.some(([which]) => which.test(parameter));

describe('every option that a public function takes', () => {
  it('has a call here, and no call is left over', () => {
    expect(Object.keys(CALLS).sort()).to.deep.equal(PARAMETERS.filter((one) => !isTaken(one)));
    expect(PARAMETERS.length).to.be.greaterThan(60);
  });

  for (const [which, reason] of TAKEN)
    it(`is not refused for ${String(which)}: ${reason}`, () => {
      expect(PARAMETERS.filter((parameter) => which.test(parameter))).to.not.be.empty;
    });

  for (const [parameter, call] of Object.entries(CALLS))
    it(`is known, or refused by its name: ${parameter}`, () => {
      expect(() => call(worldOf(), { unknownKey: 1 } as never)).to.throw(
        sg.ConfigError,
        /no option '?unknownKey/,
      );
    });
});
