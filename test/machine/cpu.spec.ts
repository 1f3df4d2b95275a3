import { expect } from 'chai';
import { Cpu } from '../../lib/machine/cpu.ts';

describe('Cpu', () => {
  it('starts outside any interrupt, with an empty TLB', () => {
    const { id, hardirqDepth, softirqDepth, nmiDepth, irqsDisabled, tlb } = new Cpu(3);
    expect([id, hardirqDepth, softirqDepth, nmiDepth, irqsDisabled, tlb.isEmpty]).to.deep.equal([
      3,
      0,
      0,
      0,
      false,
      true,
    ]);
  });
});
