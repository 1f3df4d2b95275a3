import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { RULES } from 'scatterlist/machine';
import { rulesDocument } from '../../../lib/explore/rules/document.ts';

describe('docs/rules.md', () => {
  it('is up to date: node --conditions=source --import tsx tools/rules-doc.js > docs/rules.md', () => {
    const file = new URL('../../../docs/rules.md', import.meta.url);
    expect(readFileSync(file, 'utf8')).to.equal(rulesDocument());
  });

  it('has every rule', () => {
    for (const id of Object.keys(RULES)) expect(rulesDocument()).to.include(`\n## ${id}\n`);
  });
});
