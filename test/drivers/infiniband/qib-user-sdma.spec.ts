import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { MapBackend, Task } from 'scatterlist';
import { kmap, kmapAtomic, kmapLocal } from 'scatterlist/backends';
import { UserSpace } from 'scatterlist/machine';
import { observe } from 'scatterlist/ports';
import port, {
  coalesce,
  coalesceByPieces,
  freePktFrag,
} from '../../../examples/drivers/infiniband/qib-user-sdma.ts';

const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 5000 }, (_, i) => i & 0xff),
});

/** A user with two pages, of which the second is present only if asked for. */
function adapter(bind: (task: Task) => MapBackend, hasSecond = true) {
  const machine = createMachine();
  const task = machine.task('writev');
  const user = new UserSpace(machine);
  const [first, second, page] = machine.allocPages(3, { zone: 'highmem' });
  if (first === undefined || second === undefined || page === undefined) throw new Error('no pages');
  machine.physical(first).fill(1);
  machine.physical(second).fill(2);
  user.map(0x1000, first);
  if (hasSecond) user.map(0x2000, second);
  const vectors = [
    { address: 0x1100, length: 3 },
    { address: 0x1ffe, length: 4 },
    { address: 0x2000, length: hasSecond ? 1 : 0 },
  ];
  return { machine, task, user, page, vectors, backend: bind(task) };
}

describe('the qib user sdma port', () => {
  it('faults and sleeps with the page mapped, and another task releases it', () => {
    const [site, ...others] = observe(LOADED, 'original', 'highmem').needs;
    expect(others).to.deep.equal([]);
    expect(site).to.deep.include({ maps: 3, isFaulting: true, usedBy: ['task "cleanup"'] });
    expect(site?.sleptOn).to.include.members(['copy_from_user', 'the disk', 'the end of a packet']);
  });

  it('needs no other task, but still faults, if it maps for each piece', () => {
    const [site] = observe(LOADED, 'map per piece', 'highmem').needs;
    expect(site).to.deep.include({ isFaulting: true, usedBy: [] });
    expect(site?.sleptOn).not.to.include('the end of a packet');
  });

  for (const [name, gather] of Object.entries({ coalesce, coalesceByPieces })) {
    it(`gathers pieces that begin and end anywhere: ${name}`, () => {
      const { machine, task, user, page, vectors, backend } = adapter(kmapLocal);
      const packet = runAlone(task, gather(backend, page, user, vectors));
      if (!packet.ok) throw new Error(packet.error.code);
      expect(packet.value.lengthBytes).to.equal(8);
      expect([...machine.physical(page).subarray(0, 9)]).to.deep.equal([1, 1, 1, 1, 1, 2, 2, 2, 0]);
      freePktFrag(backend, packet.value);
      machine.checkLeaks();
    });

    it(`gives the page back if the user has no page there: ${name}`, () => {
      const { machine, task, user, page, vectors, backend } = adapter(kmap, false);
      expect(runAlone(task, gather(backend, page, user, vectors))).to.deep.equal({
        ok: false,
        error: { code: 'BadAddress', address: 0x2000, bytesNotCopied: 2 },
      });
      machine.checkLeaks();
      expect(() => {
        machine.freePage(page);
      }).to.throw('free');
    });

    it(`cannot handle a fault under kmap_atomic: ${name}`, () => {
      const { machine, task, page, vectors, backend } = adapter(kmapAtomic);
      const absent = new UserSpace(machine, {
        *handleFault() {
          return machine.allocPage({ zone: 'highmem' });
        },
      });
      const packet = runAlone(task, gather(backend, page, absent, vectors));
      expect(packet.ok ? 'gathered' : packet.error.code).to.equal('BadAddress');
      machine.checkLeaks();
    });
  }
});
