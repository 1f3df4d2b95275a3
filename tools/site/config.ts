/** How VitePress builds the site. Nothing is loaded from outside, so the site works without a network. */
import { defineConfig } from 'vitepress';
import { SECTIONS } from './navigation.ts';

const PAGES_WITH_OUTLINE: [number, number] = [2, 3];

export const config = defineConfig({
  title: 'scatterlist',
  description:
    'Write, run and check code against the Linux scatterlist and highmem mapping APIs, without a kernel',
  srcDir: '../site/pages',
  outDir: '../site/dist',
  cacheDir: '../node_modules/.cache/vitepress',
  base: process.env['SITE_BASE'] ?? '/',
  lang: 'en',
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
      { text: 'Changes', link: '/changelog' },
    ],
    sidebar: SECTIONS.map(({ text, pages }) => ({
      text,
      items: pages.map(([title, link]) => ({ text: title, link })),
    })),
    outline: PAGES_WITH_OUTLINE,
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
