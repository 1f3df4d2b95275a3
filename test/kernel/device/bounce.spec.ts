import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Machine, Task } from 'scatterlist';
import { BouncePool, kmapLocalPage, syncForCpu, syncForDevice } from 'scatterlist/machine';
import type { BouncePolicy, BounceWindow } from 'scatterlist/machine';
import { DEFAULT_BOUNCE_POLICY, mapBounce, unmapBounce } from '../../../lib/kernel/device/bounce.ts';
import { violationOf } from '../violations.ts';

interface Rig {
  readonly machine: Machine;
  readonly task: Task;
  readonly pool: BouncePool;
  readonly device: Uint8Array;
  readonly open: (policy?: Partial<BouncePolicy>, length?: number) => BounceWindow;
}

/** Sixteen bytes of device memory from offset 8 of a page that counts up. */
function rig(): Rig {
  const machine = createMachine({ bounceSlots: 4 });
  const task = machine.task();
  const pool = new BouncePool(machine);
  const [page] = machine.ioRegion(1);
  const device = machine.physical(page!);
  device.set(Uint8Array.from({ length: 64 }, (_, i) => i));
  const open = (policy: Partial<BouncePolicy> = {}, length = 16): BounceWindow => {
    const mapped = mapBounce(task, pool, page!, 8, length, { ...DEFAULT_BOUNCE_POLICY, ...policy });
    if (!mapped.ok) throw new Error(mapped.error.code);
    return mapped.value;
  };
  return { machine, task, pool, device, open };
}

describe('bounce mapping', () => {
  it('copies in, is worked on with plain stores, and copies back on release', () => {
    const { machine, task, pool, device, open } = rig();
    const m = open();
    expect([...m.bytes.subarray(0, 3)]).to.deep.equal([8, 9, 10]);
    m.bytes[0] = 0xaa;
    m.store8(1, 0xbb);
    expect([...device.subarray(8, 11)]).to.deep.equal([8, 9, 10]);
    unmapBounce(task, m);
    expect([...device.subarray(7, 11)]).to.deep.equal([7, 0xaa, 0xbb, 10]);
    expect([machine.ledger.bytesBounced, pool.slotsInUse, task.localMaps.idx]).to.deep.equal([32, 0, 0]);
  });

  it('fills in what its policy says', () => {
    const { task, open } = rig();
    const first = (policy: Partial<BouncePolicy>): number => {
      const m = open({ ...policy, sync: 'explicit' });
      const byte = m.load8(0);
      m.fill(0x77);
      unmapBounce(task, m);
      return byte;
    };
    expect(first({ prefill: 'copy' })).to.equal(8);
    expect(first({ prefill: 'zero' })).to.equal(0);
    expect([0, 1, 2].map(() => first({ prefill: 'none' }))).to.deep.equal([0, 0, 0x77]);
  });

  it('writes back what its policy says, and counts those bytes', () => {
    const back = (policy: Partial<BouncePolicy>, accessed?: number): readonly unknown[] => {
      const { machine, task, device, open } = rig();
      const m = open({ prefill: 'zero', ...policy });
      m.store8(1, 5);
      m.store8(15, 6);
      if (accessed !== undefined) m.accessedBytes = accessed;
      unmapBounce(task, m);
      return [machine.ledger.bytesBounced, device[8], device[9], device[22], device[23]];
    };
    expect(back({ writeBack: 'all' })).to.deep.equal([16, 0, 5, 0, 6]);
    expect(back({ writeBack: 'touched' })).to.deep.equal([2, 8, 5, 22, 6]);
    expect(back({ writeBack: 'length' }, 4)).to.deep.equal([4, 0, 5, 22, 23]);
    expect(back({ sync: 'explicit' })).to.deep.equal([0, 8, 9, 22, 23]);
  });

  it('syncs both ways in between', () => {
    const { machine, task, device, open } = rig();
    const m = open({ writeBack: 'touched', sync: 'explicit' });
    m.bytes[0] = 1;
    syncForDevice(task, m);
    expect(device[8]).to.equal(1);
    device[9] = 2;
    syncForCpu(task, m);
    expect(m.load8(1)).to.equal(2);
    syncForDevice(task, m);
    expect(machine.ledger.bytesBounced).to.equal(16 + 1 + 16);
    unmapBounce(task, m);
  });

  it('fails where the pool is exhausted, with the numbers', () => {
    const { machine, pool, task, open } = rig();
    open({}, 4000);
    open({}, 2048);
    const [page] = machine.ioRegion(2);
    expect(mapBounce(task, pool, page!, 0, 4096, DEFAULT_BOUNCE_POLICY)).to.deep.equal({
      ok: false,
      error: { code: 'BounceExhausted', needBytes: 4096, freeBytes: 2048, largestRunBytes: 2048 },
    });
    expect(machine.liveMappings).to.equal(2);
  });

  it('gives its slots back when copying in goes wrong', () => {
    const { machine, task, pool, open } = rig();
    for (const page of machine.allocPages(15, { zone: 'highmem' })) kmapLocalPage(task, page);
    expect(violationOf(() => open())).to.equal('slot-overflow');
    expect([pool.slotsInUse, machine.liveMappings]).to.deep.equal([0, 15]);
  });

  it('leaves no device mapping behind when the device refuses the copy', () => {
    const { machine, task, pool } = rig();
    const handlers = { read: () => 0n, write: () => undefined };
    const [page] = machine.ioRegion(1, { widths: [4], handlers });
    expect(violationOf(() => mapBounce(task, pool, page!, 2, 4, DEFAULT_BOUNCE_POLICY))).to.equal('io-width');
    expect([pool.slotsInUse, machine.liveMappings, task.localMaps.idx]).to.deep.equal([0, 0, 0]);
  });

  it('is refused over the end of the page, on checked strict machines', () => {
    const { machine, task, pool } = rig();
    const [page] = machine.ioRegion(1);
    const over = (m: Machine, t: Task, p: BouncePool, offset: number, length: number): string | undefined =>
      violationOf(() => mapBounce(t, p, m.ioRegion(1)[0]!, offset, length, DEFAULT_BOUNCE_POLICY));
    expect(violationOf(() => mapBounce(task, pool, page!, 4090, 7, DEFAULT_BOUNCE_POLICY))).to.equal(
      'page-overrun',
    );
    expect(over(machine, task, pool, -1, 4)).to.equal('page-overrun');
    expect([pool.slotsInUse, machine.liveMappings]).to.deep.equal([0, 0]);
    expect(mapBounce(task, pool, page!, 4090, 6, DEFAULT_BOUNCE_POLICY).ok).to.equal(true);
  });

  it('is released once', () => {
    const { task, open } = rig();
    const m = open();
    unmapBounce(task, m);
    expect(violationOf(() => unmapBounce(task, m))).to.equal('double-unmap');
  });
});

describe('the range of a bounce mapping', () => {
  it('ends with its page, and one that does not takes no slot', () => {
    for (const prefill of ['none', 'zero', 'copy'] as const) {
      const { pool, open } = rig();
      expect(violationOf(() => open({ prefill }, 4088))).to.equal('none');
      expect(violationOf(() => open({ prefill }, 4089))).to.equal('page-overrun');
      expect(pool.slotsInUse).to.equal(2);
    }
  });
});
