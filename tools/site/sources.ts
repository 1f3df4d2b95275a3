/** Pages that show source files, for the files that other pages link to. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../public-api.ts';
import { sourcePageOf } from './links.ts';
import { withoutSearch } from './page.ts';
import type { SitePage } from './page.ts';

const LANGUAGES: Readonly<Record<string, string>> = {
  ts: 'ts',
  js: 'js',
  mjs: 'js',
  c: 'c',
  h: 'c',
  json: 'json',
  md: 'md',
};

/** One page for each file, and for each folder a list of its files, which then need a page too. */
export function sourcePages(shown: ReadonlySet<string>): readonly SitePage[] {
  const files = new Set<string>();
  const pages: SitePage[] = [];
  for (const path of shown) {
    if (statSync(join(ROOT, path)).isFile()) {
      files.add(path);
      continue;
    }
    const inside = readdirSync(join(ROOT, path), { recursive: true, encoding: 'utf8' })
      .map((name) => `${path}/${name.replaceAll('\\', '/')}`)
      .filter((file) => languageOf(file) !== undefined && statSync(join(ROOT, file)).isFile())
      .sort();
    for (const file of inside) files.add(file);
    const list = inside.map((file) => `- [${file}](${sourcePageOf(file)})`);
    pages.push({
      path: sourcePageOf(path).slice(1),
      text: withoutSearch([`# ${path}`, '', ...list, ''].join('\n')),
    });
  }
  return [...pages, ...[...files].sort().map(sourcePage)];
}

function sourcePage(file: string): SitePage {
  if (!existsSync(join(ROOT, file))) throw new Error(`there is no ${file}`);
  const code = readFileSync(join(ROOT, file), 'utf8').trimEnd();
  const text = [
    `# ${file}`,
    '',
    'A file of the repository, as it is.',
    '',
    `\`\`\`\`\`${languageOf(file) ?? 'text'}`,
    code,
    '`````',
    '',
  ];
  return { path: sourcePageOf(file).slice(1), text: withoutSearch(text.join('\n')) };
}

function languageOf(file: string): string | undefined {
  return LANGUAGES[/\.(\w+)$/.exec(file)?.[1] ?? ''];
}
