/** Links of the pages, and file names in the README and in docs/, lead to something that exists. */
import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { repositoryFiles } from '../architecture/repository.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(ROOT, 'docs/lab')).map((name) => `docs/lab/${name}`),
];
/** Changes that are not released yet; a release moves their text into the changelog. */
const CHANGESETS = readdirSync(join(ROOT, '.changeset')).filter(
  (name) => name.endsWith('.md') && name !== 'README.md',
);
const FILES = repositoryFiles();
const NAMES = new Set(FILES.map((file) => basename(file)));

const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Links of a page that lead nowhere. */
function brokenLinks(page: string, markdown: string): readonly string[] {
  return [...markdown.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, file))) return true;
      return anchor !== undefined && !anchorsOf(read(file)).includes(anchor);
    });
}

/**
 * Source files that a page names outside its code blocks and links and that do not exist. A bare name may be in any folder.
 * Files that the reader is told to write are the reader's.
 */
function missingFiles(markdown: string): readonly string[] {
  const written = new Set([...markdown.matchAll(/Write this to `([\w./-]+)`/g)].map(([, file]) => file));
  const text = markdown.replaceAll(/^```.*?^```$/gms, '').replaceAll(/\]\([^)\s]+\)/g, ']');
  const named = [...text.matchAll(/`?((?:[\w.-]+\/)*[\w-]+(?:\.(?:spec|test))?\.(?:ts|mjs))\b/g)].map(
    // Where the package was installed, its files lie in this folder.
    ([, file = '']) => file.replace(/^node_modules\/scatterlist\//, ''),
  );
  return named.filter((file) =>
    written.has(file)
      ? false
      : file.includes('/')
        ? !FILES.some((each) => each === file || each.endsWith(`/${file}`))
        : !NAMES.has(file),
  );
}

describe('the pages for readers', () => {
  for (const page of PAGES) {
    it(`${page} has no link that leads nowhere`, () => {
      expect(brokenLinks(page, read(page))).to.deep.equal([]);
    });

    it(`${page} names no file that does not exist`, () => {
      expect(missingFiles(read(page))).to.deep.equal([]);
    });
  }

  for (const page of ['CHANGELOG.md', 'CONTRIBUTING.md', '.changeset/README.md']) {
    it(`${page} has no link that leads nowhere`, () => {
      expect(brokenLinks(page, read(page))).to.deep.equal([]);
    });
  }

  for (const name of CHANGESETS) {
    it(`.changeset/${name} has no link that leads nowhere from CHANGELOG.md`, () => {
      expect(brokenLinks('CHANGELOG.md', read(`.changeset/${name}`))).to.deep.equal([]);
    });
  }

  it('are told from pages with mistakes', () => {
    const text =
      'see [a](speed.md#copies), [b](speed.md#none), [c](none.md), [d](../lib/none.ts) and `no-such-file.ts`, lib/none/window.ts';
    expect(brokenLinks('docs/x.md', text)).to.deep.equal(['speed.md#none', 'none.md', '../lib/none.ts']);
    expect(missingFiles(text)).to.deep.equal(['no-such-file.ts', 'lib/none/window.ts']);
    expect(missingFiles('Write this to `a.ts`: run `a.ts`, then `b.ts`')).to.deep.equal(['b.ts']);
  });
});
