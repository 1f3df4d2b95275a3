/** Links of built pages that lead nowhere: to a page, a file or an anchor that is not there, or out of the site. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

interface BuiltPage {
  readonly ids: ReadonlySet<string>;
  readonly links: readonly string[];
  /** What the page loads: scripts, styles, images. */
  readonly loads: readonly string[];
}

/** One line for each dead link of the site in `folder`. What a page loads has to be part of the site. */
export function deadLinks(folder: string): readonly string[] {
  const pages = new Map<string, BuiltPage>();
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.html')) pages.set(`/${name.replaceAll('\\', '/')}`, readPage(join(folder, name)));
  }
  const dead: string[] = [];
  for (const [page, { links, loads }] of pages) {
    for (const link of new Set(links)) {
      const why = isOutside(link) ? undefined : faultOf(link, page, folder, pages);
      if (why !== undefined) dead.push(`${page}: ${link}: ${why}`);
    }
    for (const file of new Set(loads)) {
      const why = isOutside(file) ? 'is loaded from outside' : faultOf(file, page, folder, pages);
      if (why !== undefined) dead.push(`${page}: ${file}: ${why}`);
    }
  }
  return dead;
}

function readPage(file: string): BuiltPage {
  const html = readFileSync(file, 'utf8').replaceAll(/<script\b[^>]*>[^]+?<\/script>/g, (script) =>
    script.slice(0, script.indexOf('>') + 1),
  );
  const values = (pattern: RegExp): readonly string[] =>
    [...html.matchAll(pattern)].map(([, value = '']) => value.replaceAll('&amp;', '&'));
  return {
    ids: new Set(values(/\sid="([^"]*)"/g)),
    links: values(/<a\b[^>]*?\shref="([^"]*)"/g),
    loads: [
      ...values(/<link\b[^>]*?\shref="([^"]*)"/g),
      ...values(/<(?:script|img|source|iframe)\b[^>]*?\ssrc="([^"]*)"/g),
    ],
  };
}

function isOutside(link: string): boolean {
  return /^([a-z]+:|\/\/)/.test(link) && !link.startsWith('data:');
}

function faultOf(
  link: string,
  page: string,
  folder: string,
  pages: ReadonlyMap<string, BuiltPage>,
): string | undefined {
  if (link.startsWith('data:')) return undefined;
  const [path = '', hash] = link.split('#');
  const anchor = hash === undefined ? '' : decodeURIComponent(hash);
  const { pathname } = new URL(path, `file://${page}`);
  const file = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
  if (!existsSync(join(folder, file)) || !statSync(join(folder, file)).isFile())
    return 'there is no such file';
  // What stands behind # in a link to the laboratory is a program for it.
  if (anchor === '' || file.startsWith('/lab/')) return undefined;
  return pages.get(file)?.ids.has(anchor) === false ? 'there is no such anchor' : undefined;
}
