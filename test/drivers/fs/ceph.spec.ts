import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { observe } from 'scatterlist/ports';
import type { Needs, Port } from 'scatterlist/ports';
import dir from '../../../examples/drivers/fs/ceph-dir.ts';
import inode from '../../../examples/drivers/fs/ceph-inode.ts';
import { moveTo, noPage, releaseCursor } from '../../../examples/drivers/fs/readdir-cache.ts';

const CONTENT = Uint8Array.from({ length: 5000 }, (_, i) => (7 * i) & 0xff);

async function site(port: Port, variant: string): Promise<Needs | undefined> {
  return observe(await port.load({ name: 'test', content: CONTENT }), variant, 'highmem').needs[0];
}

describe('the readdir cache of ceph', () => {
  for (const [port, kept, sleep] of [
    [dir, 'map per search', 'dir_emit'],
    [inode, 'map per entry', 'the look-up of an inode'],
  ] as const) {
    it(`${port.name} keeps one page mapped while it sleeps, and no other task uses it`, async () => {
      const needs = await site(port, 'original');
      expect(needs).to.deep.include({ heldAtOnce: 1, pages: 1, usedBy: [], isReleasedInOrder: true });
      expect(needs?.sleptOn.join()).to.include(sleep);
    });

    it(`${port.name} sleeps with no page mapped in the other form, and maps more often`, async () => {
      const [original, other] = [await site(port, 'original'), await site(port, kept)];
      expect(other?.sleptOn).to.deep.equal([]);
      expect(other?.maps).to.be.greaterThan(original?.maps ?? Infinity);
    });
  }

  it('maps a page once for all pointers in it', () => {
    const machine = createMachine();
    const task = machine.task();
    const pages = machine.allocPages(2, { zone: 'highmem' });
    const backend = kmapLocal(task);
    const cursor = noPage();
    for (const index of [0, 511, 512, 1023, 3])
      expect(runAlone(task, moveTo(backend, pages, cursor, index)).ok).to.equal(true);
    expect(machine.ledger.maps).to.equal(3);
    expect(cursor.pageIndex).to.equal(0);
    const past = runAlone(task, moveTo(backend, pages, cursor, 1024));
    expect(past).to.deep.include({ ok: false });
    releaseCursor(backend, cursor);
    releaseCursor(backend, cursor);
    machine.checkLeaks();
  });
});
