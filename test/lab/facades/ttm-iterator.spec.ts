import { expect } from 'chai';
import { ViolationError, createMachine, runAlone } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { EINVAL, ENOMEM, NULL, failCall, ttmIterator } from 'scatterlist/lab';
import type { Faults } from 'scatterlist/lab';
import candidate from '../../../examples/lab/ttm-iterator.ts';
import { TestList } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

describe('ttmIterator', () => {
  describeFacade(candidate);

  const rig = (faults?: Faults, options: MachineOptions = {}) => {
    const machine = createMachine({ highmemPages: 32, ...options });
    const task = machine.task('mover');
    const list = new TestList<'highmem' | 'iomem'>(
      machine,
      [
        { kind: 'highmem', offset: 0, length: 8192 },
        { kind: 'highmem', offset: 0, length: 8192 },
        { kind: 'iomem', offset: 0, length: 8192 },
      ],
      1,
    );
    const [ram, other, device] = list.table;
    if (ram === undefined || other === undefined || device === undefined) throw new Error('no entry');
    const api = ttmIterator.on(machine, faults).open(task);
    const linearIo = () => runAlone(task, api.ttmKmapIterLinearIoInit(device));
    const bytesOf = (i: number) => list.bytes().subarray(8192 * i, 8192 * (i + 1));
    return { machine, task, api, ram, other, device, linearIo, bytesOf };
  };

  it('sets up system memory without a failure and without a map', () => {
    const { machine, api, ram } = rig(failCall(0));
    const iter = api.ttmKmapIterTtInit(ram);
    expect([iter.errno, iter.ops.mapsTt, iter.pages.length]).to.deep.equal([0, true, 2]);
    expect(machine.ledger.maps).to.equal(0);
    machine.checkLeaks();
  });

  it('maps device memory as a whole when it is set up, and maps and unmaps nothing afterwards', () => {
    const { machine, api, linearIo } = rig();
    const iter = linearIo();
    const map = api.iosysMapInitVaddr(NULL);
    expect([iter.errno, iter.ops.mapsTt, iter.ops.unmapLocal]).to.deep.equal([0, false, null]);
    const { maps } = machine.ledger;
    const bases = [0, 1].map((i) => {
      iter.ops.mapLocal(iter, map, i);
      return map.vaddr;
    });
    expect([bases[1], map.isIomem]).to.deep.equal([(bases[0] ?? 0) + 4096, true]);
    expect(machine.ledger.maps).to.equal(maps);
    api.ttmKmapIterLinearIoFini(iter);
    machine.checkLeaks();
  });

  it('fails when it is set up: -EINVAL for system memory, -ENOMEM without room or as a failure', () => {
    const { api, task, ram } = rig();
    expect(runAlone(task, api.ttmKmapIterLinearIoInit(ram)).errno).to.equal(-EINVAL);
    expect(rig(undefined, { vmallocPages: 1 }).linearIo().errno).to.equal(-ENOMEM);
    expect(rig(failCall(0)).linearIo().errno).to.equal(-ENOMEM);
  });

  it('lets a caller follow an error pointer, which the machine reports', () => {
    const iter = rig(failCall(0)).linearIo();
    expect(() => iter.ops).to.throw(ViolationError);
  });

  it('reports a page past the end as NULL', () => {
    const { api, ram } = rig();
    const iter = api.ttmKmapIterTtInit(ram);
    expect(() => {
      iter.ops.mapLocal(iter, api.iosysMapInitVaddr(NULL), 2);
    }).to.throw(ViolationError, 'null-pointer');
  });

  it('moves whole pages between device and system memory, or clears them', () => {
    const { machine, api, ram, linearIo, bytesOf } = rig();
    const [tt, io] = [api.ttmKmapIterTtInit(ram), linearIo()];
    const before = bytesOf(0);
    api.ttmMoveMemcpy(false, 1, io, tt);
    expect(bytesOf(2).subarray(0, 4096)).to.deep.equal(before.subarray(0, 4096));
    expect(bytesOf(2).subarray(4096)).to.not.deep.equal(before.subarray(4096));
    api.ttmMoveMemcpy(true, 2, tt, io);
    expect(bytesOf(0)).to.deep.equal(new Uint8Array(8192));
    api.ttmKmapIterLinearIoFini(io);
    machine.checkLeaks();
  });

  it('moves nothing between two iterators over system memory', () => {
    const { api, ram, other, bytesOf } = rig();
    const before = bytesOf(1);
    api.ttmMoveMemcpy(false, 2, api.ttmKmapIterTtInit(other), api.ttmKmapIterTtInit(ram));
    expect(bytesOf(1)).to.deep.equal(before);
  });

  it('takes local maps of system memory back newest first', () => {
    const { machine, api, ram } = rig();
    const tt = api.ttmKmapIterTtInit(ram);
    const [older, newer] = [api.iosysMapInitVaddr(NULL), api.iosysMapInitVaddr(NULL)];
    tt.ops.mapLocal(tt, older, 0);
    tt.ops.mapLocal(tt, newer, 1);
    expect(() => {
      tt.ops.unmapLocal?.(tt, older);
    }).to.throw(ViolationError, 'unmap-order');
    tt.ops.unmapLocal?.(tt, newer);
    expect(() => {
      machine.checkLeaks();
    }).to.throw(ViolationError, 'leak');
  });
});
