/**
 * The state of a machine as a number: everything that its future depends on.
 *
 * Costs (the ledger) and identities (serial numbers) are left out: no kernel code can see them.
 */
import { Interrupt } from '../kernel/core/machine.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import { isReachable } from '../kernel/core/page-lifetime.ts';
import type { Cpu } from '../machine/cpu.ts';
import { Hash } from '../base/hash.ts';
import type { MachineConfig } from '../machine/config.ts';
import type { Page } from '../machine/memory.ts';
import type { Observer } from './observer.ts';
import type { Program } from './program.ts';
import { addCache } from './structure.ts';

const pageHash = new Hash();
/** Sums of hashes stay below this. */
const SUMS = 2 ** 52;

/** Adds the state of a machine to a hash. */
export function addMachine(
  hash: Hash,
  machine: Machine,
  observer: Observer,
  followPlaces: boolean = observer.followPlaces,
): void {
  for (const cpu of machine.hardware.cpus) addCpu(hash, machine, cpu, observer.followSlots, followPlaces);
  for (const task of machine.tasks) {
    hash.add(task.cpu.id).add(task.preemptCount).add(task.pagefaultDisabled).add(task.migrateDisabled);
    hash
      .add(task.keyGrants)
      .add(task.exited ? 1 : 0)
      .addText(task.asleepOn?.name ?? '');
    hash.add(task.localMaps.idx);
    for (let i = 0; i < task.localMaps.idx; i += 1) hash.add(task.localMaps.entries[i] ?? 0);
  }
  addTables(hash, machine, observer, followPlaces);
  const { dataCache } = machine.hardware;
  if (dataCache !== undefined) addCache(hash, dataCache);
  addMemory(hash, machine, observer);
  addWindows(hash, machine, followPlaces);
}

// Which of two was made first matters only where both are of one page: a release by page takes the newest.
function addWindows(hash: Hash, machine: Machine, followPlaces: boolean): void {
  let sum = 0;
  const ordinals = new Map<Page, number>();
  for (const window of machine.live) {
    const { owner, page, pageOffset, lengthBytes, slot, area, how } = window;
    const ordinal = ordinals.get(page) ?? 0;
    ordinals.set(page, ordinal + 1);
    const own = pageHash.reset().add(ordinal).addText(owner.name).addText(how.name).addText(area);
    own.add(page.pfn).add(pageOffset).add(lengthBytes);
    own.add(followPlaces || area !== 'pkmap' ? slot : -1);
    // A mapping may be older than what its pages are now.
    for (const frame of window.frames()) own.add(isReachable(frame, window.serial) ? 1 : 0);
    sum = (sum + (own.value % SUMS)) % SUMS;
  }
  hash.add(ordinals.size).add(sum);
}

/** Whether a live mapping is to be released by something that its mechanism does not tell. */
export function hasForeignReleaser(machine: Machine): boolean {
  for (const { how, releaser } of machine.live) if (releaser !== how) return true;
  return false;
}

function addCpu(hash: Hash, machine: Machine, cpu: Cpu, followSlots: boolean, followPlaces: boolean): void {
  hash
    .add(cpu.hardirqDepth)
    .add(cpu.softirqDepth)
    .add(cpu.nmiDepth)
    .add(cpu.irqsDisabled ? 1 : 0);
  const { fixmapTop, localSlots, pageSize, pkmapBase } = machine.hardware.addresses;
  const lowestLocal = fixmapTop - (localSlots - 1) * pageSize;
  for (const [page, frame] of cpu.tlb.entries()) {
    const isPooled = page >= pkmapBase && page < lowestLocal;
    if (isPooled ? followPlaces : followSlots || page < lowestLocal) hash.add(page).add(frame);
  }
  const top = machine.running(cpu.id);
  // If the next switch has no effect, it makes no difference which task was last on the CPU.
  hash.addText(switchIsFree(machine, cpu, followSlots) ? '' : top.name);
  for (let on: Context = top; on instanceof Interrupt; on = on.interrupted)
    hash.addText(on.interrupted.name).add(on.irqsDisabledAtEntry ? 1 : 0);
}

