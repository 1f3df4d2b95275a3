/** A call of every public function of two objects that takes no number: those with a number are in `numbers/calls.ts`. */
import * as sg from 'scatterlist';
import type { MapBackend, MemoryKind } from 'scatterlist';
import * as backend from 'scatterlist/backend';
import { iomemBounce } from 'scatterlist/backends';
import * as kernel from 'scatterlist/machine';
import type { World as Numbers } from '../numbers/calls.ts';

/** What belongs to one machine. */
export interface World extends Numbers {
  readonly mapped: (make: (task: kernel.Task, page: kernel.Page) => kernel.Window) => kernel.Window;
  /** Of the same task as `local`. */
  readonly second: MapBackend;
  readonly iter: sg.IovIter<MemoryKind>;
  readonly irq: kernel.Interrupt;
  readonly queue: kernel.WaitQueue;
}

export type Call = (world: World) => unknown;

const bytes = (): Uint8Array => new Uint8Array(8);
const folio = (w: World): kernel.Folio => new kernel.Folio(w.page, 1);
const run = <T>(task: kernel.Task, work: kernel.Sleeping<T>): T => sg.runAlone(task, work);

/** Calls of a lock that is free, and of one that the task of its own machine holds. */
function locks(raw: boolean): Readonly<Record<string, Call>> {
  const spin = (w: World): kernel.SpinLock => new kernel.SpinLock(w.machine, 'l', { raw });
  const held = (w: World): kernel.SpinLock => {
    const lock = spin(w);
    lock.holders.push(w.task);
    return lock;
  };
  return {
    'SpinLock.lock': (w) => run(w.task, spin(w).lock(w.task)),
    'SpinLock.lockBh': (w) => run(w.task, spin(w).lockBh(w.task)),
    'SpinLock.lockIrq': (w) => run(w.task, spin(w).lockIrq(w.task)),
    'SpinLock.lockIrqsave': (w) => run(w.task, spin(w).lockIrqsave(w.task)),
    'SpinLock.tryLock': (w) => spin(w).tryLock(w.task) || held(w).tryLock(w.task),
    'SpinLock.unlock': (w) => spin(w).unlock(w.task),
    'SpinLock.unlockBh': (w) => spin(w).unlockBh(w.task),
    'SpinLock.unlockIrq': (w) => spin(w).unlockIrq(w.task),
    'SpinLock.unlockIrqrestore': (w) => spin(w).unlockIrqrestore(w.task, true),
  };
}

const LOCKS: Readonly<Record<string, Call>> = {
  ...locks(false),
  'Completion.complete': (w) => new kernel.Completion(w.machine, 'l').complete(w.task),
  'Completion.wait': (w) => run(w.task, new kernel.Completion(w.machine, 'l').wait(w.task)),
  'Completion.completeAll': (w) => new kernel.Completion(w.machine, 'l').completeAll(w.task),
  'Completion.reinit': (w) => new kernel.Completion(w.machine, 'l').reinit(w.task),
  'Completion.tryWait': (w) => new kernel.Completion(w.machine, 'l').tryWait(w.task),
  'Mutex.lock': (w) => run(w.task, new kernel.Mutex(w.machine, 'l').lock(w.task)),
  'Mutex.tryLock': (w) => new kernel.Mutex(w.machine, 'l').tryLock(w.task),
  'Mutex.unlock': (w) => new kernel.Mutex(w.machine, 'l').unlock(w.task),
  'RwSemaphore.downRead': (w) => run(w.task, new kernel.RwSemaphore(w.machine, 'l').downRead(w.task)),
  'RwSemaphore.downWrite': (w) => run(w.task, new kernel.RwSemaphore(w.machine, 'l').downWrite(w.task)),
  'RwSemaphore.downgradeWrite': (w) => new kernel.RwSemaphore(w.machine, 'l').downgradeWrite(w.task),
  'RwSemaphore.tryDownRead': (w) => new kernel.RwSemaphore(w.machine, 'l').tryDownRead(w.task),
  'RwSemaphore.tryDownWrite': (w) => new kernel.RwSemaphore(w.machine, 'l').tryDownWrite(w.task),
  'RwSemaphore.upRead': (w) => new kernel.RwSemaphore(w.machine, 'l').upRead(w.task),
  'RwSemaphore.upWrite': (w) => new kernel.RwSemaphore(w.machine, 'l').upWrite(w.task),
  'WaitQueue.add': ({ queue, task }) => queue.add(task),
  'WaitQueue.remove': ({ queue, task }) => queue.remove(task),
  waitEvent: ({ queue, task }) =>
    run(
      task,
      kernel.waitEvent(task, queue, () => true),
    ),
};

