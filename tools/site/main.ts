/**
 * Builds the documentation site into site/dist: pages from docs/, from doc comments and from the data of the library.
 *
 *   npm run site
 *
 * That also builds the laboratory page into it, and checks the whole by check.ts.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vitepress';
import { readApi } from '../linux-api.ts';
import { ROOT } from '../public-api.ts';
import { backendPages } from './backend-pages.ts';
import { copyAssets, errorsPage, guidePages } from './guides.ts';
import { linuxTable } from './linux-table.ts';
import { DIST, PAGES, writePage } from './page.ts';
import { portPages } from './port-pages.ts';
import { writeReference } from './reference.ts';
import { rulePages } from './rule-pages.ts';
import { sourcePages } from './sources.ts';

rmSync(PAGES, { recursive: true, force: true });
rmSync(DIST, { recursive: true, force: true });

const api = readApi();
const linuxNames = new Set(api.rows.flatMap(({ linux }) => linux));
const codes = [...readFileSync(join(ROOT, 'lib/base/errors.ts'), 'utf8').matchAll(/readonly code: '(\w+)'/g)];
const reference = await writeReference(
  linuxNames,
  codes.map(([, code = '']) => code),
);

const shown = new Set<string>();
const pages = [
  ...guidePages(shown),
  errorsPage(shown),
  linuxTable(api, reference),
  ...backendPages(reference, shown),
  ...(await portPages(shown)),
  ...(await rulePages()),
];
for (const page of pages) writePage(page);
for (const page of sourcePages(shown)) writePage(page);
copyAssets();

await build(join(ROOT, 'docs'));
