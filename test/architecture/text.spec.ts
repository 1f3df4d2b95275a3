import { expect } from 'chai';
import { commentsOf } from './comments.ts';
import { read, repositoryFiles } from './repository.ts';

// Put together here, so that this file does not contain what it looks for.
const forbidden = [
  { what: 'a path of the machine it was written on', pattern: new RegExp('/' + 'work/') },
  { what: 'a folder users do not have', pattern: new RegExp('\\.\\./' + 'shared(?![\\w-])') },
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

/**
 * Words that make comments and pages hard to read for a newcomer: "answers" for "returns", and "nobody", "somebody" or
 * "whoever" where a sentence should name its subject.
 */
const RIDDLES = ['answers', 'nobody', 'somebody', 'whoever', 'as it were'] as const;
const PLACES = ['README.md', 'docs', 'lib', 'backends', 'examples', 'bench', 'tools'] as const;

/** What people read of a file: all of a page, the comments of code. */
function proseOf(file: string): string {
  if (/^(README|docs\/[^/]+)\.md$/.test(file)) return read(file);
  if (!/\.(ts|js|mjs|cjs)$/.test(file)) return '';
  const text = read(file);
  // Reading a file takes little time, parsing it takes more.
  return RIDDLES.some((word) => count(text, word) > 0) ? commentsOf(text) : '';
}

function count(text: string, word: string): number {
  const spaced = word.replaceAll(' ', '[\\s*/]+');
  return [...text.matchAll(new RegExp(`\\b${spaced}\\b`, 'gi'))].length;
}

describe('the prose of the repository', () => {
  for (const place of PLACES) {
    it(`has no riddles in ${place}`, () => {
      const found = files
        .filter((file) => file === place || file.startsWith(`${place}/`))
        .map((file) => ({ file, prose: proseOf(file) }));
      for (const word of RIDDLES) {
        const hits = found.filter(({ prose }) => count(prose, word) > 0).map(({ file }) => file);
        expect(hits, `files with "${word}"`).to.deep.equal([]);
      }
    });
  }

  it('is the comments of code, and not its strings, templates or names', () => {
    const code = [
      '/** Nobody. */',
      'const answers = `whoever ${/* one */ 1 /* two */} // somebody`; // three',
      "const url = 'http://nobody';",
      'const pattern = /\\/* nobody/; /* as',
      ' * it were */',
      '// the end',
    ].join('\n');
    const comments = commentsOf(code);
    for (const text of ['Nobody', 'one', 'two', 'three', 'the end']) expect(comments).to.include(text);
    expect(RIDDLES.map((word) => count(comments, word))).to.deep.equal([0, 1, 0, 0, 1]);
  });
});
