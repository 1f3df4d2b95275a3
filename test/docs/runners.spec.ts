/** The test files of docs/runners.md pass under the runners that they are for. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const GUIDE = readFileSync(join(ROOT, 'docs/runners.md'), 'utf8');
const TSX = ['--conditions=source', '--import', 'tsx'];

/** The test file below a heading. */
function blockOf(heading: string): string {
  const [, code] =
    new RegExp(`^## ${heading}\\n[^]*?^\`\`\`typescript\\n([^]*?)^\`\`\``, 'm').exec(GUIDE) ?? [];
  if (code === undefined) throw new Error(`the guide has no test file for ${heading}`);
  return code;
}

/** Runs a test file in a folder of its own, where it finds the package by name. */
function passes(
  heading: string,
  name: string,
  command: readonly string[],
  change = (code: string) => code,
): void {
  const folder = mkdtempSync(join(import.meta.dirname, 'run-'));
  try {
    const file = join(folder, name);
    writeFileSync(file, change(blockOf(heading)));
    const vitest = join(folder, 'node_modules/vitest');
    mkdirSync(vitest, { recursive: true });
    writeFileSync(join(vitest, 'package.json'), '{ "type": "module", "main": "index.js" }');
    writeFileSync(
      join(vitest, 'index.js'),
      "export { describe, it } from 'node:test';\nexport { expect } from 'chai';\n",
    );
    const { status, stdout } = spawnSync(process.execPath, [...command, file], {
      encoding: 'utf8',
      cwd: ROOT,
    });
    expect(status, stdout).to.equal(0);
    // A runner that finds no test ends with 0 as well.
    expect(stdout).to.match(/tests [1-9]|[1-9]\d* passing/);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const MOCHA = ['node_modules/mocha/bin/mocha.js', '--no-config', '--reporter', 'dot'];

describe('the test files of docs/runners.md', () => {
  it('pass under node:test', () => {
    passes('node:test', 'ring-test.ts', [...TSX, '--test']);
  });

  it('pass under mocha', () => {
    passes('mocha', 'ring.spec.ts', [...TSX, ...MOCHA]);
  });

  it('pass with what vitest has of node:test and chai', () => {
    passes('vitest', 'copy.test.ts', [...TSX, '--test']);
  });

  it('are seen to fail', () => {
    const wrong = (code: string) => code.replace("'0.1.1.0'", "'0.0.0'");
    expect(() => {
      passes('mocha', 'ring.spec.ts', [...TSX, ...MOCHA], wrong);
    }).to.throw('1 failing');
  });
});
