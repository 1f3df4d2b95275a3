import type { Context, Machine, Page, DirectMapping } from 'scatterlist/machine';

/** Who may use a slot; each CPU has one of each. */
export type SlotType = 'KM_USER0' | 'KM_USER1' | 'KM_SOFTIRQ0' | 'KM_IRQ0';

const TYPES: readonly SlotType[] = ['KM_USER0', 'KM_USER1', 'KM_SOFTIRQ0', 'KM_IRQ0'];

/**
 * The atomic maps of Linux before 2.6.37: the caller names the slot. They lie at the end of each CPU's
 * range, which the stack of today never reaches. With `debug` (`CONFIG_DEBUG_HIGHMEM`) an unmap clears
 * the slot and a map finds it empty or says so; without, an unmap does nothing.
 */
export class FixedSlots {
  readonly machine: Machine;
  readonly debug: boolean;

  constructor(machine: Machine, debug = true) {
    this.machine = machine;
    this.debug = debug;
  }

  map(context: Context, page: Page, type: SlotType): DirectMapping {
    const { hardware, config, localSlots } = this.machine;
    this.machine.enter(context);
    const slot = config.kmMaxIdx * (context.cpu.id + 1) - 1 - TYPES.indexOf(type);
    if (this.debug && hardware.pageTable.local.get(slot) >= 0) {
      hardware.violate({
        rule: 'slot-busy',
        severity: 'bug',
        what: `${type} of cpu${String(context.cpu.id)} is taken`,
        context: context.state(),
        mapping: [...this.machine.live].find((live) => live.slot === slot)?.describe(),
      });
    }
    hardware.pageTable.local.set(slot, page.pfn);
    hardware.trace?.record({ event: 'local-set', slot, pfn: page.pfn });
    hardware.flushPageLocal(context.cpu, localSlots.address(slot));
    const window = this.machine.ramWindow(context, page, 0, config.pageSize);
    window.area = 'local';
    window.slot = slot;
    window.mechanism = type;
    window.scope = 'task';
    this.machine.mapped(window, context);
    context.task.preemptCount += 1;
    return window;
  }

  unmap(context: Context, window: DirectMapping): void {
    const { hardware, localSlots } = this.machine;
    this.machine.enter(context);
    if (this.debug) {
      hardware.pageTable.local.clear(window.slot);
      hardware.trace?.record({ event: 'local-clear', slot: window.slot });
      hardware.flushPageLocal(context.cpu, localSlots.address(window.slot));
    }
    this.machine.unmapped(window, context);
    context.task.preemptCount -= 1;
  }

  /** A load through a bare pointer, mapped or not: it reaches the page that is in the slot now. */
  load8(context: Context, window: DirectMapping, offset: number): number {
    const { hardware } = this.machine;
    const { memory, pageTable, trace } = hardware;
    this.machine.enter(context);
    const pfn = pageTable.local.get(window.slot);
    trace?.record({ event: 'load', by: context.actor, pfn, offset, lengthBytes: 1, serial: 0 });
    return memory.bytesOf(memory.page(pfn))[offset] ?? 0;
  }
}
