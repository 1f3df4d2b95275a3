/**
 * The local map slots: mm/highmem.c's `__kmap_local_pfn_prot`, `kunmap_local_indexed` and the context
 * switch hooks.
 *
 * Each CPU owns `KM_MAX_IDX` fixmap slots; each task keeps a stack index and the entries it set, so
 * that a context switch can clear and restore them. Interrupts push on top of the task they interrupt.
 */
import type { Cpu } from '../../machine/cpu.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Ledger } from '../../machine/ledger.ts';
import { hex, virtAddr } from '../../base/units.ts';
import type { VirtAddr } from '../../base/units.ts';
import { requireWhole } from '../../base/whole.ts';
import type { ContextState, Detail } from '../../machine/violation.ts';
import { SlotTokens } from './slot-tokens.ts';
import type { SlotLayout } from './slot-tokens.ts';

/** The highest frame that an entry of the page table can hold. */
export const MOST_PFN: number = 2 ** 31 - 2;

/** `struct kmap_ctrl` of a task: how many entries are in use, and what they map. */
export class SlotStack extends SlotTokens {
  /** The slot of index 0 on the task's CPU. */
  firstSlot = 0;
  private readonly saved: Int32Array;
  private readonly maxIdx: number;

  constructor(kmMaxIdx: number, slots: LocalSlots) {
    super(slots);
    this.maxIdx = kmMaxIdx;
    this.saved = new Int32Array(this.maxIdx);
    slots.ledger.include(this);
  }

  /** The number of maps in slots; each keeps the task on its CPU. */
  get depth(): number {
    return this.idx / this.increment;
  }

  /** Frame number + 1 by index, 0 if empty. With guard slots the even indexes stay empty. */
  get entries(): Int32Array {
    for (let depth = 0; depth < this.waiting.length; depth += 1) this.#save(depth);
    return this.saved;
  }

  // While a task runs, a map with a token sets only the page-table entry, so it need not write the frame twice.
  #save(depth: number): void {
    const token = this.waiting[depth]?.value;
    const index = depth + this.increment - 1;
    if (index >= this.idx) this.saved[index] = 0;
    else if (token?.live === true && this.ptes[token.slot] === token.page.pfn + 1)
      this.saved[index] = token.page.pfn + 1;
  }

  /** Moves the task to the slots of a CPU; drops windows that wait at slots of another CPU. */
  moveTo(cpu: Cpu): void {
    const firstSlot = this.maxIdx * cpu.id;
    if (this.firstSlot !== firstSlot) this.waiting.length = 0;
    this.firstSlot = firstSlot;
  }

  /** Counts maps that were made and released one after the other in one slot. */
  count(maps: number): void {
    this.slotMaps += maps;
    this.slotUnmaps += maps;
  }

  /** Clears all state, as `kmap_local_fork` does for a child. */
  reset(): void {
    this.idx = 0;
    this.saved.fill(0);
  }
}

/** The part of a task that the slots use: its stack, and the counts that a wrong unmap changes. */
export interface SlotUser {
  readonly localMaps: SlotStack;
  preemptCount: number;
  /** The number of `migrate_disable` calls and of maps on the stack. */
  migrateDisabled: number;
  state(): ContextState;
}

/**
 * The local slots of one machine. A variant extends this class, overrides the protected functions, and is given to
 * `createMachine` or to a program as the part `localSlots`.
 */
export class LocalSlots implements SlotLayout {
  protected readonly hardware: Hardware;
  /** Number of indexes that a map takes: 2 with guard slots, else 1. */
  readonly increment: number;
  /** The page-table entries of the slots of all CPUs, which also count their cost. */
  readonly ptes: Int32Array;
  readonly ledger: Ledger;
  /** Frames below this one have a permanent address and are not mapped in a slot. */
  readonly slotsFrom: number;
  /** Whether a slot that the page has in kmap's pool is used first. */
  readonly asksPool: boolean;
  readonly pageSize: number;
  /** Indexes of one CPU (`KM_MAX_IDX`). */
  protected readonly maxIdx: number;
  /** Nested maps take indexes below this one; a variant that uses some for itself lowers it. */
  protected stackLimit: number;
  /** Whether the data cache has aliases, so that lines are written back where a map begins and ends. */
  protected readonly hasAliases: boolean;
  /** Whether it is a variant, whose hooks no fast path may leave out. */
  readonly isVariant: boolean;

