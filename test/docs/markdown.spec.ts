/** Every `ts` block of the README and of docs/ runs and prints what the text says it prints. */
import { expect } from 'chai';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBlocks, runBlock, withOutputs } from './blocks.ts';
import type { Block } from './blocks.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const FILES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((f) => f.endsWith('.md'))
    .map((f) => `docs/${f}`),
];

for (const file of FILES) {
  const path = join(ROOT, file);
  const markdown = readFileSync(path, 'utf8');
  const blocks = findBlocks(markdown);
  if (blocks.length === 0) continue;
  describe(`the code of ${file}`, () => {
    const outputs: (readonly [Block, string])[] = [];
    for (const block of blocks) {
      it(`runs, line ${String(block.line)}`, () => {
        const printed = runBlock(
          block.code,
          `${file.replace(/.*\//, '').replace('.md', '').toLowerCase()}.ts`,
        );
        outputs.push([block, printed]);
        if (process.env['UPDATE_DOCS'] === undefined && block.output !== undefined)
          expect(printed).to.equal(block.output.text);
      });
    }
    after(() => {
      if (process.env['UPDATE_DOCS'] !== undefined) writeFileSync(path, withOutputs(markdown, outputs));
    });
  });
}

describe('the README', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

  it('stays under 400 lines', () => {
    expect(readme.split('\n').length).to.be.below(400);
  });

  it('has a heading for every error code, and for no other', () => {
    const errors = readFileSync(join(ROOT, 'lib/base/errors.ts'), 'utf8');
    const codes = [...errors.matchAll(/readonly code: '(\w+)'/g)].map((m) => m[1]);
    const headings = [...readme.matchAll(/^### (\w+)$/gm)].map((m) => m[1]);
    expect(headings).to.have.members(codes);
  });
});
