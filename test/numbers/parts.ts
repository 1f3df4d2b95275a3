/** Calls of the parts of a machine, which a test or a variant of a part may call itself. */

import { Execution, STOP } from 'scatterlist/explore';
import { BouncePool, DataCache, FixedSlots, LocalSlots, PkmapPool, Task } from 'scatterlist/machine';
import * as sg from 'scatterlist';
import type { At, Call, World } from './calls.ts';

const bouncePool = ({ machine }: World): BouncePool => new BouncePool(machine);
const cache = ({ machine }: World): DataCache => new DataCache(machine.hardware);
const memory = ({ machine }: World): World['machine']['hardware']['memory'] => machine.hardware.memory;
const needs = (at: At): NonNullable<Parameters<BouncePool['take']>[1]> => ({
  keepMask: at('needs.keepMask', 0),
  address: at('needs.address', 0),
  slotOffset: at('needs.slotOffset', 0),
  mask: at('needs.mask', Infinity),
  boundaryBytes: at('needs.boundaryBytes', Infinity),
});

const COLOURED = ['flush', 'invalidate', 'isStale', 'peek', 'stored', 'view', 'writeBack'] as const;
const UNCOLOURED = ['dropForCpu', 'flushForDevice', 'isLost', 'memoryIsStale'] as const;

