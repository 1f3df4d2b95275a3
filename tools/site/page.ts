/** What the site is made of, and where it is made. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../public-api.ts';

/** The pages as markdown, made anew for each build. */
export const PAGES: string = join(ROOT, 'site/pages');
/** The built site. */
export const DIST: string = join(ROOT, 'site/dist');

/** A page as markdown, with its path below `PAGES`. */
export interface SitePage {
  readonly path: string;
  readonly text: string;
}

export function writePage({ path, text }: SitePage): void {
  const file = join(PAGES, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A page that the search leaves out, because it only shows source code. */
export function withoutSearch(text: string): string {
  return `---\nsearch: false\n---\n\n${text}`;
}
