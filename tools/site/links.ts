/**
 * Links of the repository's pages, rewritten for the site. A page of docs/ becomes a page of the site, and a source file that
 * a page links to or names becomes a page that shows it.
 */
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { ROOT } from '../public-api.ts';

/** Where a file of the repository is on the site, or nothing if it is only there as source. */
export function pageOf(file: string): string | undefined {
  if (file === 'README.md') return '/index.md';
  if (file === 'CHANGELOG.md') return '/changelog.md';
  if (file === 'CONTRIBUTING.md') return '/contributing.md';
  if (file === 'docs/api' || file.startsWith('docs/api/')) return '/api/index.md';
  const design = /^docs\/lab\/([\w-]+\.md)$/.exec(file);
  if (design) return `/designs/${design[1] ?? ''}`;
  const guide = /^docs\/([\w-]+\.md)$/.exec(file);
  return guide ? `/${guide[1] ?? ''}` : undefined;
}

/** The page that shows a source file. */
export function sourcePageOf(file: string): string {
  return `/source/${file}.md`;
}

/** The markdown of `file` as the site needs it; `shown` collects the source files that need a page. */
export function forSite(markdown: string, file: string, shown: Set<string>): string {
  return outsideCode(markdown, (text) =>
    linkNamedFiles(
      text.replace(
        /(!?)\[([^\]]*)\]\((?!https?:|mailto:)([^)\s]+)\)/g,
        (_, image: string, label: string, to: string) =>
          image === '!' ? `![${label}](${to})` : `[${label}](${target(to, file, shown)})`,
      ),
      shown,
    ),
  );
}

/** Where a relative link of `file` leads on the site. */
function target(to: string, file: string, shown: Set<string>): string {
  const [path = '', anchor] = to.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  if (path === '') return hash;
  const named = posix.join(posix.dirname(file), path).replace(/\/$/, '');
  const page = pageOf(named);
  // On the site each rule has a page of its own.
  if (page === '/rules.md' && anchor !== undefined) return `/rules/${anchor}.md`;
  if (page !== undefined) return `${page}${hash}`;
  if (!existsSync(join(ROOT, named))) throw new Error(`${file}: the link ${to} leads to no file`);
  // Data is offered as the file that it is.
  if (named.endsWith('.json')) return `/${posix.basename(named)}`;
  shown.add(named);
  return sourcePageOf(named);
}

/** Names of source files in inline code become links to the page that shows the file. */
function linkNamedFiles(text: string, shown: Set<string>): string {
  return text.replace(
    /(?<![\w[`])`((?:examples|backends|lib|test|tools|c)\/[\w./-]+\.(?:ts|c|h|mjs))`(?![\w`\]])/g,
    (whole, named: string) => {
      const path = join(ROOT, named);
      if (!existsSync(path) || !statSync(path).isFile()) return whole;
      shown.add(named);
      return `[\`${named}\`](${sourcePageOf(named)})`;
    },
  );
}

/** Changes the text of a markdown page outside its fenced code blocks. */
function outsideCode(markdown: string, change: (text: string) => string): string {
  return markdown
    .split(/^((?:```|~~~)[^]*?^(?:```|~~~)$)/m)
    .map((part) => (/^(```|~~~)/.test(part) ? part : change(part)))
    .join('');
}
