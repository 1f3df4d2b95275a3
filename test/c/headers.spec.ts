/** The headers for C: what they declare is there, and what is there is declared. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KERNEL } from '../../lib/c/kernel/index.ts';
import { INCLUDE_FOLDER } from '../../lib/c/toolchain/package-files.ts';
import { findTools } from '../../lib/c/toolchain/tools.ts';
import { cNames } from '../../tools/c-names.ts';
import { inventory, readApi } from '../../tools/linux-api.ts';
import { fileOf, itInC, ruleOfFile } from './support.ts';

const { headerOf, declared } = cNames();
const headers = ['linux', 'asm'].flatMap((folder) =>
  readdirSync(join(INCLUDE_FOLDER, folder)).map((name) => `${folder}/${name}`),
);
const TASK = '#include <linux/scatterlist-explore.h>\nSECTION(task, t) { }\n';

describe('the headers for C', () => {
  it('declare no function that the library does not have, and all that it has', () => {
    // Of the accesses that are marked, the translator knows.
    const known = new Set([...Object.keys(KERNEL), '__scatterlist_once']);
    expect([...declared].filter((name) => !known.has(name))).to.deep.equal([]);
    expect([...known].filter((name) => !declared.has(name))).to.deep.equal([]);
    expect(declared.size).to.be.above(250);
  });

  itInC('can each be included alone, and twice', () => {
    const files = headers.map((header) => fileOf(`#include <${header}>\n#include <${header}>\n`));
    const flags = ['--target=wasm32', '-std=gnu11', '-ffreestanding', '-fno-builtin', '-fsyntax-only'];
    const warnings = ['-Wall', '-Wno-unused', '-Werror', `-I${INCLUDE_FOLDER}`];
    const { status, stderr } = spawnSync(findTools().clang, [...flags, ...warnings, ...files], {
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    expect(status).to.equal(0);
  });

  itInC('have every function of the table of Linux functions under its Linux name', () => {
    const api = readApi();
    const linux = new Set([...api.rows.flatMap((row) => row.linux), ...inventory().map(({ name }) => name)]);
    const names = [...linux].filter((name) => headerOf.has(name));
    expect(names.length).to.be.above(270);
    // A macro is defined; a function has an address; a structure has a size.
    const uses = names.map(
      (name) =>
        `#ifndef ${name}\n_Static_assert(sizeof(__typeof__(${STRUCTURES.has(name) ? `struct ${name}` : `&${name}`})), "");\n#endif\n`,
    );
    const includes = [...new Set(names.map((name) => headerOf.get(name) ?? ''))].map(
      (header) => `#include <${header}>\n`,
    );
    expect(ruleOfFile(fileOf([...includes, ...uses, TASK].join('')))).to.equal('exhausted');
  });
});

/** Structures among the names. */
const STRUCTURES: ReadonlySet<string> = new Set([
  'io_mapping',
  'iosys_map',
  'sg_dma_page_iter',
  'sg_mapping_iter',
  'sg_page_iter',
]);