export const PARTS: Readonly<Record<string, Call>> = {
  'BouncePool.take': (w, at) => bouncePool(w).take(at('bytes', 8), needs(at)) !== undefined,
  'BouncePool.longestBelow': (w, at) => bouncePool(w).longestBelow(at('bytes', 8), needs(at)),
  'BouncePool.pass': (w, at) => bouncePool(w).pass(at('bytes', 8)),
  'BouncePool.runAt': (w, at) => bouncePool(w).runAt(at('slot', 0), at('bytes', 8)).slots,
  'DataCache.colourOf': (w, at) => cache(w).colourOf(at('vaddr', 4096)),
  ...Object.fromEntries(
    COLOURED.map((name): [string, Call] => [
      `DataCache.${name}`,
      (w, at) => void cache(w)[name](w.page, at('colour', 0), at('offset', 0), at('lengthBytes', 8)),
    ]),
  ),
  ...Object.fromEntries(
    UNCOLOURED.map((name): [string, Call] => [
      `DataCache.${name}`,
      (w, at) => void cache(w)[name](w.page, at('offset', 0), at('lengthBytes', 8)),
    ]),
  ),
  'Execution.begin': (_w, at) => {
    const world = new Execution({ tasks: { *a(): Generator<undefined, void> {} } });
    world.begin(() => STOP, at('sameDecisions', 0));
  },
  'Execution.take': (_w, at) => {
    new Execution({ tasks: { *a(): Generator<undefined, void> {} } }).take(at('choice', 0));
  },
  'Hardware.cpu': ({ machine }, at) => machine.hardware.cpu(at('id', 0)).id,
  'Hardware.flushAlias': ({ machine, page }, at) => {
    machine.hardware.flushAlias(at('pfn', page.pfn), at('vaddr', 4096));
  },
  'Hardware.flushPageLocal': ({ machine }, at) => {
    machine.hardware.flushPageLocal(machine.hardware.cpu(0), at('pageAddr', 0));
  },
  'Hardware.flushRangeGlobal': ({ machine }, at) => {
    machine.hardware.flushRangeGlobal(at('from', 0), at('to', 0));
  },
  'IovIter.advance': ({ page }, at) => {
    sg.iovIterBvec([{ page, offset: 0, length: 8 }]).advance(at('bytes', 8));
  },
  'FixedSlots.mapFixed': ({ machine }, at) =>
    new FixedSlots(machine.hardware).mapFixed(machine.hardware.cpu(0), at('pfn', 100), 'KM_USER0'),
  'FixedSlots.unmapFixed': ({ machine }, at) => {
    new FixedSlots(machine.hardware).unmapFixed(machine.hardware.cpu(0), at('slot', 3));
  },
  'LocalSlots.address': ({ machine }, at) => machine.localSlots.address(at('slot', 0)),
  'LocalSlots.frameInStack': ({ machine, task }, at) =>
    machine.localSlots.frameInStack(task, task.cpu, at('slot', 0)),
  'LocalSlots.map': ({ machine, task }, at) => {
    const slots = new LocalSlots(machine.hardware);
    const slot = slots.map(task, task.cpu, at('pfn', 1));
    slots.unmapSlot(task, task.cpu, slot);
  },
  'LocalSlots.mayMap': ({ machine, task }, at) => machine.localSlots.mayMap(task, task.cpu, at('maps', 1)),
  'LocalSlots.slotOf': ({ machine }, at) => machine.localSlots.slotOf(at('vaddr', 0)),
  'LocalSlots.unmap': (w, at) => {
    withSlot(w, (slots, slot) => {
      slots.unmap(w.task, w.task.cpu, at('vaddr', slots.address(slot)));
    });
  },
  'LocalSlots.unmapSlot': (w, at) => {
    withSlot(w, (slots, slot) => {
      slots.unmapSlot(w.task, w.task.cpu, at('slot', slot));
    });
  },
  'PhysicalMemory.addIoRegion': (w, at) =>
    memory(w).addIoRegion(at('pages', 1), { widths: [at('options.widths[]', 4) as 4] }).length,
  'PhysicalMemory.allocate': (w, at) => memory(w).allocate('lowmem', at('count', 1), 'scattered')?.length,
  'PhysicalMemory.firstOfKind': (w, at) =>
    memory(w).firstOfKind(w.page, at('endBytes', 1), () => false) !== undefined,
  'PhysicalMemory.isOneRun': (w, at) => memory(w).isOneRun(w.page, at('count', 1)),
  'PhysicalMemory.nthPage': (w, at) => memory(w).nthPage(w.page, at('n', 1)).pfn,
  'PhysicalMemory.page': (w, at) => memory(w).page(at('pfn', 1)).pfn,
  'PhysicalMemory.pageAt': (w, at) => memory(w).pageAt(at('pfn', 1))?.pfn,
  'PhysicalMemory.touchRun': (w, at) => {
    const [fresh] = w.machine.allocPages(1, { zone: 'highmem' });
    if (fresh !== undefined) memory(w).touchRun(fresh, at('count', 1));
  },
  'PhysicalMemory.zoneOf': (w, at) => memory(w).zoneOf(at('pfn', 1))?.kind,
  'PkmapPool.address': ({ machine }, at) => machine.pkmap.address(at('slot', 0)),
  'PkmapPool.count': ({ machine }, at) => machine.pkmap.count(at('slot', 0)),
  'PkmapPool.getAtOnce': ({ machine }, at) => {
    const pool = new PkmapPool(machine.hardware);
    return pool.getAtOnce(at('pfn', machine.hardware.memory.directEnd), at('guess', 0));
  },
  'PkmapPool.putSlot': ({ machine }, at) => {
    machine.pkmap.putSlot(at('slot', 0));
  },
  'TrackingAllocator.free': (_w, at) => {
    new sg.TrackingAllocator().free('kmalloc', new sg.SgArray(1), at('slots', 1));
  },
  'TrackingAllocator.release': (_w, at) => {
    new sg.TrackingAllocator().release(at('count', 1));
  },
  'new Task': ({ machine }, at) => new Task(machine, at('id', 7), 'x', machine.hardware.cpu(0)).id,
};

// A map that a refusal left over is ended, as it is not one of the function under test.
function withSlot({ machine, task }: World, use: (slots: LocalSlots, slot: number) => void): void {
  const slots = machine.localSlots;
  const slot = slots.map(task, task.cpu, machine.hardware.memory.directEnd);
  try {
    use(slots, slot);
  } finally {
    if (task.localMaps.idx > 0) slots.unmapSlot(task, task.cpu, slot);
  }
}