  constructor(hardware: Hardware) {
    this.hardware = hardware;
    this.slotsFrom = hardware.config.forceMap ? 0 : hardware.memory.directEnd;
    this.asksPool = hardware.config.kmapHighGet;
    this.pageSize = hardware.config.pageSize;
    this.increment = hardware.config.debugKmapLocal ? 2 : 1;
    this.ptes = hardware.pageTable.local.entries;
    this.ledger = hardware.ledger;
    this.maxIdx = hardware.config.kmMaxIdx;
    this.stackLimit = this.maxIdx;
    this.hasAliases = hardware.config.dcacheColours > 1;
    this.isVariant = new.target !== LocalSlots;
  }

  /** Maps a frame in the next slot of the CPU; returns the slot's number among those of all CPUs. */
  map(user: SlotUser, cpu: Cpu, pfn: number): number {
    requireWhole('pfn', pfn, 0, MOST_PFN);
    const { localMaps } = user;
    if (cpu.hardirqDepth > 0 && !cpu.irqsDisabled) this.hardirqWithIrqs(user, pfn);
    const idx = localMaps.idx + this.increment;
    if (idx >= this.stackLimit) this.overflow(user, pfn, idx);
    localMaps.idx = idx;
    const slot = idx - 1 + this.maxIdx * cpu.id;
    this.hardware.interruptPoint?.(cpu, 'kmap_local: index taken');
    this.checkEmpty(user, slot);
    if (this.hasAliases) this.preMap(pfn);
    this.set(slot, pfn);
    localMaps.entries[idx - 1] = pfn + 1;
    return slot;
  }

  /**
   * Unmaps by address: clears the slot on top of the stack and flushes the given address. In a wrong order it
   * warns, unless the caller has reported that, and still pops the top, as Linux does.
   */
  unmap(user: SlotUser, cpu: Cpu, vaddr: number, isReported = false): void {
    const hardware = this.hardware;
    const { localMaps } = user;
    const pageAddr = hardware.addresses.pageBase(vaddr);
    const strict = hardware.config.semantics === 'strict';
    if (strict && localMaps.idx === 0) this.underflow(user, vaddr);
    const slot = localMaps.idx - 1 + this.maxIdx * cpu.id;
    if (!isReported && pageAddr !== hardware.addresses.local(slot)) this.outOfOrder(user, cpu, vaddr);
    this.release(user, cpu, slot, pageAddr);
    if (localMaps.idx < 0) {
      // Linux stops here inside its preempt-off section, before it lowers the count and calls migrate_enable.
      user.preemptCount += 1;
      user.migrateDisabled += 1;
      this.underflow(user, vaddr);
    }
  }

  /** `unmap` by slot. It computes no addresses unless a rule is broken or the machine keeps a trace. */
  unmapSlot(user: SlotUser, cpu: Cpu, slot: number, isReported = false): void {
    const hardware = this.hardware;
    const { localMaps } = user;
    const top = localMaps.idx - 1;
    if (
      this.isVariant ||
      top < 0 ||
      slot !== top + this.maxIdx * cpu.id ||
      hardware.trace !== undefined ||
      this.hasAliases ||
      !cpu.tlb.isEmpty
    ) {
      this.unmap(user, cpu, this.address(slot), isReported);
      return;
    }
    hardware.pageTable.local.clear(slot);
    hardware.ledger.pteWrites += 1;
    hardware.ledger.flushesLocal += 1;
    localMaps.entries[top] = 0;
    localMaps.idx -= this.increment;
  }

  /** Whether this many nested maps would find empty slots and cause no report. */
  mayMap(user: SlotUser, cpu: Cpu, maps: number): boolean {
    requireWhole('maps', maps);
    if (this.isVariant || this.asksPool || (cpu.hardirqDepth > 0 && !cpu.irqsDisabled)) return false;
    let { idx } = user.localMaps;
    for (let n = 0; n < maps; n += 1) {
      idx += this.increment;
      if (idx >= this.stackLimit || !this.isClean(cpu, idx - 1 + this.maxIdx * cpu.id)) return false;
    }
    return true;
  }

