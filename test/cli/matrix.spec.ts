/** The matrix as it is run: in a process of its own, in threads, and every port of the examples. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { OWN_BACKEND, OWN_PORT } from './matrix/own.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCREEN = 60;

function run(...args: readonly string[]): {
  status: number | null;
  lines: readonly string[];
  stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', 'lib/cli/scatterlist.ts', 'matrix', ...args],
    { cwd: ROOT, encoding: 'utf8' },
  );
  return { status, lines: stripVTControlCharacters(stdout).split('\n'), stderr };
}

describe('scatterlist matrix in a process of its own', function () {
  this.timeout(60_000);

  it('shows one screen of 80 columns, on which every cell is explained', () => {
    const { status, lines, stderr } = run('--workers', '2', '--bytes', '1K');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(lines.filter((line) => line.length > 80)).to.deep.equal([]);
    expect(lines.length).to.be.lessThan(SCREEN);
    expect(lines.join('\n'))
      .to.match(/^mvsas-smp +✗· +✓ +✓ +✓· +✗· +✓ +✓ +✓· +1\/1$/m)
      .and.contain('every one as the contracts say.');
  });

  it('explains a cell with the whole report', () => {
    const { status, lines, stderr } = run('--why', 'mvsas-smp', 'kmap');
    const text = lines.join('\n');
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(text).to.contain('mvsas-smp (original) over kmap, highmem pages, 32-bit');
    expect(text.replace(/\s+/g, ' ')).to.contain(
      'the port maps in softirq context, the contract maps in task only',
    );
    expect(text).to.contain('rule: kmap-in-atomic');
    expect(text).to.match(/found at +mvsas-smp\.ts:\d+/);
    expect(text).to.match(/ {2}trace\n[^]*mvs_tasklet cpu0 +softirq begins\n[^]*✗ kmap-in-atomic/);
  });

  it('adds a port and a backend that a user has written', () => {
    // In this repository, because the files import the library by name.
    const folder = mkdtempSync(join(ROOT, 'test', 'own-'));
    const [port, backend] = [join(folder, 'port.mjs'), join(folder, 'backend.mjs')];
    try {
      writeFileSync(port, OWN_PORT);
      writeFileSync(backend, OWN_BACKEND);
      const { lines } = run('--port', port, '--backend', backend, '--why', 'own', 'mine');
      expect(lines.join('\n'))
        .to.contain('own (original) over mine, highmem pages')
        .and.contain('512 bytes verified');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
