/**
 * The interrupts on a CPU, by count: which may arrive now, and what their beginning and their end change.
 */
import { ConfigError } from '../../base/invariant.ts';
import type { Cpu } from '../../machine/cpu.ts';

/** What runs on top of a task. */
export type InterruptKind = 'softirq' | 'hardirq' | 'nmi';

/** Whether any interrupt, or a section with bottom halves disabled, is on a CPU. */
export function hasInterrupt(cpu: Cpu): boolean {
  return cpu.hardirqDepth > 0 || cpu.softirqDepth > 0 || cpu.nmiDepth > 0;
}

/** Refuses an interrupt that the hardware, or the softirq core, would not let run now. */
export function checkArrival(cpu: Cpu, kind: InterruptKind, name: string): void {
  if (kind === 'hardirq' && cpu.irqsDisabled) {
    throw new ConfigError(`hardirq "${name}" cannot arrive: interrupts are disabled on cpu${String(cpu.id)}`);
  }
  if (kind === 'softirq' && (hasInterrupt(cpu) || cpu.irqsDisabled)) {
    throw new ConfigError(
      `softirq "${name}" cannot run: cpu${String(cpu.id)} is in an interrupt or has interrupts or bottom halves disabled`,
    );
  }
}

/** Counts an interrupt that begins. Hard interrupts and NMIs run with interrupts disabled. */
export function beginInterrupt(cpu: Cpu, kind: InterruptKind): void {
  count(cpu, kind, 1);
  if (kind !== 'softirq') cpu.irqsDisabled = true;
}

/** Counts an interrupt that ends; interrupts are disabled or not, as they were when it began. */
export function endInterrupt(cpu: Cpu, kind: InterruptKind, irqsDisabledAtEntry: boolean): void {
  count(cpu, kind, -1);
  cpu.irqsDisabled = irqsDisabledAtEntry;
}

function count(cpu: Cpu, kind: InterruptKind, by: 1 | -1): void {
  if (kind === 'hardirq') cpu.hardirqDepth += by;
  else if (kind === 'softirq') cpu.softirqDepth += by;
  else cpu.nmiDepth += by;
}
