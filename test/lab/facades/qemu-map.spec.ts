import { expect } from 'chai';
import { ViolationError, createMachine } from 'scatterlist';
import { ENOMEM, FacadeError, NULL, failCall, qemuMap, runJob } from 'scatterlist/lab';
import type { Faults } from 'scatterlist/lab';
import { AddressSpace } from 'scatterlist/machine';
import candidate from '../../../examples/lab/qemu-map.ts';
import { TestList, pattern } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

const BUDGET = 4096;

describe('qemuMap', () => {
  describeFacade(candidate);

  const rig = (faults?: Faults) => {
    const machine = createMachine({ highmemPages: 32, lowmemPages: 32, bounceSlots: 2 });
    const task = machine.task('device');
    const list = new TestList<'lowmem' | 'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'lowmem', offset: 4000, length: 8192 },
        { kind: 'highmem', offset: 4000, length: 8192 },
        { kind: 'iomem', offset: 16, length: 100 },
      ],
      1,
    );
    const design = qemuMap.on(machine, faults);
    const api = design.open(task);
    const [low, high, device] = api.qemuSglist(list.table);
    if (low === undefined || high === undefined || device === undefined) throw new Error('no entry');
    const map = (address: number, want: number, isWrite: boolean) => {
      const plen = { value: want };
      const buffer = api.addressSpaceMap(address, plen, isWrite);
      return { buffer, len: plen.value };
    };
    const mem = new AddressSpace(task);
    const bytesAt = (address: number, length: number) => {
      const bytes = new Uint8Array(length);
      mem.copyTo(bytes, address);
      return bytes;
    };
    return {
      machine,
      list,
      design,
      api,
      mem,
      bytesAt,
      map,
      low: low.base,
      high: high.base,
      device: device.base,
    };
  };

  it('returns the address of RAM that is direct, across pages and without a budget', () => {
    const { design, map, bytesAt, list, low, api } = rig(failCall(0));
    const { buffer, len } = map(low, 8192, true);
    expect(len).to.equal(8192);
    expect(bytesAt(buffer, len)).to.deep.equal(list.bytes().subarray(0, 8192));
    api.addressSpaceUnmap(buffer, len, true, len);
    expect(design.close()).to.equal(undefined);
  });

  it('reads other memory when it is mapped for reads, and writes nothing back', () => {
    const { list, api, mem, bytesAt, map, high, design } = rig();
    const { buffer, len } = map(high, 300, false);
    expect(bytesAt(buffer, len)).to.deep.equal(list.bytes().subarray(8192, 8492));
    mem.fill(0, buffer, len);
    api.addressSpaceUnmap(buffer, len, false, len);
    expect(list.changed()).to.be.false;
    expect(design.close()).to.equal(undefined);
  });

  it('begins as zeros when it is mapped for writes, and writes back as much as was accessed', () => {
    const { list, api, mem, bytesAt, map, high, device } = rig();
    for (const [address, at] of [
      [high, 8192],
      [device, 16384],
    ] as const) {
      const before = list.bytes();
      const { buffer, len } = map(address, 100, true);
      expect(bytesAt(buffer, len)).to.deep.equal(new Uint8Array(100));
      const bytes = pattern(100, 9);
      mem.copyFrom(bytes, buffer);
      expect(list.bytes()).to.deep.equal(before);
      api.addressSpaceUnmap(buffer, len, true, 60);
      before.set(bytes.subarray(0, 60), at);
      expect(list.bytes()).to.deep.equal(before);
    }
  });

  it('maps less than asked for when the budget is short, and NULL when it is used up', () => {
    const { map, api, high, design } = rig();
    const first = map(high, 3000, false);
    const second = map(high, 3000, false);
    expect([first.len, second.len]).to.deep.equal([3000, BUDGET - 3000]);
    expect(map(high, 3000, false)).to.deep.equal({ buffer: NULL, len: 0 });
    expect(design.close()).to.equal('4096 bytes of bounce buffers');
    api.addressSpaceUnmap(first.buffer, first.len, false, 0);
    expect(map(high, 9000, false).len).to.equal(3000);
  });

  it('maps nothing for a length of 0, and ends a map where the memory ends', () => {
    const { machine, map, high, low, device } = rig();
    expect(map(high, 0, false).buffer).to.equal(NULL);
    expect(map(device, 5000, false).len).to.equal(4096 - 16);
    const lowmemEnd = machine.hardware.memory.directEnd * 4096;
    expect(map(low, 100 * 4096, false).len).to.equal(lowmemEnd - low);
  });

  it('fails as NULL, or with half of the length', () => {
    const { map, high } = rig(failCall(0));
    expect(map(high, 100, true)).to.deep.equal({ buffer: NULL, len: 0 });
    expect(rig(failCall(1)).map(high, 101, true).len).to.equal(51);
  });

  it('calls every map client once, the newest first, when a bounce buffer is given back', () => {
    const { map, api, high, design } = rig();
    const called: string[] = [];
    const client = (name: string) => () => {
      called.push(name);
    };
    api.addressSpaceRegisterMapClient(client('at once'));
    expect(called).to.deep.equal(['at once']);
    const { buffer, len } = map(high, BUDGET, false);
    const dropped = client('dropped');
    for (const one of [client('older'), dropped, client('newer')]) api.addressSpaceRegisterMapClient(one);
    api.addressSpaceUnregisterMapClient(dropped);
    api.addressSpaceUnregisterMapClient(dropped);
    expect(called).to.deep.equal(['at once']);
    api.addressSpaceUnmap(buffer, len, false, 0);
    expect(called).to.deep.equal(['at once', 'newer', 'older']);
    const again = map(high, BUDGET, false);
    api.addressSpaceUnmap(again.buffer, again.len, false, 0);
    expect(called).to.have.lengthOf(3);
    map(high, BUDGET, false);
    api.addressSpaceRegisterMapClient(client('left'));
    expect(called).to.have.lengthOf(3);
    expect(design.close()).to.equal('4096 bytes of bounce buffers');
  });

  it('lets a coroutine sleep until a bounce buffer is given back, and others run first', () => {
    const { machine, map, api, high, design } = rig();
    const held = map(high, BUDGET, false);
    const waits = () => design.open(machine.task()).coWaitForMapClient();
    const waiter = waits();
    expect(waiter.next().value).to.have.property('sleepOn');
    api.addressSpaceUnmap(held.buffer, held.len, false, 0);
    // With room, it does not sleep, and lets others run nevertheless.
    for (const one of [waiter, waits()]) {
      expect(one.next()).to.deep.equal({ done: false, value: undefined });
      expect(one.next().done).to.be.true;
    }
    expect(design.close()).to.equal(undefined);
  });

  it('finds by the magic number that a buffer was given back before, or that its address is another', () => {
    const { map, api, high } = rig();
    const { buffer, len } = map(high, 100, true);
    expect(() => {
      api.addressSpaceUnmap(buffer + 100, len, true, 0);
    }).to.throw(FacadeError, 'BOUNCE_BUFFER_MAGIC');
    api.addressSpaceUnmap(buffer, len, true, 0);
    expect(() => {
      api.addressSpaceUnmap(buffer, len, true, 0);
    }).to.throw(FacadeError, 'BOUNCE_BUFFER_MAGIC');
    expect(() => {
      api.addressSpaceUnmap(NULL, 0, true, 0);
    }).to.throw(ViolationError, 'null-pointer');
  });

  it('says MEMTX_DECODE_ERROR where there is no memory', () => {
    const { machine, api, low } = rig();
    const end = machine.hardware.memory.endPfn * 4096;
    const one = new Uint8Array(1);
    expect([
      api.addressSpaceRead(low, one),
      api.addressSpaceRead(end, one),
      api.addressSpaceWrite(end, one),
    ]).to.deep.equal([api.MEMTX_OK, 2, 2]);
  });

  it('runs out of budget in the middle of n maps when others hold theirs', () => {
    // Each of them maps 4 * 256 bytes and sleeps with all of them held.
    expect(runJob(candidate, 'manyMaps', { users: 4 }).outcome.kind).to.equal('done');
    expect(runJob(candidate, 'manyMaps', { users: 5 }).outcome).to.deep.equal({
      kind: 'refused',
      errno: -ENOMEM,
    });
    const machine = { bounceSlots: 4 };
    expect(runJob(candidate, 'manyMaps', { users: 5, machine }).outcome.kind).to.equal('done');
  });
});
