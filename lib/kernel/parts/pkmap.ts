/**
 * The kmap pool: mm/highmem.c's `map_new_virtual`, `kmap_high`, `kunmap_high` and
 * `flush_all_zero_pkmaps`.
 *
 * The whole machine shares one pool. A slot's count is 0 if it is free, 1 if it has no user but TLBs may
 * still hold it, and n if it has n-1 users. When the search wraps around, all slots with count 1 are
 * recycled together after one flush of every TLB.
 */
import { hex } from '../../base/units.ts';
import type { VirtAddr } from '../../base/units.ts';
import { notWhole, requireWhole } from '../../base/whole.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Page } from '../../machine/memory.ts';
import type { ContextState, Detail } from '../../machine/violation.ts';
import { WaitQueue } from './wait-queue.ts';

/** The context that maps or unmaps, reduced to what reports need. */
export interface PkmapUser {
  state(): ContextState;
}

/** What the pool must know of the context that holds its lock. */
type LockHolder = NonNullable<ReturnType<NonNullable<Hardware['executing']>>>;

/**
 * The pool of one machine. A variant extends this class, overrides the protected functions, and is given to
 * `createMachine` or to a program as the part `pkmap`.
 */
export class PkmapPool {
  protected readonly hardware: Hardware;
  /** The count of each slot. */
  readonly counts: Int32Array;
  protected readonly colours: number;
  /** The slot where the last search of each colour ended. */
  readonly cursors: Int32Array;
  protected readonly ptes: Int32Array;
  /** The queues on which tasks wait for a slot, one for each cache colour. */
  readonly waitQueues: readonly WaitQueue[];
  /** The slot of each mapped frame; the counterpart of the hash that `page_address` uses. */
  protected readonly slotByFrame: Map<number, number> = new Map<number, number>();
  /** Whether it is a variant, whose hooks no fast path may leave out. */
  readonly isVariant: boolean;
  /** The context that holds the lock, while an interrupt can arrive there. */
  private holder: LockHolder | undefined = undefined;
  /** Number of flush passes; each is one call of `flush_cache_kmaps` in Linux. */
  flushPasses = 0;

  constructor(hardware: Hardware) {
    this.hardware = hardware;
    this.isVariant = new.target !== PkmapPool;
    this.ptes = hardware.pageTable.pkmap.entries;
    this.counts = new Int32Array(hardware.config.pkmapSlots);
    this.colours = hardware.config.pkmapColours;
    this.cursors = new Int32Array(this.colours);
    this.waitQueues = Array.from(
      { length: this.colours },
      (_, colour) => new WaitQueue(this.colours === 1 ? 'kmap pool' : `kmap pool, colour ${String(colour)}`),
    );
  }

  /** The slots that a page may use: those of its cache colour. */
  get slotsPerColour(): number {
    return this.counts.length / this.colours;
  }

  /** The number of slots that have a user. */
  get slotsInUse(): number {
    return this.counts.reduce((sum, count) => sum + (count > 1 ? 1 : 0), 0);
  }

  /** The queue on which tasks wait for a slot for this page. */
  waitQueue(page: Page): WaitQueue {
    const queue = this.waitQueues[this.colourOf(page)];
    if (queue === undefined) throw new RangeError('colour out of range');
    return queue;
  }

  /** The slot of a page, in use or not yet flushed; -1 if it has none. */
  slotOf(page: Page): number {
    return this.slotByFrame.get(page.pfn) ?? -1;
  }

  /** The count of a slot. */
  count(slot: number): number {
    const count = this.counts[slot];
    return count === undefined ? this.noSlot(slot) : count;
  }

  private noSlot(slot: number): never {
    throw new RangeError(notWhole('slot', slot, 0, this.counts.length - 1));
  }

  /** The address of a slot. */
  address(slot: number): VirtAddr {
    // The end of the last slot has an address too.
    requireWhole('slot', slot, 0, this.counts.length);
    return this.hardware.addresses.pkmap(slot);
  }

  /** `kmap_high` without the sleep: adds a user to the page's slot and returns it; -1 if the pool is full. */
  get(page: Page): number {
    this.lock('kmap_high');
    let slot = this.slotOf(page);
    if (slot < 0) slot = this.newSlot(page);
    if (slot >= 0) this.counts[slot] = this.count(slot) + 1;
    this.unlock('kmap_high');
    return slot;
  }

