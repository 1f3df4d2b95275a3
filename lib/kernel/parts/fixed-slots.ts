/**
 * The local slots of Linux before 2.6.37: `kmap_atomic(page, type)` names the slot, and each CPU has one of each type.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { Hardware } from '../../machine/hardware.ts';
import { checkOptions } from '../../base/options.ts';
import { requireWhole } from '../../base/whole.ts';
import { LocalSlots, MOST_PFN } from './local-slots.ts';

/** `enum km_type`: the slots of a CPU by use. */
export const KM_TYPES = [
  'KM_BOUNCE_READ',
  'KM_SKB_SUNRPC_DATA',
  'KM_SKB_DATA_SOFTIRQ',
  'KM_USER0',
  'KM_USER1',
  'KM_BIO_SRC_IRQ',
  'KM_BIO_DST_IRQ',
  'KM_PTE0',
  'KM_PTE1',
  'KM_IRQ0',
  'KM_IRQ1',
  'KM_SOFTIRQ0',
  'KM_SOFTIRQ1',
] as const;

/** A slot of a CPU. */
export type KmType = (typeof KM_TYPES)[number];

/** How the kernel was built. */
export interface FixedSlotsOptions {
  /**
   * `CONFIG_DEBUG_HIGHMEM`, the default: a map finds its slot empty or reports it, and an unmap clears it. Without, a map
   * replaces what is in the slot, and an unmap leaves it there.
   */
  readonly debug?: boolean;
}

/**
 * Slots with a fixed use, as a part of a machine: `{ localSlots: (hardware) => new FixedSlots(hardware) }`. They are the
 * last indexes of each CPU; the stack of `kmapLocalPage` keeps the others.
 */
export class FixedSlots extends LocalSlots {
  readonly debug: boolean;

  constructor(hardware: Hardware, options: FixedSlotsOptions = {}) {
    super(hardware);
    checkOptions('new FixedSlots', options, { debug: 'boolean' });
    const { debug = true } = options;
    this.debug = debug;
    // The index after the last map of the stack stays below the limit.
    this.stackLimit = this.maxIdx - KM_TYPES.length + 1;
    if (this.stackLimit <= this.increment)
      throw new ConfigError(
        `kmMaxIdx is ${String(this.maxIdx)}; with ${String(KM_TYPES.length)} fixed slots it must be at least ${String(KM_TYPES.length + this.increment)}`,
      );
  }

  /** The slot of a type on a CPU. */
  slotFor(type: KmType, cpu: Cpu): number {
    return this.maxIdx * (cpu.id + 1) - 1 - KM_TYPES.indexOf(type);
  }

  /** Whether the slot of a type holds an entry, which without `debug` says no more than that it was used. */
  isSet(type: KmType, cpu: Cpu): boolean {
    return this.hardware.pageTable.local.get(this.slotFor(type, cpu)) >= 0;
  }

  /** Maps a frame in the slot of a type, whatever is there; returns the slot. */
  mapFixed(cpu: Cpu, pfn: number, type: KmType): number {
    requireWhole('pfn', pfn, 0, MOST_PFN);
    const slot = this.slotFor(type, cpu);
    if (this.hasAliases) this.preMap(pfn);
    this.set(slot, pfn);
    this.hardware.flushPageLocal(cpu, this.address(slot));
    return slot;
  }

  /** Unmaps the slot of a type. */
  unmapFixed(cpu: Cpu, slot: number): void {
    requireWhole('slot', slot, 0, this.hardware.addresses.localSlots - 1);
    if (this.hasAliases) this.preUnmap(this.address(slot));
    if (!this.debug) return;
    this.clear(slot);
    this.hardware.flushPageLocal(cpu, this.address(slot));
  }
}
