import { expect } from 'chai';
import { mkdtempSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cache, cachePlace, pruneHourly } from '../../../lib/cli/check/cache.ts';
import type { FileCheck } from '../../../lib/cli/check/file.ts';

const OPTIONS = { convert: [], pageTables: false, wrappers: [] };
const result = (checked: number): FileCheck => ({
  findings: [],
  checked,
  unread: [],
  bounded: [],
  silenced: 0,
});

describe('results that are kept', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'check-cache-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** How many were made of those that were asked for. */
  const made = async (version: string, ...asked: readonly (readonly string[])[]): Promise<number> => {
    let count = 0;
    const cache = new Cache({ folder, version });
    for (const texts of asked) await cache.get(texts, () => Promise.resolve(result(++count)));
    return count;
  };

  it('are taken for the same file, headers and version only', async () => {
    expect(await made('1', ['a', 'header'], ['a', 'header'])).to.equal(1);
    expect(await made('1', ['a', 'header'])).to.equal(0);
    expect(await made('2', ['a', 'header'])).to.equal(1);
    // Where one text ends and the next begins counts.
    expect(await made('1', ['a', 'other'], ['a'], ['ah', 'eader'], ['header', 'a'])).to.equal(4);
  });

  it('are other ones for other wrappers, conversions and page tables', () => {
    const versions = [
      OPTIONS,
      { ...OPTIONS, wrappers: [{ map: 'a', unmap: 'b', like: 'kmap', argument: 0 }] },
      { ...OPTIONS, wrappers: [{ map: 'a', unmap: 'b', like: 'kmap', argument: 1 }] },
      { ...OPTIONS, convert: ['kmap'] },
      { ...OPTIONS, pageTables: true },
    ].map((options) => cachePlace(options).version);
    expect(new Set(versions).size).to.equal(versions.length);
    expect(cachePlace(OPTIONS).version).to.equal(versions[0]);
  });

  it('are made anew where they were damaged', async () => {
    expect(await made('1', ['a'])).to.equal(1);
    const [file = ''] = readdirSync(folder);
    for (const text of ['', '{}', `${'0'.repeat(40)}\n{"findings":[]}`]) {
      writeFileSync(join(folder, file), text);
      expect(await made('1', ['a'], ['a'])).to.equal(1);
    }
  });

  it('are found anew where there is no place for them', async () => {
    const cache = new Cache({ folder: join(folder, 'file', 'check'), version: '1' });
    writeFileSync(join(folder, 'file'), '');
    for (const count of [1, 2])
      expect(await cache.get(['a'], () => Promise.resolve(result(count)))).to.deep.equal(result(count));
  });

  it('are deleted when they take too much, the oldest first, and at most once an hour', () => {
    const fill = (...names: readonly string[]): void => {
      for (const [at, name] of names.entries()) {
        writeFileSync(join(folder, name), '');
        truncateSync(join(folder, name), 30 * 2 ** 20);
        utimesSync(join(folder, name), 1000 + at, 1000 + at);
      }
    };
    const left = (): readonly string[] =>
      readdirSync(folder)
        .filter((name) => /^[a-z]+$/.test(name))
        .sort();
    fill('old', 'middle', 'new');
    pruneHourly({ folder, version: '1' });
    expect(left()).to.deep.equal(['middle', 'new']);
    fill('older', 'middle', 'new');
    pruneHourly({ folder, version: '1' });
    expect(left()).to.deep.equal(['middle', 'new', 'older']);
    pruneHourly({ folder: join(folder, 'nowhere'), version: '1' });
  });
});
