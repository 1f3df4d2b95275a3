/**
 * Checks the built site: no dead link, nothing loaded from outside, and an example on each page that needs one.
 *
 *   node --import tsx tools/site/check.ts
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { deadLinks } from './dead-links.ts';
import { DIST } from './page.ts';

/** Pages that have to show code, by their folder; and the guides. */
const FOLDERS = ['rules', 'backends', 'ports'];
const GUIDES = [
  'start',
  'converting',
  'backend',
  'port',
  'explorer',
  'c',
  'check',
  'dma',
  'iscsi',
  'runners',
];

/** Pages without a block of code, which need one. */
function pagesWithoutCode(): readonly string[] {
  const pages = [
    ...GUIDES.map((guide) => `${guide}.html`),
    ...FOLDERS.flatMap((folder) => readdirSync(join(DIST, folder)).map((name) => `${folder}/${name}`)),
  ];
  return pages
    .filter((page) => !/<pre\b/.test(readFileSync(join(DIST, page), 'utf8')))
    .map((page) => `/${page}: shows no code`);
}

const faults = [...deadLinks(DIST), ...pagesWithoutCode()];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
else console.log(`site/dist has no dead link`);
