/** How VitePress builds the site. Nothing is loaded from outside, so the site works without a network. */
import { defineConfig } from 'vitepress';
import { SECTIONS } from './navigation.ts';

/** Three pages of a list, as an image in the address itself. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="#0b62c4"><path d="M1 1h4v6H1zM6 5h4v6H6zM11 9h4v6h-4z"/></svg>',
)}`;

const HEADINGS: [number, number] = [2, 3];

export const config = defineConfig({
  title: 'scatterlist',
  description:
    'Write, run and check code against the Linux scatterlist and highmem mapping APIs, without a kernel',
  srcDir: '../site/pages',
  outDir: '../site/dist',
  cacheDir: '../node_modules/.cache/vitepress',
  base: process.env['SITE_BASE'] ?? '/',
  lang: 'en',
  head: [['link', { rel: 'icon', href: ICON }]],
  lastUpdated: false,
  metaChunk: true,
  // The links of the built pages are checked by dead-links.ts, which sees anchors too.
  ignoreDeadLinks: true,
  markdown: {
    anchor: { slugify },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/converting' },
      { text: 'API', link: '/api/' },
      { text: 'Rules', link: '/rules' },
      { text: 'Laboratory', link: '/lab/index.html', target: '_self' },
      { text: 'Changes', link: '/changelog' },
    ],
    sidebar: SECTIONS.map(({ text, pages }) => ({
      text,
      items: pages.map(([title, link]) => ({ text: title, link })),
    })),
    outline: HEADINGS,
    search: { provider: 'local' },
    docFooter: { prev: false, next: false },
  },
});

/** The anchor of a heading as GitHub makes it, so that links work in both places. */
function slugify(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
