import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { EINVAL, ENOMEM, FacadeError, NULL, failCall, iosysMap, readView } from 'scatterlist/lab';
import type { DmaBuf, Faults, IosysMap } from 'scatterlist/lab';
import candidate from '../../../examples/lab/iosys-map.ts';
import { TestList } from '../../../lib/lab/test-list.ts';
import type { Segment } from '../../../lib/lab/test-list.ts';
import { describeFacade } from './facade-suite.ts';

const RAM = 'highmem';

describe('iosysMap', () => {
  // dma_buf_vmap may sleep.
  describeFacade(candidate, { cannot: ['mustNotSleep'] });

  const rig = (
    segments: readonly Segment<'highmem' | 'iomem'>[],
    faults?: Faults,
    options: MachineOptions = {},
  ) => {
    const machine = createMachine({ highmemPages: 32, ...options });
    const task = machine.task('mapper');
    const list = new TestList<'highmem' | 'iomem'>(machine, segments, 1);
    const entries = [...list.table];
    const at = (i: number) => {
      const sg = entries[i];
      if (sg === undefined) throw new Error('no entry');
      return sg;
    };
    const api = iosysMap.on(machine, faults).open(task);
    const map = (buffer: DmaBuf): { readonly errno: number; readonly map: IosysMap } => {
      const made = api.iosysMapInitVaddr(1);
      return { errno: runAlone(task, api.dmaBufVmap(buffer, made)), map: made };
    };
    const unmap = (buffer: DmaBuf, made: IosysMap) => {
      runAlone(task, api.dmaBufVunmap(buffer, made));
    };
    return { machine, task, list, at, api, map, unmap };
  };

  it('maps a list whose entries join as one run of bytes', () => {
    const { machine, task, list, map, unmap } = rig([
      { kind: RAM, offset: 4000, length: 96 },
      { kind: RAM, offset: 0, length: 8192 },
      { kind: RAM, offset: 0, length: 10 },
    ]);
    const made = map(list.table);
    expect(made.errno).to.equal(0);
    const bytes = new Uint8Array(list.length);
    readView(task, { base: made.map.vaddr, length: list.length }, bytes);
    expect(bytes).to.deep.equal(list.bytes());
    unmap(list.table, made.map);
    machine.checkLeaks();
  });

  it('refuses with -EINVAL and a NULL map what one map cannot hold: a gap, two kinds of memory, several devices', () => {
    const all: readonly (readonly Segment<'highmem' | 'iomem'>[])[] = [
      [
        { kind: RAM, offset: 0, length: 100 },
        { kind: RAM, offset: 0, length: 10 },
      ],
      [
        { kind: RAM, offset: 0, length: 4096 },
        { kind: RAM, offset: 8, length: 10 },
      ],
      [
        { kind: RAM, offset: 0, length: 4096 },
        { kind: 'iomem', offset: 0, length: 10 },
      ],
      [
        { kind: 'iomem', offset: 0, length: 4096 },
        { kind: 'iomem', offset: 0, length: 10 },
      ],
    ];
    for (const segments of all) {
      const { list, map } = rig(segments);
      expect(map(list.table)).to.deep.equal({ errno: -EINVAL, map: { vaddr: NULL, isIomem: false } });
    }
  });

  it('says which kind of memory it mapped, and maps device memory exactly', () => {
    const { machine, at, map, unmap } = rig([
      { kind: RAM, offset: 5000, length: 10 },
      { kind: 'iomem', offset: 5000, length: 10 },
    ]);
    for (const [i, isIomem] of [false, true].entries()) {
      const made = map(at(i));
      expect([made.errno, made.map.isIomem, made.map.vaddr % 4096]).to.deep.equal([0, isIomem, 5000 % 4096]);
      unmap(at(i), made.map);
    }
    machine.checkLeaks();
  });

  it('fails with -ENOMEM without room, or as a failure', () => {
    const three = [{ kind: RAM, offset: 0, length: 3 * 4096 }] as const;
    const small = rig(three, undefined, { vmallocPages: 2 });
    expect(small.map(small.at(0)).errno).to.equal(-ENOMEM);
    const failing = rig(three, failCall(0));
    expect(failing.map(failing.at(0)).errno).to.equal(-ENOMEM);
    expect(failing.map(failing.at(0)).errno).to.equal(0);
  });

  it('gives all users of a buffer one map, and releases it with the last', () => {
    const { machine, at, map, unmap } = rig([{ kind: RAM, offset: 0, length: 4096 }]);
    const [one, two] = [map(at(0)), map(at(0))];
    expect(two).to.deep.equal(one);
    unmap(at(0), one.map);
    expect(one.map.vaddr).to.not.equal(NULL);
    unmap(at(0), two.map);
    expect(two.map).to.deep.equal({ vaddr: NULL, isIomem: false });
    machine.checkLeaks();
  });

  it('stops the machine for a map that has moved, and for a second release', () => {
    const { at, api, map, unmap } = rig([{ kind: RAM, offset: 0, length: 4096 }]);
    const made = map(at(0));
    api.iosysMapIncr(made.map, 8);
    expect(() => {
      unmap(at(0), made.map);
    }).to.throw(FacadeError, 'another map');
    api.iosysMapIncr(made.map, -8);
    unmap(at(0), made.map);
    expect(() => {
      unmap(at(0), made.map);
    }).to.throw(FacadeError, 'not mapped');
  });
});
