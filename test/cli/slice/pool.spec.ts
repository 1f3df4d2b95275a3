/** Where declarations are found: in a tree, as its makefiles say, and in headers that only other headers include. */
import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PACKAGE_FOLDER } from '../../../lib/cli/package-root.ts';
import { Reader } from '../../../lib/cli/slice/declarations.ts';
import { Pool } from '../../../lib/cli/slice/pool.ts';

const FILES: Readonly<Record<string, string>> = {
  'include/linux/kernel.h': '',
  'include/linux/types.h': '#include <linux/far.h>\n',
  'include/linux/far.h':
    '#include <asm/posix_far.h>\nstruct far_away { int a; };\n#define far_value(x) hidden(x)\n#define for_each_far(x) for (;;)\nint far_call(int how);\n',
  'include/asm-generic/posix_far.h': 'typedef unsigned int far_id_t;\n',
  'drivers/toy/Makefile': 'subdir-ccflags-y += -I$(src)/shared\nobj-y += toy.o\n',
  'drivers/toy/shared/common.h': 'struct common { int a; };\n',
  'drivers/toy/gt/Makefile': '',
  'drivers/toy/gt/whole.c': '#include "before.h"\n#include "part.c"\n',
  'drivers/toy/gt/before.h': 'struct before { struct_group(both, int a; int b;); };\n',
  'drivers/toy/gt/part.c': '#include <linux/types.h>\n#include "common.h"\nint part(void) { return 0; }\n',
};

describe('declarations of a slice', () => {
  let folder = '';
  let pool: Pool;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pool-'));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const reader = await Reader.load(['__KERNEL__']);
    pool = new Pool(reader, join(folder, 'drivers/toy/gt/part.c'), `${PACKAGE_FOLDER}/c/include`);
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('are found in folders that a makefile above hands down', () => {
    expect(pool.own('struct common')?.declaration.kind).to.equal('type');
  });

  it('are found in what a file includes that this one is a part of', () => {
    const [member] = pool.own('struct before')?.declaration.members ?? [];
    expect(member?.names).to.deep.equal(['a', 'b']);
    expect(pool.own('part')?.declaration.kind).to.equal('function');
  });

  it('are found in headers that only headers include for which this package has its own', () => {
    expect(pool.tree('struct far_away')).to.equal(undefined);
    expect(pool.far('struct far_away')?.declaration.kind).to.equal('type');
    expect(pool.far('far_call')?.declaration.kind).to.equal('prototype');
    expect(pool.far('far_id_t')?.declaration.text).to.include('unsigned int');
    expect(pool.far('far_away_from_all')).to.equal(undefined);
  });

  it('are no macros with arguments there, which call what only that header has, but heads of loops are', () => {
    expect(pool.far('far_value')).to.equal(undefined);
    expect(pool.far('for_each_far')?.declaration.kind).to.equal('macro');
  });
});
