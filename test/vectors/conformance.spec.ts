/** Every recording in data/, every case. */
import { expect } from 'chai';
import { basename, join } from 'node:path';
import { groupOf, readVectors, vectorFiles } from './format.ts';
import { runnerOfGroup } from './groups/index.ts';
import { runFile } from './run.ts';

describe('recordings of the kernel code', () => {
  for (const path of vectorFiles(join(import.meta.dirname, 'data'))) {
    it(basename(path), function () {
      this.timeout(60_000);
      const { passed, failures } = runFile(readVectors(path), runnerOfGroup(groupOf(path)));
      const shown = failures.slice(0, 3).map((f) => `${f.name}: ${f.details}`);
      expect(failures.length, `${shown.join('\n')}\nfailures`).to.equal(0);
      expect(passed).to.be.above(0);
    });
  }
});
