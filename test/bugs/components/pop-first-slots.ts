import { LocalSlots } from 'scatterlist/machine';
import type { Cpu, Hardware, SlotUser } from 'scatterlist/machine';

/**
 * Local slots whose unmap gives the index up first and clears the entry after that. With `check`, as with
 * DEBUG_HIGHMEM, a map says where it finds the entry still set; without, it maps over it.
 */
export class PopFirstSlots extends LocalSlots {
  readonly check: boolean;

  constructor(hardware: Hardware, check: boolean) {
    super(hardware);
    this.check = check;
  }

  protected override checkEmpty(user: SlotUser, slot: number): void {
    if (this.check) super.checkEmpty(user, slot);
  }

  protected override release(user: SlotUser, cpu: Cpu, slot: number, pageAddr: number): void {
    user.localMaps.idx -= this.increment;
    this.hardware.interruptPoint?.(cpu, 'index popped');
    user.localMaps.entries[user.localMaps.idx] = 0;
    this.clear(slot);
    this.hardware.flushPageLocal(cpu, pageAddr);
  }
}
