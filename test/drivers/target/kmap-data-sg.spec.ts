import { expect } from 'chai';
import { createMachine, runAlone } from 'scatterlist';
import { kmap } from 'scatterlist/backends';
import { observe, takePages } from 'scatterlist/ports';
import { commandOver } from '../../../examples/drivers/command-list.ts';
import port, { kmapDataSg, kunmapDataSg, reportLuns } from '../../../examples/drivers/target/kmap-data-sg.ts';

/** Commands of one, two and four pages. */
const LOADED = await port.load({
  name: 'test',
  content: Uint8Array.from({ length: 600 + 4096 + 13000 }, (_, i) => (i * i) >> 3),
});

function target() {
  const machine = createMachine();
  const backend = kmap(machine.task('worker'));
  const pages = takePages(machine, 'highmem', 4, 'contiguous');
  const view = (lengthBytes: number, nents?: number) => {
    const { pageSize } = machine;
    const command = commandOver(pages, { offset: 16, lengthBytes, entryBytes: pageSize, pageSize });
    const made = runAlone(
      backend.context.task,
      kmapDataSg(backend, { ...command, nents: nents ?? command.nents }),
    );
    if (!made.ok) throw new Error(made.error.code);
    return made.value;
  };
  return { machine, backend, view };
}

describe('the port of transport_kmap_data_sg', () => {
  it('maps one entry by the backend and more by vmap, and sleeps meanwhile', () => {
    const { needs } = observe(LOADED, 'original', 'highmem');
    expect(needs.map(({ mechanism, maps, pages }) => [mechanism, maps, pages])).to.deep.equal([
      [undefined, 1, 1],
      ['vmap', 2, 4],
    ]);
    for (const { sleptOn, usedBy } of needs) {
      expect(sleptOn.join()).to.include('list of devices');
      expect(usedBy).to.deep.equal([]);
    }
  });

  it('has no map of the second page of an entry', () => {
    const { violation } = observe(LOADED, 'entries of two pages', 'highmem');
    expect(violation?.rule).to.equal('page-overrun');
  });

  it('needs a page at a time, and no sleep, with the copy helper', () => {
    const { needs } = observe(LOADED, 'copy helper', 'highmem');
    for (const site of needs) expect(site).to.deep.include({ pages: 1, heldAtOnce: 1, sleptOn: [] });
  });

  it('has a view of its own kind for a command without data', () => {
    const { machine, backend, view } = target();
    const none = view(100, 0);
    expect(none).to.deep.equal({ kind: 'none' });
    kunmapDataSg(backend, none);
    machine.checkLeaks();
  });

  for (const [lengthBytes, kind] of [
    [4080, 'kmap'],
    [4081, 'vmap'],
  ] as const)
    it(`begins at the offset of the first entry: ${kind} for ${String(lengthBytes)} bytes`, () => {
      const { machine, backend, view } = target();
      const made = view(lengthBytes);
      expect(made).to.deep.include({ kind, offset: 16 });
      kunmapDataSg(backend, made);
      machine.checkLeaks();
    });

  it('responds to REPORT LUNS with a header of eight bytes', () => {
    expect([...reportLuns(Uint8Array.of(7, 8))]).to.deep.equal([0, 0, 0, 2, 0, 0, 0, 0, 7, 8]);
  });
});