  /**
   * `get` by frame number: adds a user to the page's slot or, if no task waits, to a new one; else returns -1.
   * It tries the slot `guess` first: consecutive pages are usually in consecutive slots, so a guess is often right.
   */
  getAtOnce(pfn: number, guess: number): number {
    // An empty entry is 0, which is no frame.
    const slot = pfn >= 0 && this.ptes[guess] === pfn + 1 ? guess : this.slotByFrame.get(pfn);
    if (slot === undefined) {
      const page = this.hardware.memory.page(pfn);
      return this.waitQueue(page).active ? -1 : this.getOrLeave(page);
    }
    this.hardware.ledger.lockAcquisitions += 1;
    this.counts[slot] = this.count(slot) + 1;
    return slot;
  }

  // If the pool is full, the caller uses `get` instead, which counts the search.
  private getOrLeave(page: Page): number {
    const { ledger } = this.hardware;
    const { lockAcquisitions } = ledger;
    const { flushPasses } = this;
    const slot = this.get(page);
    if (slot >= 0) return slot;
    ledger.lockAcquisitions = lockAcquisitions;
    this.flushPasses = flushPasses;
    return -1;
  }

  /** Removes the user that `getAtOnce` added. */
  putSlot(slot: number): void {
    this.counts[slot] = this.count(slot) - 1;
    this.hardware.ledger.lockAcquisitions += 1;
  }

  /** `kmap_high_get`: adds a user to the page's slot and returns it; -1 if it has none. */
  getIfMapped(page: Page): number {
    this.lock('kmap_high_get');
    const slot = this.slotOf(page);
    if (slot >= 0) this.counts[slot] = this.count(slot) + 1;
    else this.hardware.trace?.record({ event: 'refused', what: 'kmap pool' });
    this.unlock('kmap_high_get');
    return slot;
  }

  /** `kunmap_high`: removes a user; returns whether waiters were woken. */
  put(page: Page, user: PkmapUser): boolean {
    this.lock('kunmap_high');
    const slot = this.slotOf(page);
    if (slot < 0) {
      this.unlock('kunmap_high');
      this.hardware.violate({
        rule: 'kunmap-unmapped',
        severity: 'bug',
        what: `kunmap of pfn ${hex(page.pfn)}, which has no slot in the pool`,
        context: user.state(),
      });
      return false;
    }
    const count = this.count(slot) - 1;
    // A strict machine reports this before it changes the count; Linux lowers the count first, then stops.
    if (count === 0 && this.hardware.config.semantics === 'strict') {
      this.unlock('kunmap_high');
      this.countZero(page, slot, user);
      return false;
    }
    this.counts[slot] = count;
    this.unlock('kunmap_high');
    if (count === 0) this.countZero(page, slot, user);
    const queue = this.waitQueue(page);
    const wake = count === 1 && queue.active;
    if (wake) queue.wakeAll();
    return wake;
  }

  /** `kmap_flush_unused`: recycles every slot without a user. */
  flushUnused(): void {
    this.lock('kmap_flush_unused');
    this.flushAllZero();
    this.unlock('kmap_flush_unused');
  }

  /** Describes the slots for reports. */
  dump(): Detail {
    const used: string[] = [];
    for (const [slot, count] of this.counts.entries()) {
      if (count > 0 && used.length < 16) {
        used.push(
          `${String(slot)}: pfn ${hex(this.hardware.pageTable.pkmap.get(slot))} count ${String(count)}`,
        );
      }
    }
    return { label: 'pkmap', text: used.length === 0 ? 'all slots free' : used.join('\n') };
  }

  /**
   * `lock_kmap`. Interrupts stay on while it is held, so that one arrives there; with ARCH_NEEDS_KMAP_HIGH_GET they are
   * off, and only an NMI does.
   */
  protected lock(what: string): void {
    this.hardware.ledger.lockAcquisitions += 1;
    if (this.hardware.interruptPoint !== undefined) this.lockWatched(what);
  }

  /** `unlock_kmap`. An interrupt that was kept out arrives now. */
  protected unlock(what: string): void {
    this.holder = undefined;
    const { interruptPoint, executing, config } = this.hardware;
    const cpu = interruptPoint === undefined || !config.kmapHighGet ? undefined : executing?.().cpu;
    if (cpu !== undefined) interruptPoint?.(cpu, `${what}: kmap_lock released`);
  }

  private lockWatched(what: string): void {
    const { interruptPoint, executing, config } = this.hardware;
    const by = executing?.();
    if (by === undefined || interruptPoint === undefined) return;
    if (this.holder !== undefined) this.deadlock(what, by, this.holder);
    const { cpu } = by;
    const { irqsDisabled } = cpu;
    this.holder = by;
    cpu.irqsDisabled ||= config.kmapHighGet;
    try {
      interruptPoint(cpu, `${what}: kmap_lock taken`);
    } catch (error) {
      this.holder = undefined;
      throw error;
    } finally {
      cpu.irqsDisabled = irqsDisabled;
    }
  }

