import { expect } from 'chai';
import { createMachine, runAlone, sgInitTable, sgSetPage } from 'scatterlist';
import { kmap } from 'scatterlist/backends';
import { defineMatrix, observe, runRow, takePages } from 'scatterlist/ports';
import { Socket, h2cDataPdus } from '../../../examples/drivers/nvme/nvme-tcp-host.ts';
import port, { mapPduIovec, receiveMapped } from '../../../examples/drivers/nvme/nvmet-tcp.ts';

/** Three PDUs, two of which cross a page. */
const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 8500 }, (_, i) => (i * i) >> 3),
});

function list(lengths: readonly number[]) {
  const machine = createMachine();
  const pages = takePages(machine, 'highmem', lengths.length);
  const table = sgInitTable(lengths.length);
  for (const [i, page] of pages.entries()) sgSetPage(table.entry(i), page, lengths[i] ?? 0, 8);
  const vectors = (offset: number, lengthBytes: number) => {
    const mapped = mapPduIovec(table.entry(0), offset, lengthBytes);
    if (!mapped.ok) return mapped.error;
    return mapped.value.map(({ page, offset: at, length }) => [pages.indexOf(page), at, length]);
  };
  return { machine, vectors };
}

describe('the nvmet tcp port', () => {
  it('holds a mapping for each vector while the socket sleeps', () => {
    const { needs, moved } = observe(LOADED, 'original', 'highmem');
    expect(moved?.verifiedBytes).to.equal(8500);
    expect(needs).to.have.length(1);
    expect(needs[0]).to.deep.include({ pages: 1, heldAtOnce: 2, usedBy: [] });
    expect(needs[0]?.sleptOn.join()).to.include('data on the socket');
  });

  it('sleeps without a mapping if it passes pages', () => {
    const { needs } = observe(LOADED, 'pass pages', 'highmem');
    for (const site of needs) expect(site).to.deep.include({ heldAtOnce: 1, sleptOn: [] });
  });

  it('cannot make a digest by permanent addresses where there is highmem', () => {
    const results = (memory: 'highmem' | 'lowmem') =>
      [...runRow(defineMatrix({ ports: [port] }), { port, variant: 'digest by address', memory }, LOADED)]
        .filter(
          ({ configuration, column }) =>
            configuration === '32-bit' && column.contract.name === 'page_address',
        )
        .map(({ outcome }) => outcome.result);
    expect(results('highmem')).to.deep.equal(['refused']);
    expect(results('lowmem')).to.deep.equal(['verified']);
  });

  it('makes vectors from the offset of the data on', () => {
    const { vectors } = list([100, 200, 50]);
    expect(vectors(0, 100)).to.deep.equal([[0, 8, 100]]);
    expect(vectors(99, 2)).to.deep.equal([
      [0, 107, 1],
      [1, 8, 1],
    ]);
    expect(vectors(100, 250)).to.deep.equal([
      [1, 8, 200],
      [2, 8, 50],
    ]);
    expect(vectors(320, 30)).to.deep.equal([[2, 28, 30]]);
    expect(vectors(10, 0)).to.deep.equal([]);
  });

  it('refuses data for which the list is too short', () => {
    const { vectors } = list([100, 200]);
    expect(vectors(0, 301)).to.deep.equal({ code: 'OutOfRange', haveBytes: 300, wantBytes: 301 });
    expect(vectors(300, 1)).to.deep.equal({ code: 'OutOfRange', haveBytes: 300, wantBytes: 301 });
    expect(vectors(400, 1)).to.deep.equal({ code: 'OutOfRange', haveBytes: 300, wantBytes: 401 });
  });

  it('gives the mappings back if a later page cannot be mapped', () => {
    const machine = createMachine();
    const task = machine.task('io_work');
    const pages = (['highmem', 'iomem'] as const).flatMap((memory) => takePages(machine, memory, 1));
    const vectors = pages.map((page) => ({ page, offset: 0, length: 10 }));
    const socket = new Socket(machine, new Uint8Array());
    const received = runAlone(task, receiveMapped(kmap(task), socket, vectors));
    expect(received.ok ? undefined : received.error.code).to.equal('Unmappable');
    machine.checkLeaks();
  });
});

describe('the host of NVMe over TCP', () => {
  it('sends headers, data and digests', () => {
    const stream = h2cDataPdus(Uint8Array.of(1, 2, 3), 2);
    expect(stream.length).to.equal(3 + 2 * 28);
    expect([...stream.subarray(0, 8)]).to.deep.equal([6, 2, 24, 24, 30, 0, 0, 0]);
    expect([...stream.subarray(30, 38)]).to.deep.equal([6, 6, 24, 24, 29, 0, 0, 0]);
    expect([...stream.subarray(42, 50)]).to.deep.equal([2, 0, 0, 0, 1, 0, 0, 0]);
    expect(stream[54]).to.equal(3);
  });
});
