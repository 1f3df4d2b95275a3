import { expect } from 'chai';
import { read, repositoryFiles } from './repository.ts';

// Put together here, so that this file does not contain what it looks for.
const forbidden = [
  { what: 'a path of the machine it was written on', pattern: new RegExp('/' + 'work/') },
  { what: 'a folder users do not have', pattern: new RegExp('\\.\\./' + 'shared') },
  { what: 'a folder users do not have', pattern: new RegExp('[\'"`](\\./)?' + 'sha' + 'red/') },
  { what: 'an npm registry', pattern: new RegExp('registry\\.' + '(npmjs|yarnpkg)|"resolved"' + ': "http') },
];

const files = repositoryFiles();

describe('the text of the repository', () => {
  for (const { what, pattern } of forbidden) {
    it(`does not name ${what}: ${String(pattern)}`, () => {
      expect(files.filter((file) => pattern.test(read(file)))).to.deep.equal([]);
    });
  }

  it('gives a reason wherever a lint rule is switched off', () => {
    const bare = new RegExp('eslint-' + 'disable(?!.* -- \\S)');
    const code = files.filter((file) => /\.(ts|js|mjs|cjs)$/.test(file));
    expect(code.filter((file) => bare.test(read(file)))).to.deep.equal([]);
  });
});
