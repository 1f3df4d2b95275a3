import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkText } from '../../../lib/cli/check/file.ts';
import { contractsFor } from '../../../lib/cli/check/options.ts';
import { Grammar } from '../../../lib/cli/check/parse/grammar.ts';

const CASES = join(import.meta.dirname, 'cases');

/** Each file has a function `wrong`, of which its first line says what is found, and a twin `right`. */
describe('scatterlist check, case by case', () => {
  let grammar: Grammar;
  before(async () => {
    grammar = await Grammar.load();
  });

  for (const file of readdirSync(CASES)) {
    it(file.replace('.c', '').replaceAll('-', ' '), () => {
      const text = readFileSync(join(CASES, file), 'utf8');
      const [, expected = ''] = /^\/\* expect: (.*) \*\//.exec(text) ?? [];
      const { findings, unread, bounded } = checkText(
        grammar,
        text,
        contractsFor({ convert: [], pageTables: file.startsWith('page-table'), wrappers: [] }),
      );
      expect([unread, bounded]).to.deep.equal([[], []]);
      const found = findings
        .filter(({ sureness }) => sureness !== 'note' || expected.endsWith(' note'))
        .map(({ rule, sureness, function: name }) => `${name}: ${rule} ${sureness}`);
      expect(found).to.deep.equal(expected === 'nothing' ? [] : [`wrong: ${expected}`]);
    });
  }
});
