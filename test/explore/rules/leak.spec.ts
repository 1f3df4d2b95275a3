import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { kmapLocalPage } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { found } from '../programs.ts';

const program: Program<{ page: Page }> = {
  setup: (machine) => ({ page: machine.allocPage({ zone: 'lowmem' }) }),
  tasks: { *idle() {} },
  interrupts: {
    irq: {
      kind: 'softirq',
      run({ irq, page }) {
        kmapLocalPage(irq, page);
      },
    },
  },
};

describe('leak', () => {
  it('sees what an interrupt keeps, also of lowmem, which takes no slot', () => {
    const { violation } = found(explore(program));
    expect(violation.rule).to.equal('leak');
    expect(violation.mapping?.ownerName).to.equal('irq');
  });

  it('leaves alone what the program says it keeps', () => {
    expect(explore({ ...program, mayKeepMappings: true }).kind).to.equal('exhausted');
  });
});
