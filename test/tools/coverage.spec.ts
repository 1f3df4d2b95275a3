import { expect } from 'chai';
import { digestOf, specsThatRun } from '../../tools/mutation/coverage.ts';
import type { Coverage } from '../../tools/mutation/coverage.ts';

const FILE = 'lib/kernel/parts/pkmap.ts';
const TEXT = 'first\nsecond\nthird\n';

const coverage: Coverage = {
  digests: { [FILE]: digestOf(TEXT) },
  specs: {
    'test/base/quick.spec.ts': { seconds: 1, lines: { [FILE]: '110' } },
    'test/base/slow.spec.ts': { seconds: 30, lines: { [FILE]: '110' } },
    'test/kernel/parts/iova.spec.ts': { seconds: 5, lines: { [FILE]: '111' } },
    'test/kernel/parts/pkmap.spec.ts': { seconds: 10, lines: { [FILE]: '110' } },
    'test/kernel/highmem/vmap.spec.ts': { seconds: 1, lines: {} },
  },
};

describe('the specs that a mutant is shown to', () => {
  const plenty = { most: 10, seconds: 100 };

  it('are the mirrored one, and those that run its line: its neighbours, then the quickest', () => {
    expect(specsThatRun(coverage, FILE, TEXT, 2, plenty)).to.deep.equal([
      'test/kernel/parts/pkmap.spec.ts',
      'test/kernel/parts/iova.spec.ts',
      'test/base/quick.spec.ts',
      'test/base/slow.spec.ts',
    ]);
    expect(specsThatRun(coverage, FILE, TEXT, 3, plenty)).to.deep.equal([
      'test/kernel/parts/pkmap.spec.ts',
      'test/kernel/parts/iova.spec.ts',
    ]);
  });

  it('stay within the number and the time that are allowed, but at least one is run', () => {
    expect(specsThatRun(coverage, FILE, TEXT, 1, { most: 1, seconds: 100 })).to.have.length(1);
    expect(specsThatRun(coverage, FILE, TEXT, 1, { most: 10, seconds: 16 })).to.have.length(3);
    expect(specsThatRun(coverage, FILE, TEXT, 1, { most: 10, seconds: 0 })).to.have.length(1);
  });

  it('are none for a line that no spec runs, and unknown for a file that has changed', () => {
    expect(specsThatRun(coverage, 'lib/kernel/other.ts', TEXT, 1, plenty)).to.equal(undefined);
    expect(specsThatRun(coverage, FILE, `${TEXT}fourth\n`, 1, plenty)).to.equal(undefined);
    expect(specsThatRun(coverage, FILE, TEXT, 4, plenty)).to.deep.equal([]);
  });
});