const MACHINE: Readonly<Record<string, Call>> = {
  'Machine.enter': ({ machine, task }) => machine.enter(task),
  'Machine.exitTask': ({ machine, task }) => machine.exitTask(task),
  'Machine.flushDcachePage': ({ machine, page }) => machine.flushDcachePage(page),
  'Machine.fork': ({ machine, task }) => machine.fork(task, 'child'),
  'Machine.freeFolio': (w) => w.machine.freeFolio(folio(w)),
  'Machine.freePage': ({ machine, page }) => machine.freePage(page),
  'Machine.irqExit': ({ machine, irq }) => machine.irqExit(irq),
  'Machine.physical': ({ machine, page }) => machine.physical(page),
  'Machine.schedule': ({ machine, task }) => machine.schedule(task),
  'FolioMap.of': ({ machine, page }) => machine.folios.of(page),
  'FolioMap.split': (w) => w.machine.folios.split(folio(w)),
  folioTestPartialKmap: (w) => kernel.folioTestPartialKmap(w.machine, folio(w)),
  skbFragMustLoop: ({ machine, page }) => kernel.skbFragMustLoop(machine, page),
  sgVirt: ({ entry, machine }) => sg.sgVirt(entry, machine),
};

type Two = (task: kernel.Task, one: kernel.Page, other: kernel.Page) => unknown;
const pair =
  (call: Two): Call =>
  ({ task, page, pages }) =>
    call(task, page, pages[1]!);
const one =
  (call: (task: kernel.Task, page: kernel.Page) => unknown): Call =>
  ({ task, page }) =>
    call(task, page);
const release =
  (
    make: (task: kernel.Task, page: kernel.Page) => kernel.Window,
    call: (task: kernel.Task, window: kernel.Window) => unknown,
  ): Call =>
  ({ task, mapped }) =>
    call(task, mapped(make));
const { kmapLocalPage, kmapAtomic } = kernel;
const pooled = (task: kernel.Task, page: kernel.Page): kernel.Window => run(task, kernel.kmap(task, page));
function valueOf<T>(made: { readonly ok: true; readonly value: T } | { readonly ok: false }): T {
  if (!made.ok) throw new Error('not made');
  return made.value;
}
const device = (task: kernel.Task): kernel.Page<'iomem'> => task.machine.ioRegion(1)[0]!;
const remapped = (task: kernel.Task): kernel.Window => valueOf(kernel.ioremap(task, device(task).phys, 8));

const bounced = (task: kernel.Task): kernel.Window => valueOf(iomemBounce(task).map(device(task), 0, 8));

