import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadC } from 'scatterlist/c';
import { explain, parseSaved, parseSchedule } from 'scatterlist/explore';
import { checkText } from '../../../../lib/cli/check/file.ts';
import type { Finding } from '../../../../lib/cli/check/judge.ts';
import { contractsFor, namesOf } from '../../../../lib/cli/check/options.ts';
import { Grammar } from '../../../../lib/cli/check/parse/grammar.ts';
import { Prover } from '../../../../lib/cli/check/proof/prove.ts';
import { itInC } from '../../../c/support.ts';

const CASES = join(import.meta.dirname, '..', 'cases');

/** Cases that declare all that they use. */
const REACHED = [
  'address-for-page',
  'branch-of-a-directive',
  'callee-sleeps',
  'double-unmap',
  'end-of-the-page',
  'failed-vmap',
  'freed-while-mapped',
  'helper-maps',
  'helper-releases',
  'joined-value',
  'kmap-under-a-lock',
  'leak-of-an-iterator',
  'leak-on-error',
  'lost-in-a-loop',
  'moved-by-a-callee',
  'other-kind',
  'page-for-address',
  'sleeps-while-atomic',
  'unmap-order',
  'use-after-unmap',
];

describe('findings that are explored', function () {
  this.timeout(60_000);
  let folder = '';
  let prover: Prover;
  let findingsOf: (text: string) => readonly Finding[] = () => [];
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'proof-'));
    const grammar = await Grammar.load();
    const contracts = contractsFor({ convert: [], pageTables: false, wrappers: [] });
    findingsOf = (text) =>
      checkText(grammar, text, contracts).findings.filter(({ sureness }) => sureness !== 'note');
    prover = new Prover({ folder, budget: { milliseconds: 30_000 }, maps: namesOf(contracts) });
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const name of REACHED) {
    const file = join(CASES, `${name}.c`);
    const text = readFileSync(file, 'utf8');
    itInC(`are reached: ${name.replaceAll('-', ' ')}`, async () => {
      const [finding] = findingsOf(text);
      if (finding === undefined) throw new Error('nothing is found');
      const proof = await prover.prove(file, finding);
      expect(proof).to.include({ kind: 'reached' });
      if (finding.rule !== 'leak' || proof.kind !== 'reached') return;
      const right = { ...finding, function: 'right', mapLine: undefined };
      expect(await prover.prove(file, right)).to.include({ kind: 'not reached' });
    });
  }

  itInC('are written with a schedule that replays', async () => {
    const file = join(CASES, 'leak-on-error.c');
    const [finding] = findingsOf(readFileSync(file, 'utf8'));
    if (finding === undefined) throw new Error('nothing is found');
    const proof = await prover.prove(file, finding);
    if (proof.kind !== 'reached') throw new Error(proof.kind);
    expect(proof.choices).to.deep.equal(['the_length is 101']);
    const saved = parseSaved(readFileSync(proof.schedule, 'utf8'), proof.schedule);
    const told = explain(loadC(proof.section), parseSchedule(saved.schedule));
    expect(told.violation?.rule).to.equal('leak');
    expect(told.violation?.mapping?.mappedAt).to.include({ line: 4, within: 'wrong' });
  });

  itInC('are not reached where the budget ends first, and that is said', async () => {
    const file = join(folder, 'deep.c');
    writeFileSync(
      file,
      `int deep(struct page *page, int count)
{
	int *at = kmap_local_page(page), i, sum = 0;

	for (i = 0; i < 64; i++)
		if (at[i] != 1)
			sum++;
	if (sum == 3 && at[63] == 12345)
		return -EIO;
	kunmap_local(at);
	return 0;
}
`,
    );
    const [finding] = findingsOf(readFileSync(file, 'utf8'));
    if (finding === undefined) throw new Error('nothing is found');
    const few = new Prover({ folder, budget: { schedules: 20 }, maps: /\bkmap_local_page\b/ });
    expect(await few.prove(file, finding)).to.include({ kind: 'out of budget', why: 'the budget ended' });
  });

  itInC('are not tried where a type is missing, and the compiler says which', async () => {
    const file = join(folder, 'missing.c');
    writeFileSync(
      file,
      'int get(struct unknown *it)\n{\n\tchar *at = kmap_local_page(it->page);\n\n\tif (at[0])\n\t\treturn 1;\n\tkunmap_local(at);\n\treturn 0;\n}\n',
    );
    const [finding] = findingsOf(readFileSync(file, 'utf8'));
    if (finding === undefined) throw new Error('nothing is found');
    const proof = await prover.prove(file, finding);
    expect(proof).to.include({ kind: 'not tried' });
    expect(proof.kind === 'not tried' ? proof.why : '').to.match(
      /incomplete definition of type 'struct unknown'/,
    );
  });
});