  // Whether the slots that a map would use are empty.
  private isClean(cpu: Cpu, slot: number): boolean {
    const { pageTable, addresses } = this.hardware;
    if (pageTable.local.get(slot) >= 0) return false;
    return cpu.tlb.isEmpty || cpu.tlb.lookup(addresses.local(slot)) === undefined;
  }

  /** `__kmap_local_sched_out`: clears the outgoing task's entries from the CPU's slots. */
  schedOut(user: SlotUser, cpu: Cpu): void {
    this.eachEntry(user, cpu, (slot) => {
      if (this.hasAliases) this.preUnmap(this.hardware.addresses.local(slot));
      this.clear(slot);
      this.hardware.flushPageLocal(cpu, this.hardware.addresses.local(slot));
    });
  }

  /** `__kmap_local_sched_in`: sets the incoming task's entries again. */
  schedIn(user: SlotUser, cpu: Cpu): void {
    this.eachEntry(user, cpu, (slot, pfn) => {
      this.set(slot, pfn);
    });
  }

  /** The frame that a task maps in a slot of this CPU, or -1. */
  frameInStack(user: SlotUser, cpu: Cpu, slot: number): number {
    const index = slot - this.maxIdx * cpu.id;
    if (index < 0 || index >= user.localMaps.idx) return -1;
    return (user.localMaps.entries[index] ?? 0) - 1;
  }

  /** The address of the first byte of a slot. */
  address(slot: number): VirtAddr {
    const { addresses } = this.hardware;
    requireWhole('slot', slot, 0, addresses.localSlots - 1);
    return addresses.local(slot);
  }

  /** The slot of an address in the fixmap range, or -1. */
  slotOf(vaddr: number): number {
    const { addresses } = this.hardware;
    const slot = (addresses.fixmapTop - addresses.pageBase(vaddr)) / addresses.pageSize;
    return slot >= 0 && slot < addresses.localSlots ? slot : -1;
  }

  /** Returns one line for each slot, for reports; `marks` has notes for some slots. */
  dump(user: SlotUser, cpu: Cpu, marks: ReadonlyMap<number, string> = new Map()): Detail {
    const lines: string[] = [];
    for (let i = this.increment - 1; i < user.localMaps.idx; i += this.increment) {
      const slot = i + this.maxIdx * cpu.id;
      const entry = (user.localMaps.entries[i] ?? 0) - 1;
      const mark = marks.get(slot);
      lines.push(
        `${String(slot)}: ${entry < 0 ? '-' : `pfn ${hex(entry)}`}${mark === undefined ? '' : `  <- ${mark}`}`,
      );
    }
    return { label: 'slots', text: lines.length === 0 ? 'none in use' : lines.join('\n') };
  }

  /** How the switch hooks test whether a saved entry is empty. */
  protected isEmpty(saved: number): boolean {
    return saved === 0;
  }

  /** Reports a slot that is handed out while its entry is set. A variant without this check overrides it. */
  protected checkEmpty(user: SlotUser, slot: number): void {
    const frame = this.hardware.pageTable.local.get(slot);
    if (frame < 0) return;
    this.hardware.violate({
      rule: 'slot-busy',
      severity: 'bug',
      what: `slot ${String(slot)} is handed out while it still maps pfn ${hex(frame)}`,
      context: this.mapper(user),
    });
  }

  /** What an unmap does after its checks: clears the entry, flushes the address, and gives the index up. */
  protected release(user: SlotUser, cpu: Cpu, slot: number, pageAddr: number): void {
    const { hardware } = this;
    const { localMaps } = user;
    if (this.hasAliases) this.preUnmap(pageAddr);
    this.clear(slot);
    hardware.interruptPoint?.(cpu, 'kunmap_local: entry cleared');
    hardware.flushPageLocal(cpu, pageAddr);
    if (localMaps.idx > 0) localMaps.entries[localMaps.idx - 1] = 0;
    localMaps.idx -= this.increment;
  }

  /**
   * Before a map, on a machine whose data cache has aliases: writes back what the page has under the
   * kernel's other addresses, its slot in kmap's pool and its permanent address, so that the map does not miss it.
   */
  protected preMap(pfn: number): void {
    const { hardware } = this;
    const { memory, addresses, pageTable } = hardware;
    const page = memory.pageAt(pfn);
    const pooled = pageTable.pkmap.entries.indexOf(pfn + 1);
    if (pooled >= 0) hardware.flushAlias(pfn, addresses.pkmap(pooled));
    if (page !== undefined && memory.isDirect(page)) hardware.flushAlias(pfn, addresses.direct(pfn));
  }

