/**
 * Preemption, migration and page-fault counts, and the check whether sleeping is allowed here.
 */
import { hasInterrupt } from './interrupt-counts.ts';
import type { Context } from './machine.ts';
import type { RuleId } from '../../machine/rules.ts';

/**
 * Forbids preemption of the running task.
 *
 * @linux preempt_disable (7.2)
 * @context any
 */
export function preemptDisable(context: Context): void {
  context.machine.enter(context);
  context.task.preemptCount += 1;
}

/**
 * Allows preemption again.
 *
 * @linux preempt_enable (7.2)
 * @context any
 */
export function preemptEnable(context: Context): void {
  context.machine.enter(context);
  if (context.task.preemptCount === 0) {
    unbalanced(context, 'preempt_enable');
    return;
  }
  context.task.preemptCount -= 1;
}

/**
 * Keeps the running task on its CPU.
 *
 * @linux migrate_disable (7.2)
 * @context any
 */
export function migrateDisable(context: Context): void {
  context.machine.enter(context);
  context.task.migrateDisabled += 1;
}

/**
 * Lets the task migrate again.
 *
 * @linux migrate_enable (7.2)
 * @context any
 */
export function migrateEnable(context: Context): void {
  context.machine.enter(context);
  if (context.task.migrateDisabled === 0) {
    unbalanced(context, 'migrate_enable');
    return;
  }
  context.task.migrateDisabled -= 1;
}

/**
 * Makes page faults of the running task fail instead of being handled.
 *
 * @linux pagefault_disable (7.2)
 * @context any
 */
export function pagefaultDisable(context: Context): void {
  context.machine.enter(context);
  context.task.pagefaultDisabled += 1;
}

/**
 * Lets page faults be handled again.
 *
 * @linux pagefault_enable (7.2)
 * @context any
 */
export function pagefaultEnable(context: Context): void {
  context.machine.enter(context);
  if (context.task.pagefaultDisabled === 0) unbalanced(context, 'pagefault_enable');
  context.task.pagefaultDisabled -= 1;
}

function unbalanced(context: Context, what: string): void {
  context.machine.hardware.violate({
    rule: 'count-imbalance',
    what: `${what} without its disable`,
    context: context.state(),
  });
}

/**
 * Whether the context is atomic: preemption disabled, or any interrupt on its CPU.
 *
 * @linux in_atomic (7.2)
 * @context any
 */
export function inAtomic(context: Context): boolean {
  return context.task.preemptCount > 0 || hasInterrupt(context.cpu);
}

/**
 * Whether any interrupt, or a section with bottom halves disabled, is on the context's CPU.
 *
 * @linux in_interrupt (7.2)
 * @context any
 */
export function inInterrupt(context: Context): boolean {
  return hasInterrupt(context.cpu);
}

/**
 * Whether a sleeping function may be called here.
 *
 * @linux preemptible (7.2)
 * @context any
 */
export function maySleep(context: Context): boolean {
  return !inAtomic(context) && !context.cpu.irqsDisabled;
}

/**
 * Reports a violation unless sleeping is allowed here.
 *
 * @linux might_sleep (7.2)
 * @context any; reports a violation unless it is a preemptible task
 */
export function mightSleep(asked: Context, what = 'might_sleep', rule: RuleId = 'sleep-in-atomic'): void {
  const { machine } = asked;
  const context = machine.enter(asked);
  if (maySleep(context)) {
    machine.hardware.trace?.record({ event: 'may-sleep', by: context.actor, what });
    return;
  }
  machine.hardware.violate({
    rule,
    what: `${what} while ${whyAtomic(context)}`,
    context: context.state(),
    mapping: machine.newestMappingOf(context)?.describe(),
  });
}

function whyAtomic(context: Context): string {
  const { cpu, kind, task } = context;
  if (kind !== 'task') return `this is ${kind} context`;
  if (task.preemptCount > 0) return `preemption is disabled (count ${String(task.preemptCount)})`;
  return cpu.irqsDisabled ? 'interrupts are disabled' : 'bottom halves are disabled';
}
