import { LocalSlots } from 'scatterlist/machine';
import type { Cpu, Hardware, Task } from 'scatterlist/machine';

/**
 * Local slots whose unmap gives the index up first and clears the entry after that. With `check`, as with
 * DEBUG_HIGHMEM, a map says where it finds the entry still set; without, it maps over it.
 */
export class PopFirstSlots extends LocalSlots {
  readonly hardware: Hardware;
  readonly check: boolean;

  constructor(hardware: Hardware, check: boolean) {
    super(hardware);
    this.hardware = hardware;
    this.check = check;
  }

  override map(user: Task, cpu: Cpu, pfn: number): number {
    const { kmMaxIdx } = this.hardware.config;
    if (!this.check) this.hardware.pageTable.local.clear(user.localMaps.idx + kmMaxIdx * cpu.id);
    return super.map(user, cpu, pfn);
  }

  override unmap(user: Task, cpu: Cpu, vaddr: number): void {
    const { hardware } = this;
    user.localMaps.idx -= 1;
    hardware.interruptPoint?.(cpu, 'index popped');
    user.localMaps.entries[user.localMaps.idx] = 0;
    hardware.pageTable.local.clear(this.slotOf(vaddr));
    hardware.flushPageLocal(cpu, hardware.addresses.pageBase(vaddr));
  }
}