  /** `arch_kmap_local_pre_unmap` on such a machine: writes back and drops the lines at the address, still mapped. */
  protected preUnmap(pageAddr: number): void {
    const slot = this.slotOf(pageAddr);
    const pfn = slot < 0 ? -1 : this.hardware.pageTable.local.get(slot);
    if (pfn >= 0) this.hardware.flushAlias(pfn, pageAddr);
  }

  /** Visits the entries that a task holds, with the slots of a CPU for them: what the switch hooks do. */
  protected eachEntry(user: SlotUser, cpu: Cpu, visit: (slot: number, pfn: number) => void): void {
    const { idx, entries } = user.localMaps;
    for (let i = 0; i < idx; i += 1) {
      const entry = entries[i] ?? 0;
      const slot = i + this.maxIdx * cpu.id;
      // With guard slots: the unused index between two maps.
      if (this.increment === 2 && i % 2 === 0) {
        if (!this.isEmpty(entry)) this.guardInUse(user, slot);
      } else if (entry !== 0) visit(slot, entry - 1);
    }
  }

  /** Sets the entry of a slot. */
  protected set(slot: number, pfn: number): void {
    const hardware = this.hardware;
    hardware.pageTable.local.set(slot, pfn);
    hardware.ledger.pteWrites += 1;
    if (hardware.trace !== undefined) hardware.trace.record({ event: 'local-set', slot, pfn });
  }

  /** Clears the entry of a slot. */
  protected clear(slot: number): void {
    const hardware = this.hardware;
    if (slot >= 0) hardware.pageTable.local.clear(slot);
    hardware.ledger.pteWrites += 1;
    if (hardware.trace !== undefined) hardware.trace.record({ event: 'local-clear', slot });
  }

  /** The state of the context that maps, for reports. A handler uses the slots of the task that it interrupted. */
  protected mapper(user: SlotUser): ContextState {
    const executing = this.hardware.executing?.();
    return (executing?.task === user ? executing : user).state();
  }

  private guardInUse(user: SlotUser, slot: number): void {
    this.hardware.violate({
      rule: 'slot-guard',
      what: `guard slot ${String(slot)} holds an entry that was saved`,
      context: user.state(),
    });
  }

  private hardirqWithIrqs(user: SlotUser, pfn: number): void {
    this.hardware.violate({
      rule: 'map-in-hardirq',
      what: `kmap_local of pfn ${hex(pfn)} in hard interrupt context while interrupts are enabled`,
      context: this.mapper(user),
    });
  }

  private overflow(user: SlotUser, pfn: number, idx: number): void {
    if (this.hardware.config.semantics === 'compatible') {
      user.preemptCount += 1;
      user.localMaps.idx = idx;
    }
    this.hardware.violate({
      rule: 'slot-overflow',
      severity: 'bug',
      what: `kmap_local of pfn ${hex(pfn)} needs index ${String(idx)}; KM_MAX_IDX is ${String(this.maxIdx)}`,
      context: this.mapper(user),
    });
  }

  private underflow(user: SlotUser, vaddr: number): void {
    this.hardware.violate({
      rule: 'slot-underflow',
      severity: 'bug',
      what: `kunmap_local(${hex(vaddr)}) with no local map in use`,
      context: this.mapper(user),
    });
  }

  private outOfOrder(user: SlotUser, cpu: Cpu, vaddr: number): void {
    const asked = this.slotOf(vaddr);
    const top = user.localMaps.idx - 1 + this.maxIdx * cpu.id;
    const topFrame = (user.localMaps.entries[user.localMaps.idx - 1] ?? 0) - 1;
    const where = asked < 0 ? `${hex(vaddr)} (no slot)` : `${hex(virtAddr(vaddr))} (slot ${String(asked)})`;
    this.hardware.violate({
      rule: 'unmap-order',
      what: `kunmap_local of ${where}, but the newest map is slot ${String(top)}${topFrame < 0 ? '' : `, pfn ${hex(topFrame)}`}`,
      context: this.mapper(user),
      details: [
        this.dump(
          user,
          cpu,
          new Map([
            [asked, 'asked for'],
            [top, 'last mapped'],
          ]),
        ),
      ],
    });
  }
}
