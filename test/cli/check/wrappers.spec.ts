import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAPS, UNMAPS } from '../../../lib/cli/check/contracts/contract.ts';
import { contractsFor, namesOf } from '../../../lib/cli/check/options.ts';
import type { Wrapper } from '../../../lib/cli/check/options.ts';
import { readWrappers } from '../../../lib/cli/check/wrappers.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';

describe("a user's list of wrappers", () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'check-wrappers-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const read = (text: string): readonly Wrapper[] => {
    writeFileSync(join(folder, 'list'), text);
    return readWrappers(join(folder, 'list'));
  };

  it('has pairs and unmaps, with the arguments that are meant, and remarks', () => {
    expect(
      read(
        '# ours\n\nmy_map(1) my_unmap(2) like kmap_local_page # why\na b like vmap\n put(0)  like  kunmap\n',
      ),
    ).to.deep.equal([
      { map: 'my_map', unmap: 'my_unmap', like: 'kmap_local_page', page: 1, argument: 2 },
      { map: 'a', unmap: 'b', like: 'vmap', page: 0, argument: 0 },
      { unmap: 'put', like: 'kunmap', argument: 0 },
    ]);
  });

  it('is refused at the line that is wrong', () => {
    expect(() => read('a b like vmap\nmy_map my_unmap\n')).to.throw(
      UsageError,
      /list:2: a line reads .* not "my_map my_unmap"/,
    );
    expect(() => read('a b like kmapp\n')).to.throw(
      UsageError,
      /list:1: no map of the kernel is called kmapp/,
    );
    expect(() => read('a like kmap\n')).to.throw(UsageError, /list:1/);
  });

  const contracts = (...wrappers: readonly Wrapper[]) =>
    contractsFor({ convert: [], pageTables: false, wrappers });

  it('gives a pair the contract that it names', () => {
    const { maps, unmaps } = contracts({
      map: 'my_map',
      unmap: 'my_unmap',
      like: 'kmap_atomic',
      page: 1,
      argument: 2,
    });
    expect(maps.get('my_map')).to.include({ name: 'my_map', page: 1, unmap: 'my_unmap', isAtomic: true });
    // What the wrapper maps may be unmapped by the kernel's own function as well.
    expect(maps.get('my_map')?.unmaps).to.include.members(['my_unmap', 'kunmap_atomic']);
    expect(unmaps.get('my_unmap')).to.deep.equal({ name: 'my_unmap', takes: 'address', argument: 2 });
  });

  it('gives an unmap to all that its kind unmaps', () => {
    const { maps, unmaps } = contracts({ unmap: 'put', like: 'kunmap', argument: 1 });
    expect(maps.get('kmap')?.unmaps).to.include('put');
    expect(maps.get('kmap_local_page')?.unmaps).not.to.include('put');
    expect(unmaps.get('put')).to.deep.equal({ name: 'put', takes: 'page', argument: 1 });
  });

  it('is found in files by its names', () => {
    const names = namesOf(contracts({ map: 'my_map', unmap: 'my_unmap', like: 'vmap', argument: 0 }));
    for (const text of ['x = my_map(p);', 'my_unmap(x);', 'kunmap_local(x);', 'sg_miter_next(&m)'])
      expect(text).to.match(names);
    for (const text of ['x = my_map2(p);', 'unmap(x);', 'pte_unmap(x);']) expect(text).not.to.match(names);
  });
});

describe('contracts', () => {
  it('name unmaps that there are, and each function once', () => {
    const { maps, unmaps } = contractsFor({ convert: [], pageTables: true, wrappers: [] });
    for (const { name, unmap, unmaps: all } of maps.values()) {
      expect(all, name).to.include(unmap);
      for (const each of all) expect(unmaps.has(each), `${each} of ${name}`).to.equal(true);
    }
    for (const list of [MAPS, UNMAPS])
      expect(new Set(list.map(({ name }) => name)).size).to.equal(list.length);
    // Each unmap unmaps something.
    const used = new Set([...maps.values()].flatMap((each) => each.unmaps));
    expect([...unmaps.keys()].filter((name) => !used.has(name))).to.deep.equal([]);
  });

  it('of page tables are there if they are asked for', () => {
    const without = contractsFor({ convert: [], pageTables: false, wrappers: [] });
    expect([without.maps.has('pte_offset_map'), without.unmaps.has('pte_unmap')]).to.deep.equal([
      false,
      false,
    ]);
  });

  it('that are converted are local, and may be slept in', () => {
    const { maps, converted } = contractsFor({
      convert: ['kmap', 'kmap_atomic'],
      pageTables: false,
      wrappers: [],
    });
    for (const name of converted)
      expect(maps.get(name), name).to.include({ isLocal: true, isAtomic: false, maySleep: false });
    expect([...converted]).to.deep.equal(['kmap', 'kmap_atomic']);
  });
});
