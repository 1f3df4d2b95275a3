import { expect } from 'chai';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFiles, filesOf } from '../../../lib/cli/check/run.ts';
import type { Checked } from '../../../lib/cli/check/run.ts';

const CASES = join(import.meta.dirname, 'cases');
/** So many of the cases are checked, each several times. */
const ONE_IN = 4;
const OPTIONS = { convert: [], pageTables: true, wrappers: [] };

/** Two folders with a header of one name each: what a file includes depends on where it lies. */
const HEADERS = {
  undoes: 'static inline void put(void *a) { kunmap_local(a); }\n',
  keeps: 'static inline void put(void *a) { (void)a; kmap_local_page(0); }\n',
};
const INCLUDES =
  '#include "put.h"\nint f(struct page *p) { void *a = kmap_local_page(p); g(a); put(a); return 0; }\n';

describe('what is found in many files', function () {
  this.timeout(60_000);
  let folder = '';
  let files: readonly string[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'scatterlist-check-'));
    for (const [name, header] of Object.entries(HEADERS)) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'put.h'), header);
      writeFileSync(join(folder, name, 'user.c'), INCLUDES);
    }
    const cases = filesOf([CASES]).files.filter((_, at) => at % ONE_IN === 0);
    files = [...cases, ...filesOf([folder]).files];
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const byFile = ({ files: found }: Checked): Readonly<Record<string, unknown>> =>
    Object.fromEntries(found.map((each) => [each.file, each]));
  const check = async (some: readonly string[], threads?: number): Promise<Checked> =>
    checkFiles(
      { files: some, unreadable: [] },
      { options: OPTIONS, cache: undefined, ...(threads === undefined ? {} : { threads }) },
    );
  /** One file after the other, each as if it were the only one. */
  const oneByOne = async (): Promise<Readonly<Record<string, unknown>>> => {
    const all: Record<string, unknown> = {};
    for (const file of files) Object.assign(all, byFile(await check([file])));
    return all;
  };

  it('is the same for each of them alone, in any order, in one thread and in three', async () => {
    const expected = await oneByOne();
    expect(Object.keys(expected)).to.have.length.above(readdirSync(CASES).length / ONE_IN);
    const [undoes, keeps] = Object.keys(HEADERS).map((name) => expected[join(folder, name, 'user.c')]);
    expect(undoes).to.not.deep.equal({ ...Object(keeps), file: join(folder, 'undoes', 'user.c') });
    const backwards = [...files].reverse();
    for (const [some, threads] of [
      [files, 1],
      [backwards, 1],
      [files, 3],
      [backwards, 3],
    ] as const) {
      const checked = await check(some, threads);
      expect(byFile(checked)).to.deep.equal(expected);
      // In the order in which they were given.
      expect(checked.files.map(({ file }) => some.findIndex((each) => each.endsWith(file)))).to.deep.equal(
        some.map((_, at) => at),
      );
    }
  });
});
