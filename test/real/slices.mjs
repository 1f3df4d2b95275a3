/**
 * Slices of real drivers: functions of Linux 6.1, taken out by `scatterlist slice`, explored, and converted. Nothing of
 * Linux is in this repository: Debian's package of the sources is unpacked here, and what is called from where is in
 * test/real/slices.
 */
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NOT_RUN, root, scratchDirectory, verdict } from './harness.mjs';
import { TREE, unpackLinux } from './linux-source.mjs';

const CHECK = 'slices of real drivers';

/**
 * What is sliced, and what is found: `rule` and the text of the line, or nothing. `after` is the same of the conversion
 * of `from`.
 */
const CASES = [
  {
    name: 'usdhi6',
    file: 'drivers/mmc/host/usdhi6rol0.c',
    functions:
      'usdhi6_blk_bounce,usdhi6_sg_prep,usdhi6_sg_map,usdhi6_sg_unmap,usdhi6_sg_advance,usdhi6_blk_read',
    // The first of two maps is released first, where a block lies in two pages.
    from: 'kmap',
    after: ['unmap-order', 'kunmap(page);'],
  },
  {
    name: 'gzip',
    file: 'kernel/module/decompress.c',
    functions: 'module_gzip_decompress',
    options: [
      '--callees',
      '--define=CONFIG_MODULE_COMPRESS_GZIP,CONFIG_MODULE_DECOMPRESS',
      '--declare=zlib_inflate',
    ],
    // zlib has moved next_out to the end of the page.
    before: ['unmap-address', 'kunmap_local(s.next_out);'],
  },
  {
    name: 'sdhci',
    file: 'drivers/mmc/host/sdhci.c',
    functions: 'sdhci_adma_table_pre,sdhci_adma_table_post',
    options: ['--callees'],
    // The address is that of the data, inside the page. kunmap_local allows that, and kunmap_atomic does not.
    before: ['unmap-address', 'kunmap_atomic(buffer);'],
    from: 'kmap_atomic',
    after: [],
  },
  {
    name: 'xilinx',
    file: 'drivers/misc/xilinx_sdfec.c',
    functions: 'xsdfec_table_write',
    options: ['--declare=pin_user_pages_fast,xsdfec_regwrite'],
    // The index of the words goes on in the second page where it ended in the first: behind the map, which is the last
    // one of the address space, so that the address is 2^32, and 0 in 32 bits.
    before: ['null-pointer', 'addr[reg]);'],
  },
  {
    name: 'ceph',
    file: 'net/ceph/pagelist.c',
    functions: 'ceph_pagelist_alloc,ceph_pagelist_append,ceph_pagelist_release',
    options: ['--callees'],
    // The last page stays mapped until another task releases the list, which a local map does not allow.
    from: 'kmap',
    after: ['leak', undefined],
  },
];

function skip(why) {
  console.log(`NOT RUN: ${CHECK}: ${why}`);
  process.exit(NOT_RUN);
}

for (const tool of ['clang', 'wasm-ld'])
  if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
    skip(`${tool} not found (Debian; apt-get install clang lld)`);

const folder = scratchDirectory();
const parts = ['include', ...CASES.map(({ file }) => dirname(file))].map((part) => `${TREE}/${part}`);
const problem = unpackLinux(folder, ...new Set(parts));
if (problem !== undefined) skip(problem);

function scatterlist(...args) {
  const command = ['--conditions=source', '--import', 'tsx', join(root, 'lib/cli/scatterlist.ts'), ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8', timeout: 60_000 });
}

const problems = [];

/** Compares an outcome with a rule and a line; no rule means explored to the end. */
function compare(what, outcome, [rule, text] = [], source) {
  const { kind, violation } = outcome;
  const found = violation?.rule ?? kind;
  const line = violation?.foundAt?.line;
  const at = line === undefined ? '' : ` at line ${line}: ${source[line - 1]?.trim()}`;
  console.log(`${what}: ${found}${at}`);
  if (found !== (rule ?? 'exhausted'))
    problems.push(`${what}: ${found}${at}, and not ${rule ?? 'exhausted'}`);
  else if (text !== undefined && source[line - 1]?.trim() !== text)
    problems.push(`${what}: ${found}${at}, and not at "${text}"`);
}

for (const { name, file, functions, options = [], before, from, after } of CASES) {
  const path = join(folder, TREE, file);
  const output = join(folder, `${name}.c`);
  const sliced = scatterlist('slice', path, '--function', functions, '--output', output, ...options);
  if (sliced.status !== 0) {
    problems.push(`${name}: slice ended with ${sliced.status}: ${sliced.stderr}`);
    continue;
  }
  appendFileSync(output, readFileSync(join(root, 'test/real/slices', `${name}.c`), 'utf8'));
  const explored =
    from === undefined
      ? scatterlist('explore', output, '--json')
      : scatterlist('convert-check', output, '--from', from, '--to', 'kmap_local_page', '--json');
  if (!explored.stdout.startsWith('{')) {
    problems.push(`${name}: ${explored.stderr || explored.stdout}`);
    continue;
  }
  const told = JSON.parse(explored.stdout);
  const source = readFileSync(path, 'utf8').split('\n');
  compare(name, told.before ?? told, before, source);
  if (from !== undefined) compare(`${name}, ${from} converted`, told.after, after, source);
}
verdict(CHECK, problems);
