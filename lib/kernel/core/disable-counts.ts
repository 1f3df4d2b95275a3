/**
 * The counts of what a task has disabled, and the check that a context ends with the counts it began with.
 */
import type { Hardware } from '../../machine/hardware.ts';
import type { WindowOwner } from '../window/window.ts';

/** The disable counts of a task, such as its preemption count. */
export interface DisableCounts {
  readonly preempt: number;
  readonly migrate: number;
  readonly pagefault: number;
}

/** The counts as a task keeps them. */
interface Counted {
  preemptCount: number;
  readonly migrateDisabled: number;
  readonly pagefaultDisabled: number;
}

/** Returns the counts of a task at this moment. */
export function disableCounts(task: Counted): DisableCounts {
  return { preempt: task.preemptCount, migrate: task.migrateDisabled, pagefault: task.pagefaultDisabled };
}

/** Reports a context that ends with other counts than `before`. */
export function checkCounts(
  hardware: Hardware,
  context: WindowOwner & { readonly kind: string; readonly task: Counted },
  before: DisableCounts,
): void {
  const { task } = context;
  const now = disableCounts(task);
  const names = ['preempt', 'migrate', 'pagefault'] as const;
  const wrong = names.filter((name) => now[name] !== before[name]);
  if (wrong.length === 0) return;
  const found = wrong.map((name) => `${name} count ${String(now[name])}, not ${String(before[name])}`);
  const state = context.state();
  // After a softirq handler that changed the count, the kernel restores it.
  if (context.kind === 'softirq') task.preemptCount = before.preempt;
  hardware.violate({
    rule: 'count-imbalance',
    what: `${context.kind} "${context.name}" ended with ${found.join('; ')}`,
    context: state,
  });
}
