/**
 * From an address back to its page, temporary maps included: `kmap_to_page`.
 */
import { hex } from '../base/units.ts';
import type { VirtAddr } from '../base/units.ts';
import type { RuleId } from '../machine/rules.ts';
import type { Page } from '../machine/memory.ts';
import type { Context } from './machine.ts';
import { virtToPage } from './virt-to-page.ts';

/**
 * The page behind a kernel address, or nothing. Asking for the address of a temporary map is a violation,
 * because such an address can be re-pointed at any time; the answer is given all the same.
 *
 * @linux kmap_to_page (7.2)
 * @context any; does not sleep. Local maps are found for the running task only.
 * @differs a strict machine answers nothing for a pool slot that nobody uses, where Linux gives the page it
 * held last, or page 0, and it finds the very first local slot, which Linux overlooks
 */
export function kmapToPage(context: Context, address: VirtAddr): Page | undefined {
  const { machine } = context;
  const { pageTable } = machine.hardware;
  machine.enter(context);
  const at = machine.config.highmem ? pageTable.locate(address) : undefined;
  if (at?.area === 'pkmap') {
    ask(context, 'to-page-of-kmap', address);
    return pageOfPool(context, at.index);
  }
  if (at?.area === 'local' && (at.index > 0 || machine.config.semantics === 'strict')) {
    ask(context, 'to-page-of-local', address);
    const frame = machine.localSlots.frameInStack(context.task, context.cpu, at.index);
    return frame < 0 ? undefined : machine.hardware.memory.pageAt(frame);
  }
  return virtToPage(machine, address);
}

function pageOfPool(context: Context, slot: number): Page | undefined {
  const { hardware, pkmap, config } = context.machine;
  const frame = hardware.pageTable.pkmap.get(slot);
  if (config.semantics === 'strict') return pkmap.count(slot) > 1 ? hardware.memory.pageAt(frame) : undefined;
  // An empty entry reads as frame 0.
  return hardware.memory.pageAt(Math.max(frame, 0));
}

function ask(context: Context, rule: RuleId, address: VirtAddr): void {
  context.machine.hardware.violate({
    rule,
    what: `kmap_to_page(${hex(address)})`,
    context: context.state(),
  });
}
