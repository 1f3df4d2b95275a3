/**
 * Finds the page of an address, including addresses of temporary maps: `kmap_to_page`.
 */
import { hex } from '../../base/units.ts';
import type { VirtAddr } from '../../base/units.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context } from '../core/machine.ts';
import { virtToPage } from './virt-to-page.ts';

/**
 * The page at a kernel address, or `undefined`. A call with the address of a temporary map is a violation, because
 * such an address may refer to another page at any time; the page is returned nevertheless.
 *
 * @linux kmap_to_page (7.2)
 * @context any; does not sleep. Local maps are found for the running task only.
 * @differs a strict machine returns `undefined` for a guard slot and for a pool slot that is not in use, for which
 * Linux returns the last page or page 0; and it finds the very first local slot, which Linux misses
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
    return pageOfLocal(context, at.index);
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

function pageOfLocal(context: Context, slot: number): Page | undefined {
  const { hardware, localSlots, config } = context.machine;
  const { task, cpu } = context;
  const frame = localSlots.frameInStack(task, cpu, slot);
  if (frame >= 0) return hardware.memory.pageAt(frame);
  // A guard slot below the top has an empty entry, which reads as frame 0 too.
  const index = slot - config.kmMaxIdx * cpu.id;
  const guard = index >= 0 && index < task.localMaps.idx;
  return guard && config.semantics === 'compatible' ? hardware.memory.pageAt(0) : undefined;
}

function ask(context: Context, rule: RuleId, address: VirtAddr): void {
  context.machine.hardware.violate({
    rule,
    what: `kmap_to_page(${hex(address)})`,
    context: context.state(),
  });
}