/**
 * Whether the local slots of a program must be followed entry by entry. The kernel's own put back on a
 * switch exactly what they cleared, so that it makes no difference which task was last on a CPU; not
 * so where a variant replaces them, where quirks are let through, or where an interrupt pushes its maps
 * on top of whichever task it meets.
 */
export function followsSlots(program: Program): boolean {
  const { allow = [], interrupts = {}, machine, parts } = program;
  const asMade = parts?.localSlots === undefined && machine?.semantics !== 'compatible' && allow.length === 0;
  return !asMade || Object.keys(interrupts).length > 0;
}

/**
 * Whether it makes a difference which slot of the kmap pool a page has, apart from what the program reads of the machine.
 * The kernel's own pool gives a slot whenever one has no user, and no mapping outlives its release on a strict machine, so
 * that only its address tells a slot from another. Not so where the data cache has colours, or quirks are let through.
 */
export function followsPlaces({ allow = [], parts }: Program, config: MachineConfig): boolean {
  if (parts !== undefined || allow.length > 0) return true;
  const { semantics, dcacheColours, pkmapColours, kmapHighGet } = config;
  return semantics !== 'strict' || dcacheColours > 0 || pkmapColours > 1 || kmapHighGet;
}

/** Whether a switch on a CPU would have no effect: no atomic section, and no local maps that are followed. */
export function switchIsFree(machine: Machine, cpu: Cpu, followSlots: boolean): boolean {
  const top = machine.running(cpu.id);
  return (
    top.kind === 'task' &&
    !cpu.irqsDisabled &&
    cpu.softirqDepth === 0 &&
    top.task.preemptCount === 0 &&
    (!followSlots || top.task.localMaps.idx === 0)
  );
}

function addTables(hash: Hash, machine: Machine, observer: Observer, followPlaces: boolean): void {
  const { pageTable } = machine.hardware;
  for (let slot = 0; observer.followSlots && slot < pageTable.local.pages; slot += 1) {
    const frame = pageTable.local.get(slot);
    if (frame >= 0) hash.add(slot).add(frame);
  }
  hash.add(-1);
  if (!observer.seen.poolUsed) return;
  if (!followPlaces) {
    addUsers(hash, machine);
    return;
  }
  const { counts } = machine.pkmap;
  for (let slot = 0; slot < counts.length; slot += 1) {
    const count = counts[slot] ?? 0;
    const frame = pageTable.pkmap.get(slot);
    if (count !== 0 || frame >= 0) hash.add(slot).add(count).add(frame);
  }
  for (const cursor of machine.pkmap.cursors) hash.add(cursor);
}

// Whether a page gets a slot depends only on how many pages are in use: a search that wraps around frees all others.
function addUsers(hash: Hash, machine: Machine): void {
  let sum = 0;
  const { counts } = machine.pkmap;
  for (let slot = 0; slot < counts.length; slot += 1) {
    const count = counts[slot] ?? 0;
    if (count > 1) {
      const own = pageHash.reset().add(machine.hardware.pageTable.pkmap.get(slot)).add(count).value;
      sum = (sum + (own % SUMS)) % SUMS;
    }
  }
  hash.add(sum);
}

// Pages and frames are added up, so that their order makes no difference and they need no sorting.
function addMemory(hash: Hash, machine: Machine, observer: Observer): void {
  const { memory } = machine.hardware;
  let sum = 0;
  const { seen } = observer;
  for (const pfn of seen.dirty) {
    const content = seen.contentOf(
      pfn,
      (frame) => pageHash.reset().addBytes(memory.bytesOf(memory.page(frame))).value,
    );
    sum = (sum + (pageHash.reset().add(pfn).add(content).value % SUMS)) % SUMS;
  }
  hash.add(sum);
  for (const [page, marks] of machine.uninitialised.pages) hash.add(page.pfn).addBytes(marks);
  for (const [id, value] of [...seen.atomics].sort((a, b) => a[0] - b[0])) hash.add(id).add(value);
  sum = 0;
  for (const frame of seen.allocated) sum = (sum + (pageHash.reset().add(frame).value % SUMS)) % SUMS;
  hash.add(sum).add(seen.history.value);
}
