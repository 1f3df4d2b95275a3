/** The pages of the laboratory are those of now: the designs, the table, and a sample of the cells run again. */
import { expect } from 'chai';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_IDS, JOBS } from 'scatterlist/lab';
import type { JobId } from 'scatterlist/lab';
import { CANDIDATES } from '../../examples/lab/index.ts';
import { runLab } from '../../lib/cli/lab/run.ts';
import { cellSection } from '../../tools/lab-page.ts';
import { pagesOf } from '../../tools/lab.ts';

const DOCS = join(import.meta.dirname, '../../docs');
const SAMPLE: readonly (readonly [facade: string, job: JobId])[] = [
  ['sg-map-2017', 'manyMaps'],
  ['typed-sg-map', 'patchHead'],
  ['sf-buf', 'sharedView'],
  ['local-only', 'sharedView'],
  ['qemu-map', 'copyResponse'],
  ['copy-only', 'cursor'],
];

const pageOf = (facade: string): string => readFileSync(join(DOCS, `lab/${facade}.md`), 'utf8');

describe('the pages of the laboratory', () => {
  it('have a page for each design, with a section for each job', () => {
    const names = CANDIDATES.map(({ facade }) => `${facade.name}.md`);
    expect(readdirSync(join(DOCS, 'lab'))).to.have.members(names);
    for (const { facade } of CANDIDATES) {
      const sections = [...pageOf(facade.name).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
      expect(sections, facade.name).to.deep.equal(JOB_IDS.map((job) => JOBS[job].name));
    }
  });

  it('name the files of call sites, not what they were made into', () => {
    for (const { facade } of CANDIDATES) expect(pageOf(facade.name)).to.not.match(/\.ts\.\d+\.js/);
  });

  it('link each cell of the table to the section that tells it', () => {
    const table = readFileSync(join(DOCS, 'lab-table.md'), 'utf8');
    const links = [...table.matchAll(/\]\((lab\/[\w-]+\.md)(?:#([\w-]+))?\)/g)];
    expect(links.length).to.be.above(CANDIDATES.length * (JOB_IDS.length + 10));
    for (const [link, file = '', anchor] of links) {
      expect(existsSync(join(DOCS, file)), link).to.be.true;
      if (anchor === undefined) continue;
      const headings = [...readFileSync(join(DOCS, file), 'utf8').matchAll(/^#+ (.*)$/gm)];
      const anchors = headings.map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'));
      expect(anchors, link).to.include(anchor);
    }
  });

  for (const [facade, job] of SAMPLE)
    it(`tell what runs say now: ${facade}, ${JOBS[job].name}`, async () => {
      const result = await runLab({ files: [], facade, job, isTold: false }, 1, () => undefined);
      const [page] = pagesOf(result);
      const [cell] = result.cells;
      if (page === undefined || cell === undefined) throw new Error('nothing was measured');
      const section = cellSection(cell, page).join('\n');
      expect(section).to.match(/^## /);
      if (pageOf(facade).includes(`${section}\n`)) return;
      const stored = pageOf(facade).split('\n');
      const added = section.split('\n').filter((line) => !stored.includes(line));
      expect(added, `docs/lab/${facade}.md: npm run docs:lab`).to.deep.equal([]);
      throw new Error(`docs/lab/${facade}.md: the same lines in another order: npm run docs:lab`);
    }).timeout(120_000);
});
