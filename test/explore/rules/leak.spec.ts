import { expect } from 'chai';
import { explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { DmaDevice, dmaMapPage, kmapLocalPage } from 'scatterlist/machine';
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

  it('sees what stays mapped for a device, unless the setup mapped it', () => {
    const leaving = (early: boolean): Program<{ device: DmaDevice; page: Page }> => ({
      setup: (machine) => {
        const shared = { device: new DmaDevice(machine), page: machine.allocPage({ zone: 'lowmem' }) };
        if (early) void dmaMapPage(machine.task('boot'), shared.device, shared.page, 0, 64, 'toDevice');
        return shared;
      },
      tasks: {
        *probe({ task, device, page }) {
          if (!early) void dmaMapPage(task, device, page, 0, 64, 'toDevice');
        },
      },
    });
    expect(found(explore(leaving(false))).violation.what).to.match(
      /1 DMA mapping is live .* 64 bytes toDevice/,
    );
    expect(explore(leaving(true)).kind).to.equal('exhausted');
  });
});
