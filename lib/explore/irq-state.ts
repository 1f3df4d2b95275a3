/**
 * Keeping interrupts and bottom halves off a CPU.
 */
import type { Context } from '../kernel/machine.ts';

/**
 * Keeps hard interrupts off this CPU.
 *
 * @linux local_irq_disable (7.2)
 * @context any
 */
export function localIrqDisable(context: Context): void {
  context.machine.enter(context);
  context.cpu.irqsDisabled = true;
}

/**
 * Lets hard interrupts in again.
 *
 * @linux local_irq_enable (7.2)
 * @context any but a hard interrupt handler
 */
export function localIrqEnable(context: Context): void {
  context.machine.enter(context);
  context.cpu.irqsDisabled = false;
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
