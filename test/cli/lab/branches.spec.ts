import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JOB_IDS, runJob } from 'scatterlist/lab';
import { CANDIDATES } from '../../../examples/lab/index.ts';
import { errorPaths, withCounters } from '../../../lib/cli/lab/branches.ts';
import { importCandidate } from '../../../lib/cli/lab/load-text.ts';
import { SiteFile } from '../../../lib/cli/lab/site-source.ts';

const ROOT = join(import.meta.dirname, '../../..');

function fileOf(name: string): SiteFile {
  const path = join(ROOT, `examples/lab/${name}.ts`);
  return new SiteFile(path, readFileSync(path, 'utf8'));
}

describe('errorPaths', () => {
  it('are the branches that only failures lead to, with the calls that lead there', async () => {
    const file = fileOf('sg-map-2017');
    const site = file.site('contiguousView');
    const counted = await importCandidate(withCounters(file, site), file.file);
    const found = errorPaths(counted, file, site);
    expect(found.map(({ text, failAt }) => [text, failAt])).to.deep.equal([
      ['return -ENOMEM;', [0]],
      ['{ errno = ptrErr(addr); break; }', [1, 2, 3]],
      ['{ errno = ptrErr(addr); break; }', [4, 5, 6]],
    ]);
    const lines = file.text.split('\n');
    for (const { line, text } of found) expect(lines[line - 1]).to.include(text.split(' ')[0]);
  });

  it('do not count what runs without a failure, too', async () => {
    const file = fileOf('typed-sg-map');
    const site = file.site('cursor');
    const counted = await importCandidate(withCounters(file, site), file.file);
    expect(errorPaths(counted, file, site)).to.deep.equal([]);
  });

  it('are counted without a change of what a call site does', async () => {
    for (const candidate of CANDIDATES) {
      const file = fileOf(candidate.facade.name);
      for (const job of JOB_IDS.filter((id) => candidate.cannot(id) === undefined)) {
        const text = withCounters(file, file.site(job));
        expect(text.split('\n').length).to.equal(file.text.split('\n').length);
        const counted = await importCandidate(text, file.file);
        expect(runJob(counted, job).outcome.kind, `${candidate.facade.name} ${job}`).to.equal(
          runJob(candidate, job).outcome.kind,
        );
      }
    }
  });
});
