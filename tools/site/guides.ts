/** The pages that are written by hand or made by `npm run docs`: those of docs/, and some files of the root. */
import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../public-api.ts';
import { forSite, pageOf } from './links.ts';
import { PAGES } from './page.ts';
import type { SitePage } from './page.ts';

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Their pages. `shown` collects the source files that they link to. */
export function guidePages(shown: Set<string>): readonly SitePage[] {
  const files = [
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    ...['docs', 'docs/lab'].flatMap((folder) =>
      readdirSync(join(ROOT, folder))
        .filter((name) => name.endsWith('.md'))
        .map((name) => `${folder}/${name}`),
    ),
  ];
  return files.map((file) => {
    const page = pageOf(file);
    if (page === undefined) throw new Error(`${file} has no place on the site`);
    return { path: page.slice(1), text: forSite(read(file), file, shown) };
  });
}

/** The page of error codes, which is a chapter of the README. */
export function errorsPage(shown: Set<string>): SitePage {
  const chapter = /^## Error codes\n([^]*?)(?=^## )/m.exec(read('README.md'))?.[1];
  if (chapter === undefined) throw new Error('the README has no chapter "Error codes"');
  const text = `# Error codes\n${chapter.replaceAll(/^### /gm, '## ')}`;
  return { path: 'errors.md', text: forSite(text, 'README.md', shown) };
}

/** Plots, and the other files that pages show or offer. */
export function copyAssets(): void {
  cpSync(join(ROOT, 'docs/plots'), join(PAGES, 'plots'), { recursive: true });
  cpSync(join(ROOT, 'docs/experiments.json'), join(PAGES, 'public/experiments.json'));
}
