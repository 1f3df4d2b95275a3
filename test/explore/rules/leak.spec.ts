import { expect } from 'chai';
import { Completion, explore } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { DmaDevice, dmaMapPage, kmap, kmapLocalPage, kunmap, vmap } from 'scatterlist/machine';
import type { Page } from 'scatterlist/machine';
import { formatViolation } from '../../../lib/machine/violation.ts';
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

describe('a mapping that every context may use', () => {
  const handOver = (isReleased: boolean): Program<{ page: Page; ready: Completion }> => ({
    machine: { pkmapSlots: 4 },
    setup: (machine) => ({
      page: machine.allocPage({ zone: 'highmem' }),
      ready: new Completion(machine, 'ready'),
    }),
    tasks: {
      *maker({ task, page, ready }) {
        yield* kmap(task, page);
        ready.complete(task);
      },
      *user({ task, page, ready }) {
        yield* ready.wait(task);
        if (isReleased) kunmap(task, page);
      },
    },
  });

  it('may be released by another task, after the one that made it has ended', () => {
    expect(explore(handOver(true)).kind).to.equal('exhausted');
  });

  it('is a leak at the end of the program, with the line of its map and the pool', () => {
    const { violation } = found(explore(handOver(false)));
    expect(violation.what).to.equal('task "maker" still holds 1 mapping at the end of the program');
    const text = formatViolation(violation);
    expect(text).to.match(/mapped at leak\.spec\.ts:\d+/);
    expect(text).to.contain('kmap pool: 3 of 4 slots free');
    expect(text).not.to.match(/found at|unknown line/);
  });

  it('is judged in the same way in the vmalloc area', () => {
    const { violation } = found(
      explore({
        tasks: {
          *maker({ task, machine }) {
            void vmap(task, machine.allocPages(2, { zone: 'highmem' }));
          },
        },
      }),
    );
    expect(violation.what).to.match(/still holds 1 mapping at the end of the program/);
    expect(violation.details[0]?.text).to.equal('vmalloc area: 61 of 64 pages free');
  });
});

describe('a mapping of one task', () => {
  it('is a leak at its end, and the report names the line of the map, not the one that called the explorer', () => {
    const { violation } = found(
      explore({
        tasks: {
          *one({ task, machine }) {
            kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
          },
          *two() {},
        },
      }),
    );
    expect(violation.what).to.equal('task "one" still holds 1 mapping at its end');
    const text = formatViolation(violation);
    expect(text).to.match(/mapped at leak\.spec\.ts:\d+/);
    expect(text).not.to.match(/found at|unknown line/);
  });
});

describe('a DMA mapping that is left', () => {
  it('is reported with the line of its map', () => {
    const { violation } = found(
      explore<{ device: DmaDevice }>({
        setup: (machine) => ({ device: new DmaDevice(machine) }),
        tasks: {
          *probe({ task, machine, device }) {
            void dmaMapPage(task, device, machine.allocPage({ zone: 'lowmem' }), 0, 64, 'toDevice');
          },
        },
      }),
    );
    expect(formatViolation(violation)).to.match(/mapped +at leak\.spec\.ts:\d+/);
  });
});
