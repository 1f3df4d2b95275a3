import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { expect } from 'chai';
import { buildLab } from '../../../tools/site-lab/build.ts';
import type { BuiltFile } from '../../../tools/site-lab/build.ts';
import { INTERRUPTED } from '../../site/lab/session/programs.ts';

describe('the laboratory page as it is built', () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-lab-'));
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  let built: readonly BuiltFile[] = [];
  before(async () => {
    built = await buildLab(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('shows itself with less than 250 KB; editor, library and examples come later', () => {
    const first = built.filter(({ file }) => /^(index\.html|lab\.(js|css))$/.test(file));
    expect(first).to.have.length(3);
    expect(first.reduce((sum, { gzippedBytes }) => sum + gzippedBytes, 0)).to.be.below(250_000);
    const later = built.filter(({ file }) => /^(editor|worker|examples)\.js$/.test(file));
    for (const { file, gzippedBytes } of later) expect(gzippedBytes, file).to.be.within(1000, 350_000);
    expect(later).to.have.length(3);
  });

  it('is opened from a file too: no module, nothing from elsewhere', () => {
    const page = read('index.html');
    expect(page).to.match(/<script src="lab\.js" defer>/);
    for (const [, address = ''] of page.matchAll(/(?:src|href)="([^"]*)"/g))
      expect(address).to.match(/^(data:,|[\w.-]+)$/);
    for (const { file } of built) expect(read(file)).to.not.match(/^\s*(import|export)\s/m);
  });

  it('has a worker that runs a program and tells its lines', async () => {
    const answers: unknown[] = [];
    const realm = createContext({ console });
    runInContext(read('worker.js'), realm);
    // The source as a page takes it, and what a page makes of it.
    runInContext('globalThis.postMessage = (message) => { globalThis.last = message; };', realm);
    runInContext(`const source = scatterlistWorkers['worker.js'];`, realm);
    const source: unknown = runInContext('source', realm);
    runInContext(String(source), realm, { filename: 'blob:null/worker' });
    const requests = [
      { name: 'load', given: { program: INTERRUPTED, configuration: {} } },
      { name: 'run', given: {} },
    ];
    for (const [id, request] of requests.entries()) {
      runInContext(`onmessage({ data: ${JSON.stringify({ id, ...request })} })`, realm);
      await new Promise((resolve) => setTimeout(resolve, 0));
      answers.push(JSON.parse(String(runInContext('JSON.stringify(last)', realm))));
    }
    const [, run] = answers;
    const text = JSON.stringify(run);
    const line = 1 + INTERRUPTED.text.split('\n').findIndex((one) => one.includes('kmapLocalPage(task'));
    expect(text).to.contain(`"text":"map 0x40 slot 0 (kmap_local)","line":${String(line)}`);
    // The library itself is never the line.
    const lines = [...text.matchAll(/"line":(\d+)/g)].map(([, number]) => Number(number));
    expect(Math.max(...lines)).to.be.below(INTERRUPTED.text.split('\n').length);
  });
});
