/**
 * The number of the CPU, by which code finds data that each CPU has for itself.
 */
import { inAtomic } from './preempt.ts';
import type { Context } from './machine.ts';

/**
 * Returns the number of the CPU that the context runs on. It stays right only where the task cannot lose its CPU: with
 * preemption, migration or interrupts disabled, or in a handler.
 *
 * @linux smp_processor_id (7.2, with DEBUG_PREEMPT)
 * @context any; reports a violation in a preemptible task
 * @differs a strict machine does not accept that a local map keeps the task on its CPU, because the map of a lowmem page
 * does not
 */
export function smpProcessorId(asked: Context): number {
  const { machine } = asked;
  const context = machine.enter(asked);
  const { task, cpu } = context;
  machine.hardware.trace?.record({ event: 'cpu-look', by: context.actor });
  const byMaps = machine.config.semantics === 'strict' ? task.localMaps.depth : 0;
  if (!inAtomic(context) && !cpu.irqsDisabled && task.migrateDisabled <= byMaps)
    machine.hardware.violate({
      rule: 'preemptible-cpu',
      what: `${context.kind} "${context.name}" reads the number of its CPU, and can be moved to another one`,
      context: context.state(),
      mapping: machine.newestMappingOf(context)?.describe(),
    });
  return cpu.id;
}
