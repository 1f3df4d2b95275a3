/**
 * A CPU: its TLB, its interrupt state and its protection-key register.
 */
import { type CpuId, cpuId } from '../base/units.ts';
import { Tlb } from './tlb.ts';

/** One CPU. The fields are hardware state; the kernel layer keeps them. */
export class Cpu {
  readonly id: CpuId;
  readonly tlb: Tlb = new Tlb();
  /** Hard interrupt handlers running on top of each other. */
  hardirqDepth = 0;
  /** Softirq handlers running, and sections with bottom halves disabled. */
  softirqDepth = 0;
  nmiDepth = 0;
  irqsDisabled = false;

  constructor(id: number) {
    this.id = cpuId(id);
  }
}
