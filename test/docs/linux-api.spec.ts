/** docs/linux-api.md follows from the doc comments, and the comments say what it needs. */
import { expect } from 'chai';
import { join } from 'node:path';
import { inventory, linuxApiDocument, readApi } from '../../tools/linux-api.ts';
import type { Api } from '../../tools/linux-api.ts';
import { ROOT } from '../../tools/public-api.ts';
import { expectUpToDate } from './generated.ts';

describe('the table of Linux functions', () => {
  let api: Api;
  before(() => {
    api = readApi();
  });

  it('has what it needs: names, versions, contexts, and a reason for whatever is absent', () => {
    expect(api.faults).to.deep.equal([]);
  });

  it('is up to date', () => {
    expectUpToDate(join(ROOT, 'docs/linux-api.md'), linuxApiDocument(api));
  });

  it('knows every function of the inventory as ours or as absent, never as both', () => {
    const ours = new Set(api.rows.flatMap((row) => row.linux));
    const absent = new Set(api.absent.map((one) => one.name));
    for (const { name } of inventory()) expect(ours.has(name) !== absent.has(name), name).to.equal(true);
    expect(ours.size).to.be.above(150);
  });

  it('reads names, versions and notes from a comment', () => {
    const row = (ours: string) => api.rows.find((one) => one.ours === ours && one.entries.length > 0);
    expect(row('SgMiter')?.linux).to.include.members(['sg_miter_start', 'sg_miter_stop']);
    expect(row('zeroUser')?.version).to.equal('6.1');
    expect(row('sgDmaIsSwiotlb')?.note).to.equal('not in 6.1');
    expect(row('SpinLock.lockIrqsave')).to.include({ group: 'Contexts and locks', sleeps: true });
    expect(row('sgFill')?.linux).to.deep.equal([]);
  });

  it('says of each function where C code finds it, or why it does not', () => {
    const row = (linux: string) => api.rows.find((one) => one.linux.includes(linux));
    expect(row('sg_miter_start')?.c).to.equal('`linux/scatterlist.h`');
    expect(row('sg_map')?.c).to.match(/^no: never merged/);
    const headers = new Map([...api.headers].filter(([name]) => name !== 'kmap_local_page'));
    expect(readApi(inventory(), headers).faults).to.deep.equal([
      'kmap_local_page: no header for C declares it, and no reason',
    ]);
    expect(readApi(inventory(), new Map([...api.headers, ['sg_map', 'linux/x.h']])).faults).to.deep.equal([
      'sg_map: C code has it, so its reason for absence there is stale',
    ]);
  });

  it('notices an inventory that is incomplete, stale or repeated', () => {
    const faults = (name: string, note?: string) =>
      readApi([
        ...inventory(),
        { name, group: 'Highmem', ...(note === undefined ? {} : { note }) },
      ]).faults.filter((fault) => !api.faults.includes(fault));
    expect(faults('kmap_of_tomorrow')).to.deep.equal(['kmap_of_tomorrow: not ours, and no reason']);
    expect(faults('kmap_of_tomorrow', 'not invented')).to.deep.equal([]);
    expect(faults('kmap', 'too old')).to.deep.equal([
      'kmap: ours, so its reason for absence is stale',
      'the inventory names a function twice',
    ]);
  });
});
