/**
 * `npm run docs:lab`: measures all designs in all jobs, and writes docs/lab-table.md and docs/lab.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { runLab } from '../lib/cli/lab/run.ts';
import type { LabResult } from '../lib/cli/lab/run.ts';
import { designPage, tablePage } from './lab-page.ts';
import type { DesignPage } from './lab-page.ts';

const ROOT = join(import.meta.dirname, '..');

/** What the pages are made of. */
export function pagesOf({ cells, designs }: Pick<LabResult, 'cells' | 'designs'>): readonly DesignPage[] {
  return designs.map(({ candidate, source }) => ({
    ...candidate.facade,
    cells: cells.filter(({ facade }) => facade === candidate.facade.name),
    siteOf: (job) => (candidate.cannot(job) === undefined ? source.site(job).text : undefined),
  }));
}

if (process.argv[1] === import.meta.filename) {
  const result = await runLab(
    { files: [], facade: undefined, job: undefined, isTold: false },
    availableParallelism(),
    () => undefined,
  );
  const { typescript } = result;
  if ('missing' in typescript) throw new Error(typescript.missing);
  const pages = pagesOf(result);
  mkdirSync(join(ROOT, 'docs/lab'), { recursive: true });
  writeFileSync(join(ROOT, 'docs/lab-table.md'), tablePage(pages, typescript.version));
  for (const page of pages) writeFileSync(join(ROOT, `docs/lab/${page.name}.md`), designPage(page));
}
