import { expect } from 'chai';
import { exists, repositoryFiles } from './repository.ts';

// Sources that need no test file of their own, each with the reason.
const exempt: Readonly<Record<string, string>> = {
  'lib/conformance/clause.ts': 'types only',
  'lib/conformance/subject.ts': 'types only',
  'lib/explore/rules/rule.ts': 'types only',
  'lib/explore/strategy.ts': 'types, and the name of an error',
  'lib/explore/world.ts': 'types, and one constant',
  'lib/eslint/rule.ts': 'types only',
  'lib/kernel/dma/dma-call.ts': 'types only',
  'lib/mapping/mapping.ts': 'types only',
  'lib/lab/job.ts': 'types only',
  'lib/machine/io-region.ts': 'types only',
  'lib/machine/page-owner.ts': 'types, and constants',
  'lib/ports/needs.ts': 'types only',
  'lib/scatterlist/list/sg-list.ts': 'types only',
};

/** lib/kernel/parts/pkmap.ts is tested in test/kernel/parts/pkmap.spec.ts, backends/kmap.ts in test/backends/kmap.spec.ts. */
function testOf(source: string): string {
  return `test/${source.replace(/^lib\//, '').replace(/\.ts$/, '.spec.ts')}`;
}

// The command, and of lib/c all but wasm and runtime, are tested as a whole, by what they do with programs and C files:
// test/cli, test/c.
describe('every source has a test where one looks for it', () => {
  const sources = repositoryFiles().filter(
    (file) =>
      /^(lib\/.*|backends\/[^/]+)\.ts$/.test(file) &&
      !/^lib\/(c\/(?!wasm|runtime)|cli\/|entries\/)|\/index\.ts$/.test(file),
  );

  it('in lib/ and backends/', () => {
    const untested = sources.filter((file) => !exempt[file] && !exists(testOf(file)));
    expect(untested.map((file) => `${file} has no ${testOf(file)}`)).to.deep.equal([]);
  });

  it('and the exemptions are still needed', () => {
    const stale = Object.keys(exempt).filter((file) => !sources.includes(file) || exists(testOf(file)));
    expect(stale).to.deep.equal([]);
  });
});
