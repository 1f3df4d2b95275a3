/**
 * A CPU: its TLB, its interrupt state and its protection-key register.
 */
import { type CpuId, cpuId } from '../base/units.ts';
import { Tlb } from './tlb.ts';

/** One CPU. The fields are hardware state; the kernel layer keeps them. */
export class Cpu {
  readonly id: CpuId;
  readonly tlb: Tlb = new Tlb();
  /** Number of nested hard interrupt handlers. */
  hardirqDepth = 0;
  /** Number of running softirq handlers and of sections with bottom halves disabled. */
  softirqDepth = 0;
  nmiDepth = 0;
  irqsDisabled = false;

  constructor(id: number) {
    this.id = cpuId(id);
  }
}
