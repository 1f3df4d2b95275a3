import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { observe } from 'scatterlist/ports';
import port, { append, appendAndUnmap, release } from '../../../examples/drivers/net/ceph-pagelist.ts';
import type { PageList } from '../../../examples/drivers/net/ceph-pagelist.ts';

const CONTENT = Uint8Array.from({ length: 9000 }, (_, i) => (5 * i) & 0xff);
const LOADED = await port.load({ name: 'test', content: CONTENT });

const emptyList = (): PageList => ({
  memory: 'highmem',
  pages: [],
  lengthBytes: 0,
  roomBytes: 0,
  tail: undefined,
});

describe('the page list of ceph', () => {
  it('leaves its last page mapped for the task that releases it', () => {
    const [site] = observe(LOADED, 'original', 'highmem').needs;
    expect(site).to.deep.include({ maps: 3, heldAtOnce: 1, usedBy: ['task "send"'] });
    const [copy] = observe(LOADED, 'map on append', 'highmem').needs;
    expect(copy).to.deep.include({ heldAtOnce: 1, usedBy: [], sleptOn: [] });
  });

  for (const [name, add] of [
    ['append', append],
    ['appendAndUnmap', appendAndUnmap],
  ] as const)
    it(`${name} fills pages to their last byte`, () => {
      const machine = createMachine();
      const task = machine.task();
      const list = emptyList();
      for (const bytes of [CONTENT.subarray(0, 4095), CONTENT.subarray(4095, 4096), CONTENT.subarray(4096)])
        expect(runAlone(task, add(kmapLocal(task), list, bytes)).ok).to.equal(true);
      expect([list.pages.length, list.lengthBytes, list.roomBytes]).to.deep.equal([3, 9000, 3 * 4096 - 9000]);
      const bytes = list.pages.flatMap((page) => [...machine.physical(page)]);
      expect(bytes.slice(0, 9000)).to.deep.equal([...CONTENT]);
      release(kmapLocal(task), list);
      machine.checkLeaks();
    });

  it('says when there is no page, and keeps what it has', () => {
    const machine = createMachine({ highmemPages: 1 });
    const task = machine.task();
    const list = emptyList();
    const added = runAlone(task, append(kmapLocal(task), list, CONTENT));
    expect(added).to.have.nested.property('error.code', 'NoMemory');
    expect([list.pages.length, list.lengthBytes]).to.deep.equal([1, 4096]);
    release(kmapLocal(task), list);
    machine.checkLeaks();
  });
});