  // Only an interrupt of the holder can come here, because what it interrupted is inside the pool.
  private deadlock(what: string, by: LockHolder, holder: LockHolder): void {
    const [name, owner] = [by.state(), holder.state()];
    this.hardware.violate({
      rule: 'deadlock',
      severity: 'bug',
      what: `${what} in ${name.kind} "${name.name}" spins for kmap_lock, held by "${owner.name}", which it interrupted`,
      context: name,
      details: [
        { label: name.name, text: `spins for kmap_lock, held by "${owner.name}", which it interrupted` },
        { label: owner.name, text: `holds kmap_lock, and goes on only when "${name.name}" has ended` },
      ],
    });
  }

  /** The cache colour of a page: the slots that it may use. */
  protected colourOf(page: Page): number {
    return page.pfn & (this.colours - 1);
  }

  /** `map_new_virtual` without the sleep: finds a slot that is free, after a flush where the search wraps around. */
  protected newSlot(page: Page): number {
    const colour = this.colourOf(page);
    const slots = this.counts.length;
    let left = this.slotsPerColour;
    for (;;) {
      const last = ((this.cursors[colour] ?? 0) + this.colours) & (slots - 1);
      this.cursors[colour] = last;
      const slot = last + colour;
      if (slot < this.colours) {
        this.flushOnWrap(colour);
        left = this.slotsPerColour;
      }
      if (this.count(slot) === 0) {
        this.set(slot, page);
        return slot;
      }
      left -= 1;
      if (left > 0) continue;
      this.hardware.trace?.record({ event: 'refused', what: 'kmap pool' });
      return -1;
    }
  }

  /** Sets the entry of a slot for a page, with the count 1. */
  protected set(slot: number, page: Page): void {
    this.hardware.pageTable.pkmap.set(slot, page.pfn);
    this.hardware.ledger.pteWrites += 1;
    this.counts[slot] = 1;
    this.slotByFrame.set(page.pfn, slot);
    this.hardware.trace?.record({ event: 'pkmap-set', slot, pfn: page.pfn });
  }

  /** What a search does where it wraps around: one of the two passes below. */
  protected flushOnWrap(colour: number): void {
    if (this.hardware.config.pkmapFlush === 'all') this.flushAllZero();
    else this.flushOneZero(colour);
  }

  /** `flush_all_zero_pkmaps`. */
  protected flushAllZero(): void {
    this.beginPass();
    let freed = false;
    for (let slot = 0; slot < this.counts.length; slot += 1) {
      if (this.count(slot) !== 1) continue;
      this.clear(slot);
      freed = true;
    }
    const { addresses } = this.hardware;
    if (freed) this.flushTlbs(addresses.pkmapBase, addresses.pkmap(this.counts.length));
  }

  /** An alternative proposed on the mailing list: free one unused slot and flush only its page. Linux does not do it. */
  protected flushOneZero(colour: number): void {
    this.beginPass();
    for (let slot = colour; slot < this.counts.length; slot += this.colours) {
      if (this.count(slot) !== 1) continue;
      this.clear(slot);
      this.flushTlbs(this.address(slot), this.address(slot + 1));
      return;
    }
  }

  /** `flush_tlb_kernel_range`: how a pass makes every CPU forget the slots it recycles. */
  protected flushTlbs(from: number, to: number): void {
    this.hardware.flushRangeGlobal(from, to);
  }

  /** `flush_cache_kmaps`: the beginning of a pass. */
  protected beginPass(): void {
    this.flushPasses += 1;
    this.hardware.ledger.cacheFlushes += this.hardware.config.cacheAliasing ? 1 : 0;
    this.hardware.trace?.record({ event: 'flush-cache-kmaps' });
    this.flushCache();
  }

  /** What `flush_cache_kmaps` does where the data cache has aliases: the slots it recycles are still mapped. */
  protected flushCache(): void {
    this.hardware.flushAliases();
  }

  /** Frees a slot that has no user: clears its entry and forgets its page. */
  protected clear(slot: number): void {
    const { pkmap } = this.hardware.pageTable;
    this.counts[slot] = 0;
    this.slotByFrame.delete(pkmap.get(slot));
    pkmap.clear(slot);
    this.hardware.ledger.pteWrites += 1;
    this.hardware.trace?.record({ event: 'pkmap-clear', slot });
  }

  private countZero(page: Page, slot: number, user: PkmapUser): void {
    this.hardware.violate({
      rule: 'kunmap-underflow',
      severity: 'bug',
      what: `kunmap of pfn ${hex(page.pfn)} in slot ${String(slot)}, which is free`,
      context: user.state(),
      details: [this.dump()],
    });
  }
}
