import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repaired, setAround } from '../../../../lib/cli/check/proof/repair.ts';
import type { Made, Repairs } from '../../../../lib/cli/check/proof/repair.ts';
import { PACKAGE_FOLDER } from '../../../../lib/cli/package-root.ts';
import { Reader } from '../../../../lib/cli/slice/declarations.ts';
import { Pool } from '../../../../lib/cli/slice/pool.ts';
import { sliceOf } from '../../../../lib/cli/slice/slice.ts';

const NONE: Repairs = { defined: [], stubs: [], absent: [], types: [], variables: [] };
const TEXT = `struct host {
	int a;
#ifdef CONFIG_FAST
	int fast;
#endif
};

#define ASSERTS(x) asserts_that(x)

static inline int helper(struct host *host)
{
	return host->a;
}

int fill(struct host *host)
{
	ASSERTS(host->a);
	return helper(host);
}
`;

describe('repairs of a section', () => {
  let folder = '';
  let file = '';
  let made: Made;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'repair-'));
    file = join(folder, 'host.c');
    writeFileSync(file, TEXT);
    const pool = new Pool(await Reader.load(['__KERNEL__']), file, `${PACKAGE_FOLDER}/c/include`);
    const functions = ['fill'];
    made = { pool, functions, slice: sliceOf(pool, { functions, declared: [], withCallees: false }) };
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const after_ = (told: string): Repairs => repaired(NONE, told, made);

  it('are functions of which only the head is taken, but not those that the finding is about', () => {
    expect(after_(`${file}:12:9: error: expected expression`)).to.deep.equal({ ...NONE, stubs: ['helper'] });
    expect(after_(`${file}:18:9: error: expected expression`)).to.equal(NONE);
  });

  it('are macros that are left out, by the outermost', () => {
    expect(
      after_(
        `${file}:17:2: error: expected expression\nhost.c:8:20: note: expanded from macro 'ASSERTS'\nx.c:1:2: note: expanded from macro 'INNER'`,
      ),
    ).to.deep.equal({ ...NONE, absent: ['ASSERTS'] });
  });

  it('are types and variables that become numbers', () => {
    expect(after_("s.c:3:1: error: unknown type name 'host_t'").types).to.deep.equal(['host_t']);
    expect(after_(`${file}:18:9: error: use of undeclared identifier 'limit'`).variables).to.deep.equal([
      'limit',
    ]);
  });

  it('are options under which a structure has a member', () => {
    expect(after_(`${file}:18:9: error: no member named 'fast' in 'struct host'`).defined).to.deep.equal([
      'CONFIG_FAST',
    ]);
  });

  it('are none where nothing helps', () => {
    expect(after_(`${file}:18:9: error: no member named 'slow' in 'struct host'`)).to.equal(NONE);
    const once = after_("s.c:3:1: error: unknown type name 'host_t'");
    expect(repaired(once, "s.c:3:1: error: unknown type name 'host_t'", made)).to.equal(once);
  });

  it('set the options around lines', () => {
    const text =
      '#ifdef CONFIG_A\none\n#else\ntwo\n#endif\n#if defined(CONFIG_B) && defined(CONFIG_C)\nthree\n#endif\n';
    expect(setAround(text, [2])).to.deep.equal(['CONFIG_A']);
    expect(setAround(text, [4])).to.deep.equal([]);
    expect(setAround(text, [7, 2])).to.deep.equal(['CONFIG_A', 'CONFIG_B', 'CONFIG_C']);
  });
});
