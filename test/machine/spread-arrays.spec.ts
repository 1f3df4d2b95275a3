import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine, Page } from 'scatterlist';
import { kmapLocalPage, kunmapLocal, memsetPage, vmap, vunmap } from 'scatterlist/machine';
import { SpreadArrays } from '../../lib/machine/spread-arrays.ts';

/** Two pages that do not lie side by side in the host's memory, mapped side by side. */
function spread(mode: 'direct' | 'checked') {
  const machine = createMachine({ mode });
  const task = machine.task();
  const pages = machine.allocPages(3, { zone: 'highmem' });
  for (const i of [2, 1, 0]) machine.physical(pages[i]!).fill(i);
  const mapped = vmap(task, [pages[0]!, pages[1]!]);
  if (!mapped.ok) throw new Error(mapped.error.code);
  return { machine, task, pages, window: mapped.value };
}

function byteOf(machine: Machine, page: Page, at: number): number | undefined {
  return machine.hardware.memory.bytesOf(page)[at];
}

describe('SpreadArrays', () => {
  it('tell when the first goes out and the last comes back', () => {
    const told: boolean[] = [];
    const arrays: SpreadArrays = new SpreadArrays(() => void told.push(arrays.isOut));
    const calls: string[] = [];
    const one = { writeBack: () => calls.push('write 1'), refresh: () => calls.push('show 1') };
    const two = { writeBack: () => calls.push('write 2'), refresh: () => calls.push('show 2') };
    arrays.add(one);
    arrays.add(two);
    arrays.sync();
    expect(calls).to.deep.equal(['write 1', 'write 2', 'show 1', 'show 2']);
    arrays.delete(one);
    expect(told).to.deep.equal([true]);
    arrays.delete(two);
    expect(told).to.deep.equal([true, false]);
  });

  for (const mode of ['direct', 'checked'] as const)
    it(`are in step with memory at each operation of a ${mode} machine`, () => {
      const { machine, task, pages, window } = spread(mode);
      const { bytes } = window;
      expect([bytes[0], bytes[4096], bytes.length]).to.deep.equal([0, 1, 8192]);
      bytes[5] = 77;
      bytes[4100] = 78;
      // Through another mapping of the page, by an accessor, by a helper, and as a device sees it.
      const other = kmapLocalPage(task, pages[1]!);
      expect(other.load8(4)).to.equal(78);
      other.store8(6, 79);
      expect(bytes[4102]).to.equal(79);
      other.copyFrom(Uint8Array.of(80, 81), 7);
      expect([...bytes.subarray(4102, 4106)]).to.deep.equal([79, 80, 81, 1]);
      expect(other.bytes[4]).to.equal(78);
      kunmapLocal(task, other);
      memsetPage(task, pages[0]!, 100, 9, 2);
      machine.enter(task);
      expect([...bytes.subarray(99, 103)]).to.deep.equal([0, 9, 9, 0]);
      expect(machine.physical(pages[0]!)[5]).to.equal(77);
      expect([window.load8(5), window.load16(100)]).to.deep.equal([77, 0x0909]);
      window.store8(0, 50);
      expect(bytes[0]).to.equal(50);
      // What the release writes back is what the driver changed.
      machine.physical(pages[1]!)[9] = 90;
      bytes[4106] = 91;
      vunmap(task, window);
      expect([byteOf(machine, pages[1]!, 9), byteOf(machine, pages[1]!, 10)]).to.deep.equal([90, 91]);
      expect(machine.hardware.spreadArrays.isOut).to.equal(false);
    });

  it('are not needed where pages lie side by side', () => {
    const machine = createMachine({ mode: 'direct' });
    const task = machine.task();
    const pages = machine.allocPages(2, { zone: 'highmem' });
    for (const page of pages) machine.physical(page);
    const mapped = vmap(task, pages);
    if (!mapped.ok) throw new Error(mapped.error.code);
    expect(mapped.value.bytes.buffer).to.equal(machine.physical(pages[0]!).buffer);
    expect([machine.hardware.spreadArrays.isOut, machine.watch.isOff]).to.deep.equal([false, true]);
  });
});
