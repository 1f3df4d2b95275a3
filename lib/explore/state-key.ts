/**
 * The state of a machine as a number: everything that its future depends on.
 *
 * Costs (the ledger) and identities (serial numbers) are left out: no kernel code can see them.
 */
import type { Machine } from '../kernel/machine.ts';
import type { Cpu } from '../machine/cpu.ts';
import { Hash } from './hash.ts';
import type { Observer } from './observer.ts';

const pageHash = new Hash();

/** Adds the state of a machine to a hash. */
export function addMachine(hash: Hash, machine: Machine, observer: Observer): void {
  for (const cpu of machine.hardware.cpus) addCpu(hash, machine, cpu);
  for (const task of machine.tasks) {
    hash.add(task.cpu.id).add(task.preemptCount).add(task.pagefaultDisabled).add(task.migrateDisabled);
    hash
      .add(task.keyGrants)
      .add(task.exited ? 1 : 0)
      .addText(task.asleepOn?.name ?? '');
    hash.add(task.localMaps.idx);
    for (let i = 0; i < task.localMaps.idx; i += 1) hash.add(task.localMaps.entries[i] ?? 0);
  }
  addTables(hash, machine, observer);
  addMemory(hash, machine, observer);
  for (const window of machine.live) {
    hash.addText(window.owner.name).add(window.page.pfn).add(window.pageOffset).add(window.slot);
  }
}

function addCpu(hash: Hash, machine: Machine, cpu: Cpu): void {
  hash
    .add(cpu.hardirqDepth)
    .add(cpu.softirqDepth)
    .add(cpu.nmiDepth)
    .add(cpu.irqsDisabled ? 1 : 0);
  for (const [page, frame] of cpu.tlb.entries()) hash.add(page).add(frame);
  const top = machine.running(cpu.id);
  // Which preemptible task was last on the CPU makes no difference: the next switch is free.
  const matters = !isQuiet(machine, cpu);
  hash.addText(matters ? top.name : '');
}

/** Whether a CPU is between atomic sections, its task without local maps: a switch has no effect there. */
export function isQuiet(machine: Machine, cpu: Cpu): boolean {
  const top = machine.running(cpu.id);
  return (
    top.kind === 'task' &&
    !cpu.irqsDisabled &&
    cpu.softirqDepth === 0 &&
    top.task.preemptCount === 0 &&
    top.task.localMaps.idx === 0
  );
}

function addTables(hash: Hash, machine: Machine, observer: Observer): void {
  const { pageTable } = machine.hardware;
  for (let slot = 0; slot < pageTable.local.pages; slot += 1) {
    const frame = pageTable.local.get(slot);
    if (frame >= 0) hash.add(slot).add(frame);
  }
  hash.add(-1);
  if (!observer.poolUsed) return;
  for (const [slot, count] of machine.pkmap.counts.entries()) {
    const frame = pageTable.pkmap.get(slot);
    if (count !== 0 || frame >= 0) hash.add(slot).add(count).add(frame);
  }
  for (const cursor of machine.pkmap.cursors) hash.add(cursor);
}

function addMemory(hash: Hash, machine: Machine, observer: Observer): void {
  const { memory } = machine.hardware;
  for (const page of [...observer.dirty.keys()].sort((a, b) => a.pfn - b.pfn)) {
    let content = observer.dirty.get(page);
    if (content === undefined) {
      content = pageHash.reset().addBytes(memory.bytesOf(page)).value;
      observer.dirty.set(page, content);
    }
    hash.add(page.pfn).add(content);
  }
  for (const frame of [...observer.allocated].sort((a, b) => a - b)) hash.add(frame);
  hash.add(observer.history.value);
}
