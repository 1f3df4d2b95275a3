import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compile, findTypeScript } from '../../../lib/cli/lab/compiler.ts';

describe('compile', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'compiler-'));
    writeFileSync(join(folder, 'beside.ts'), 'export const three = 3;\n');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('says of each text its first error, if it has one', async () => {
    const right = `import { EIO } from 'scatterlist/lab';
import type { Page } from 'scatterlist';
import { three } from './beside.ts';
export default (page: Page): number => EIO + three + page.pfn;`;
    const compiled = await compile([
      { name: 'own.right', text: right, folder },
      { name: 'own.copyResponse.tooLong', text: right.replace('page.pfn', 'page.none'), folder },
      { name: 'own.cursor.otherOffset', text: right.replace('three + page.pfn', "'x'"), folder },
    ]);
    if ('missing' in compiled) throw new Error(compiled.missing);
    expect(compiled.version).to.match(/^\d+\./);
    expect([...compiled.refusals.keys()].sort()).to.deep.equal([
      'own.copyResponse.tooLong',
      'own.cursor.otherOffset',
    ]);
    const refusal = compiled.refusals.get('own.copyResponse.tooLong');
    expect(refusal).to.deep.include({ line: 4, code: 'TS2339' });
    expect(refusal?.message).to.include("Property 'none' does not exist");
  }).timeout(120_000);

  it('accepts nothing if TypeScript is not installed, or cannot be asked', async () => {
    expect(findTypeScript([folder])).to.equal(undefined);
    const units = [{ name: 'a', text: 'export default 1;', folder }];
    const missing = await compile(units, 'none');
    expect('missing' in missing && missing.missing).to.include('npm install --save-dev typescript');
    const fake = join(folder, 'node_modules/typescript');
    mkdirSync(fake, { recursive: true });
    writeFileSync(join(fake, 'package.json'), '{ "bin": { "tsc": "./tsc" }, "version": "1.2.3" }');
    writeFileSync(join(fake, 'tsc'), 'console.log("error TS5023: Unknown compiler option.")');
    const tool = findTypeScript([folder]);
    expect(tool).to.deep.equal({ bin: join(fake, 'tsc'), version: '1.2.3' });
    const old = await compile(units, tool);
    expect('missing' in old && old.missing).to.equal(
      'TypeScript 1.2.3 could not be asked: error TS5023: Unknown compiler option.',
    );
  });
});
