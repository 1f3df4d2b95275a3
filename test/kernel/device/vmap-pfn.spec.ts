import { expect } from 'chai';
import { createMachine, pfn } from 'scatterlist';
import { iounmap, vmapPfn, vunmapPfn } from 'scatterlist/machine';
import { violationOf } from '../violations.ts';

describe('vmap_pfn', () => {
  const machine = createMachine();
  const frames = machine.ioRegion(4).map((page) => page.pfn);
  const task = machine.task();

  it('maps frames of a device in the order given', () => {
    const [a, , c] = frames;
    if (a === undefined || c === undefined) throw new Error('no frames');
    const mapped = vmapPfn(task, [c, a]);
    if (!mapped.ok) throw new Error(mapped.error.code);
    mapped.value.store32(0, 0x11111111);
    mapped.value.store32(4096, 0x22222222);
    const bytes = [c, a].map((frame) => machine.physical(machine.hardware.memory.page(frame))[0]);
    expect(bytes).to.deep.equal([0x11, 0x22]);
    expect(
      violationOf(() => {
        iounmap(task, mapped.value);
      }),
    ).to.equal('unmap-mismatch');
    vunmapPfn(task, mapped.value);
    machine.checkLeaks();
  });

  it('refuses memory, nothing, and frames of two devices', () => {
    const [other] = machine.ioRegion(1);
    const refused = [[pfn(0)], [], [...frames, other?.pfn ?? pfn(0)]].map((list) => vmapPfn(task, list));
    expect(refused.map((r) => (r.ok ? 'ok' : r.error.code))).to.deep.equal(Array(3).fill('InvalidArgument'));
  });
});
