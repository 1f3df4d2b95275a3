import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Trees } from '../../../../lib/cli/check/harm/tree.ts';

const TREE: Readonly<Record<string, string>> = {
  Kconfig: 'source "drivers/Kconfig"\n',
  'arch/wide/Kconfig': 'config WIDE\n\tdef_bool y\n',
  'arch/narrow/Kconfig': 'config HIGHMEM\n\tbool "High memory"\n',
  'drivers/Kconfig': 'config CARDS\n\tbool "Cards"\n\tdepends on WIDE\n',
  'drivers/Makefile': 'obj-$(CONFIG_CARDS) += cards/\nobj-y += net/\n',
  'drivers/cards/Makefile': 'obj-y += card.o\n',
  'drivers/net/Kbuild':
    'obj-$(CONFIG_FAST) += fast.o\nobj-$(CONFIG_SLOW) += slow.o both.o\nobj-$(CONFIG_FAST) += both.o\n',
  'drivers/net/Kconfig': 'config FAST\n\tbool "Fast"\n\tdepends on 64BIT\nconfig SLOW\n\tbool "Slow"\n',
};

describe('a tree of the kernel', () => {
  let top = '';
  before(() => {
    top = mkdtempSync(join(tmpdir(), 'check-tree-'));
    for (const [file, text] of Object.entries(TREE)) {
      mkdirSync(join(top, dirname(file)), { recursive: true });
      writeFileSync(join(top, file), text);
    }
  });
  after(() => {
    rmSync(top, { recursive: true });
  });

  it('says why a file is never built with highmem', () => {
    const why = (file: string): string | undefined => new Trees().withoutHighmem(join(top, file));
    expect(why('arch/wide/mm/copy.c')).to.equal('arch/wide has no HIGHMEM');
    expect(why('arch/narrow/mm/copy.c')).to.equal(undefined);
    expect(why('drivers/net/fast.c')).to.equal('CONFIG_FAST, with which it is built, excludes HIGHMEM');
    expect(why('drivers/net/slow.c')).to.equal(undefined);
    expect(why('drivers/net/both.c')).to.equal(undefined);
    expect(why('drivers/net/unknown.c')).to.equal(undefined);
    expect(why('drivers/cards/card.c')).to.equal('CONFIG_CARDS, with which it is built, excludes HIGHMEM');
  });

  it('says nothing of files that lie in none', () => {
    expect(new Trees().withoutHighmem(join(dirname(top), 'a.c'))).to.equal(undefined);
  });
});
