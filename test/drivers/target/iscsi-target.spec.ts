import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import type { Context, MapBackend } from 'scatterlist';
import { kmap, kmapLocal } from 'scatterlist/backends';
import { defineMatrix, observe, runRow, takePages } from 'scatterlist/ports';
import { commandOver } from '../../../examples/drivers/command-list.ts';
import port, {
  iscsiCommand,
  mapIovec,
  unmapIovec,
  vectorsOf,
} from '../../../examples/drivers/target/iscsi-target.ts';

/** PDUs of two and three entries, and one of a few bytes. */
const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 12_300 }, (_, i) => (i * i) >> 3),
});

/** A command of 9000 bytes: 100, 4096, 4096 and 708. */
function target(bind: (context: Context) => MapBackend = kmap) {
  const machine = createMachine({ highmemPages: 8 });
  const { pageSize } = machine;
  const pages = takePages(machine, 'highmem', 4, 'contiguous');
  const layout = { offset: pageSize - 100, lengthBytes: 9000, entryBytes: pageSize, pageSize };
  const command = iscsiCommand(commandOver(pages, layout));
  const backend = bind(machine.task('iscsi_trx'));
  const map = (offset: number, lengthBytes: number, recordsEach = false) =>
    runAlone(backend.context, mapIovec(recordsEach)(backend, command, offset, lengthBytes));
  const vectors = (offset: number, lengthBytes: number) =>
    vectorsOf(command, offset, lengthBytes).vectors.map(({ page, offset: at, length }) => [
      pages.indexOf(page),
      at,
      length,
    ]);
  return { machine, pages, command, backend, map, vectors };
}

function results(variant: string, backend: string) {
  return [...runRow(defineMatrix({ ports: [port] }), { port, variant, memory: 'highmem' }, LOADED)]
    .filter(({ configuration, column }) => configuration === '32-bit' && column.contract.name === backend)
    .map(({ outcome }) => (outcome.result === 'violation' ? outcome.violation.rule : outcome.result));
}

describe('the iscsi target port', () => {
  it('holds a mapping for each entry while the socket sleeps, and releases the oldest first', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(moved?.verifiedBytes).to.equal(12_300);
    // Three, and one for the digest of data to be sent.
    const [iovec, digest] = needs;
    expect(iovec).to.deep.include({ pages: 1, heldAtOnce: 4, usedBy: [], isReleasedInOrder: false });
    expect(iovec?.sleptOn.join()).to.contain('data on the socket').and.contain('room in the socket');
    expect(digest).to.deep.include({ heldAtOnce: 4, isReleasedInOrder: true, sleptOn: [] });
  });

  it('needs the other order with kmap_local', () => {
    expect(results('original', 'kmap_local')).to.deep.equal(['unmap-order']);
    expect(results('newest first', 'kmap_local')).to.deep.equal(['verified']);
  });

  it('leaks in the error path, unless each map is recorded', () => {
    const { violation } = observe(LOADED, 'error path', 'highmem');
    expect(violation?.rule).to.equal('leak');
    expect(violation?.what).to.contain('still holds 4 mappings');
    expect(results('error path', 'kmap')).to.deep.equal(['leak']);
    expect(results('error path, recorded', 'kmap')).to.deep.equal(['verified']);
  });

  it('goes past the vector of an entry of two pages', () => {
    expect(results('entries of two pages', 'kmap')).to.deep.equal(['page-overrun']);
  });

  it('sleeps without a mapping if it passes pages', () => {
    for (const site of observe(LOADED, 'pass pages', 'highmem').needs)
      expect(site).to.deep.include({ heldAtOnce: 1, sleptOn: [] });
  });

  it('makes vectors from an offset on', () => {
    const { vectors } = target();
    expect(vectors(0, 1)).to.deep.equal([[0, 3996, 1]]);
    expect(vectors(99, 2)).to.deep.equal([
      [0, 4095, 1],
      [1, 0, 1],
    ]);
    expect(vectors(100, 4096)).to.deep.equal([[1, 0, 4096]]);
    expect(vectors(8291, 709)).to.deep.equal([
      [2, 4095, 1],
      [3, 0, 708],
    ]);
    expect(vectors(5, 0)).to.deep.equal([]);
  });

  it('maps what the vectors need, and releases all of it', () => {
    for (const [bind, newestFirst] of [
      [kmap, false],
      [kmapLocal, true],
    ] as const) {
      const { machine, command, backend, map } = target(bind);
      const mapped = map(99, 4098);
      expect(mapped.ok && mapped.value.length).to.equal(3);
      expect(command.kmappedNents).to.equal(3);
      unmapIovec(backend, command, newestFirst);
      unmapIovec(backend, command, newestFirst);
      machine.checkLeaks();
    }
  });

  it('returns an error for a list that is too short, and then releases what it recorded', () => {
    for (const [recordsEach, recorded] of [
      [false, 0],
      [true, 2],
    ] as const) {
      const { machine, command, backend, map } = target();
      const mapped = map(8000, 1001, recordsEach);
      expect(mapped.ok ? undefined : mapped.error).to.deep.equal({
        code: 'OutOfRange',
        haveBytes: 9000,
        wantBytes: 9001,
      });
      expect([command.iovec.length, command.kmappedNents]).to.deep.equal([2, recorded]);
      unmapIovec(backend, command);
      if (recorded === 0)
        expect(() => {
          machine.checkLeaks();
        }).to.throw('still holds 2 mappings');
      else machine.checkLeaks();
    }
  });
});
