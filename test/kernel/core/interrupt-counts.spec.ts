import { expect } from 'chai';
import {
  beginInterrupt,
  checkArrival,
  endInterrupt,
  hasInterrupt,
} from '../../../lib/kernel/core/interrupt-counts.ts';
import { Cpu } from '../../../lib/machine/cpu.ts';

const KINDS = ['softirq', 'hardirq', 'nmi'] as const;

function counts({ softirqDepth, hardirqDepth, nmiDepth, irqsDisabled }: Cpu): readonly unknown[] {
  return [softirqDepth, hardirqDepth, nmiDepth, irqsDisabled];
}

describe('interrupt counts', () => {
  it('count each kind by itself; only a softirq leaves interrupts as they were', () => {
    const begun = KINDS.map((kind) => {
      const cpu = new Cpu(0);
      beginInterrupt(cpu, kind);
      return [...counts(cpu), hasInterrupt(cpu)];
    });
    expect(begun).to.deep.equal([
      [1, 0, 0, false, true],
      [0, 1, 0, true, true],
      [0, 0, 1, true, true],
    ]);
  });

  it('are as before when the interrupt has ended', () => {
    for (const kind of KINDS) {
      for (const irqsDisabled of [false, true]) {
        const cpu = new Cpu(0);
        cpu.irqsDisabled = irqsDisabled;
        const before = counts(cpu);
        beginInterrupt(cpu, kind);
        endInterrupt(cpu, kind, irqsDisabled);
        expect([...counts(cpu), hasInterrupt(cpu)]).to.deep.equal([...before, false]);
      }
    }
  });

  it('refuse what cannot arrive: a hard interrupt with interrupts disabled, a softirq also in an interrupt', () => {
    const arrivals = (change: (cpu: Cpu) => void): readonly boolean[] =>
      KINDS.map((kind) => {
        const cpu = new Cpu(1);
        change(cpu);
        try {
          checkArrival(cpu, kind, 'late');
          return true;
        } catch (error) {
          expect(String(error)).to.match(new RegExp(`${kind} "late" cannot .* cpu1`));
          return false;
        }
      });
    expect(arrivals(() => undefined)).to.deep.equal([true, true, true]);
    expect(arrivals((cpu) => (cpu.irqsDisabled = true))).to.deep.equal([false, false, true]);
    expect(arrivals((cpu) => (cpu.softirqDepth = 1))).to.deep.equal([false, true, true]);
    expect(arrivals((cpu) => (cpu.nmiDepth = 1))).to.deep.equal([false, true, true]);
  });
});
