import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { filesOf } from '../../../lib/cli/check/run.ts';

describe('the files of what a user names', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'check-run-'));
    for (const path of ['drivers/net', 'tools', 'drivers/tools', '.git', 'drivers/.git'])
      mkdirSync(join(folder, path), { recursive: true });
    for (const path of [
      'a.c',
      'drivers/b.c',
      'drivers/b.h',
      'drivers/net/c.c',
      'tools/d.c',
      'drivers/tools/e.c',
      'drivers/.git/f.c',
    ])
      writeFileSync(join(folder, path), '');
    symlinkSync('a.c', join(folder, 'link.c'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const of = (...paths: readonly string[]): readonly string[] =>
    filesOf(paths.map((path) => join(folder, path)))
      .files.map((file) => relative(folder, file))
      .sort();

  it('are the C files of a tree, without its own tools and without links', () => {
    expect(of('.')).to.deep.equal(['a.c', 'drivers/b.c', 'drivers/net/c.c', 'drivers/tools/e.c']);
    expect(of('tools')).to.deep.equal(['tools/d.c']);
  });

  it('are each there once', () => {
    expect(of('drivers', 'drivers/net', 'drivers/b.c')).to.deep.equal(of('drivers'));
  });

  it('are what is named, if it is a file', () => {
    expect(of('drivers/b.h')).to.deep.equal(['drivers/b.h']);
  });
});