const KERNEL: Readonly<Record<string, Call>> = {
  clearHighpage: one(kernel.clearHighpage),
  clearUserHighpage: one(kernel.clearUserHighpage),
  copyHighpage: pair(kernel.copyHighpage),
  copyMcHighpage: pair(kernel.copyMcHighpage),
  copyMcUserHighpage: pair(kernel.copyMcUserHighpage),
  copyUserHighpage: pair(kernel.copyUserHighpage),
  flushDcachePage: one(kernel.flushDcachePage),
  flushDcacheFolio: (w) => kernel.flushDcacheFolio(w.task, folio(w)),
  kmap: one(pooled),
  kmapAtomic: one(kmapAtomic),
  kmapHighGet: one(kernel.kmapHighGet),
  kmapLocalPage: one(kmapLocalPage),
  kmapLocalPageTryFromPanic: one(kernel.kmapLocalPageTryFromPanic),
  kunmap: one(kernel.kunmap),
  kunmapHigh: one(kernel.kunmapHigh),
  pageAddressOf: ({ task, page }) => kernel.pageAddressOf(task, page),
  pageToVirt: ({ machine, page }) => kernel.pageToVirt(machine, page),
  pageAddress: one(kernel.pageAddress),
  pgmapSetNoaccess: one(kernel.pgmapSetNoaccess),
  pgmapSetReadwrite: one(kernel.pgmapSetReadwrite),
  vmap: one((task, page) => kernel.vmap(task, [page])),
  'kunmap(window)': release(pooled, kernel.kunmap),
  'kunmapHigh(window)': release(pooled, kernel.kunmapHigh),
  'kunmapLocal(window)': release(kmapLocalPage, kernel.kunmapLocal),
  'kunmapAtomic(window)': release(kmapAtomic, kernel.kunmapAtomic),
  folioReleaseKmap: release(kmapLocalPage, kernel.folioReleaseKmap),
  closeDirect: release((task, page) => backend.openDirect(task, page, 0, 8)!, backend.closeDirect),
  unmapIo: release((task) => backend.mapIo(task, device(task), 0, 8), backend.unmapIo),
  ioMappingUnmapLocal: release((task) => backend.mapIo(task, device(task), 0, 8), kernel.ioMappingUnmapLocal),
  ioMappingUnmapAtomic: release(kmapAtomic, kernel.ioMappingUnmapAtomic),
  ioMappingUnmap: release(remapped, kernel.ioMappingUnmap),
  iounmap: release(remapped, kernel.iounmap),
  vunmap: release((task, page) => valueOf(kernel.vmap(task, [page])), kernel.vunmap),
  vunmapPfn: release((task) => valueOf(kernel.vmapPfn(task, [device(task).pfn])), kernel.vunmapPfn),
  syncForCpu: release(bounced, (task, window) => kernel.syncForCpu(task, window as kernel.BounceWindow)),
  syncForDevice: release(bounced, (task, window) =>
    kernel.syncForDevice(task, window as kernel.BounceWindow),
  ),
};

const LISTS: Readonly<Record<string, Call>> = {
  sgAssignPage: ({ entry, page }) => sg.sgAssignPage(entry, page),
  sgCopyFromBuffer: ({ table, local }) => sg.sgCopyFromBuffer(table, bytes(), local),
  'sgCopyList, two backends': ({ table, local, second }) =>
    sg.sgCopyList(table, table, { lengthBytes: 8 }, local, second),
  'sgCompare, two backends': ({ table, local, second }) =>
    sg.sgCompare(table, table, { lengthBytes: 8 }, local, second),
  sgCopyToBuffer: ({ table, local }) => sg.sgCopyToBuffer(table, bytes(), local),
  sglFree: ({ machine, table }) => sg.sglFree(table.sgl!, sg.pageSource(machine, 'lowmem')),
  unpinUserPage: ({ iter, page }) => sg.unpinUserPage(iter, page),
  dmaMapSgtable: ({ task, dma, table }) => sg.dmaMapSgtable(task, dma, table, 'toDevice'),
  dmaSyncSgtableForCpu: ({ task, dma, table }) => sg.dmaSyncSgtableForCpu(task, dma, table, 'toDevice'),
  dmaSyncSgtableForDevice: ({ task, dma, table }) => sg.dmaSyncSgtableForDevice(task, dma, table, 'toDevice'),
  dmaUnmapSgtable: ({ task, dma, table }) => sg.dmaUnmapSgtable(task, dma, table, 'toDevice'),
};

/** By function. */
export const OF_TWO: Readonly<Record<string, Call>> = { ...LOCKS, ...MACHINE, ...KERNEL, ...LISTS };

/** The same for locks that do not sleep on PREEMPT_RT. */
export const RAW: Readonly<Record<string, Call>> = locks(true);
