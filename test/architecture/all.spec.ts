/** `npm run test:unit` runs every spec once, on all cores: the list of .mocharc.all.cjs is complete. */
import { expect } from 'chai';
import { createRequire } from 'node:module';
import { repositoryFiles } from './repository.ts';

const { spec, jobs, parallel } = createRequire(import.meta.url)('../../.mocharc.all.cjs') as {
  readonly spec: readonly string[];
  readonly jobs: number;
  readonly parallel: boolean;
};

describe('all the tests', () => {
  it('are every spec of the repository, each once', () => {
    const specs = repositoryFiles().filter((file) => /^test\/.*\.spec\.ts$/.test(file));
    expect([...spec].sort()).to.deep.equal(specs);
  });

  it('run in two to eight processes', () => {
    expect(parallel).to.be.true;
    expect(jobs).to.be.within(2, 8);
  });
});
