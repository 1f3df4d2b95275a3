import type { End, EndRule, Facts } from './rule.ts';

/** A CPU is left in a state that a task should have ended. */
export const unbalancedCounts: EndRule = {
  id: 'count-imbalance',
  meaning: 'Preemption, page faults, migration or interrupts are still disabled at the end.',
  example: 'An unmap returns early for lowmem pages and leaves the preempt count raised.',
  judge(end: End): Facts | undefined {
    const cpu = end.machine.hardware.cpus.find((c) => c.irqsDisabled || c.softirqDepth > 0);
    if (cpu === undefined) return undefined;
    const what = cpu.irqsDisabled ? 'interrupts' : 'bottom halves';
    return { what: `cpu${String(cpu.id)} is left with ${what} disabled` };
  },
};
