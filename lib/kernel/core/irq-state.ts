/**
 * Disabling interrupts and bottom halves on a CPU.
 */
import type { Context } from './machine.ts';

/**
 * Keeps hard interrupts off this CPU.
 *
 * @linux local_irq_disable (7.2)
 * @context any
 */
export function localIrqDisable(context: Context): void {
  context.machine.enter(context);
  context.cpu.irqsDisabled = true;
  record(context, 'acquire');
}

/**
 * Lets hard interrupts in again.
 *
 * @linux local_irq_enable (7.2)
 * @context any but a hard interrupt handler
 */
export function localIrqEnable(context: Context): void {
  context.machine.enter(context);
  record(context, 'release');
  context.cpu.irqsDisabled = false;
}

/**
 * Keeps hard interrupts off this CPU and returns whether they were on.
 *
 * @linux local_irq_save (7.2)
 * @context any
 */
export function localIrqSave(context: Context): boolean {
  const enabled = !context.cpu.irqsDisabled;
  localIrqDisable(context);
  return enabled;
}

/**
 * Lets hard interrupts in again if they were on before.
 *
 * @linux local_irq_restore (7.2)
 * @context as the save
 */
export function localIrqRestore(context: Context, enabled: boolean): void {
  if (enabled) localIrqEnable(context);
  else localIrqDisable(context);
}

/**
 * Keeps softirqs off this CPU; the task cannot be preempted meanwhile.
 *
 * @linux local_bh_disable (7.2)
 * @context any but a hard interrupt handler
 */
export function localBhDisable(context: Context): void {
  context.machine.enter(context);
  context.cpu.softirqDepth += 1;
}

/**
 * Lets softirqs run again.
 *
 * @linux local_bh_enable (7.2)
 * @context as the disable
 */
export function localBhEnable(context: Context): void {
  context.machine.enter(context);
  if (context.cpu.softirqDepth === 0) {
    context.machine.hardware.violate({
      rule: 'count-imbalance',
      what: 'local_bh_enable without its disable',
      context: context.state(),
    });
    return;
  }
  context.cpu.softirqDepth -= 1;
}

// A section with interrupts off excludes handlers as a lock excludes tasks, so the trace records it as a lock.
function record(context: Context, event: 'acquire' | 'release'): void {
  const by = { name: context.name, cpu: context.cpu.id };
  const lock = `irqs of cpu${String(context.cpu.id)}`;
  context.machine.hardware.trace?.record({ event, by, lock });
}
