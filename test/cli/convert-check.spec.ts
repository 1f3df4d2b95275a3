/** What `scatterlist convert-check` says of conversions that break a section, change nothing, or repair it. */
import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sinon from 'sinon';
import { loadC } from 'scatterlist/c';
import { explore } from 'scatterlist/explore';
import { convertCheck } from '../../lib/cli/convert-check.ts';
import { isUsersMistake } from '../../lib/cli/usage-error.ts';
import { INCLUDES, fileOf, itInC } from '../c/support.ts';
import { command } from './in-process.ts';

const LOCAL = ['--to', 'kmap_local_page'] as const;
const PAGES = `static struct page *a, *b;
SETUP(pages) { a = alloc_page(GFP_HIGHUSER | __GFP_ZERO); b = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
`;

/** Runs it here, and returns its exit code and what it printed. */
async function ran(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
    out += String(text);
    return true;
  });
  try {
    return { code: await convertCheck(args), out };
  } finally {
    write.restore();
  }
}

/** Checks a conversion of a text. */
function checked(text: string, ...args: readonly string[]): ReturnType<typeof ran> {
  return ran(fileOf(INCLUDES + PAGES + text), ...LOCAL, ...args);
}

/** The message with which it is refused. */
async function refused(...args: readonly string[]): Promise<string> {
  try {
    await ran(...args);
  } catch (error) {
    if (isUsersMistake(error)) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

const counter = (lock: string, unlock: string): string => `static DEFINE_SPINLOCK(lock);
static void add(void)
{
	${lock}
	unsigned char *at = kmap_atomic(a);
	at[0]++;
	kunmap_atomic(at);
	${unlock}
}
SECTION(task, one) { add(); }
SECTION(task, two) { add(); }
CHECK(sum) { unsigned char *at = kmap_local_page(a); int n = at[0]; kunmap_local(at); return n == 2; }`;

describe('scatterlist convert-check', () => {
  itInC('names the rule, the line and the schedule that tell the variants apart', async () => {
    const { code, out } = await checked(
      `SECTION(task, copy)
{
	char *x = kmap(a), *y = kmap(b);
	y[0] = x[0];
	kunmap(a);
	kunmap(b);
}`,
      '--from',
      'kmap',
    );
    expect(code).to.equal(1);
    expect(out).to.match(/before +no rule is broken, explored to the end/);
    expect(out).to.match(/after +unmap-order at section-\d+-\d+\.c:7 /);
    expect(out).to.include('The conversion breaks the section.');
    expect(out).to.match(/Replay: scatterlist replay converted-section-\d+-\d+\.c '0[.0]*'/);
  });

  itInC('converts kunmap(page) to the address that the task mapped, in the order of a stack', async () => {
    const { code, out } = await checked(
      `SECTION(task, copy)
{
	char *x = kmap(a), *y = kmap(b);
	char *again = kmap(a);
	y[0] = x[0] + again[0];
	kunmap(a);
	kunmap(b);
	kunmap(a);
}`,
      '--from',
      'kmap',
    );
    expect(out).to.include('The conversion changes nothing here');
    expect(code).to.equal(0);
  });

  itInC('finds that a map is released by another task', async () => {
    const { code, out } = await checked(
      `static DECLARE_COMPLETION(mapped);
static DECLARE_COMPLETION(unmapped);
SECTION(task, maker) { kmap(a); complete(&mapped); wait_for_completion(&unmapped); }
SECTION(task, user) { wait_for_completion(&mapped); kunmap(a); complete(&unmapped); }`,
      '--from',
      'kmap',
    );
    expect(code).to.equal(1);
    expect(out)
      .to.match(/before +no rule is broken/)
      .and.match(/after +wrong-task at /);
  });

  itInC('finds that the page has no map left', async () => {
    const { out } = await checked(
      'SECTION(task, t) { char *at = kmap(a); kunmap_local(at); kunmap(a); }',
      '--from',
      'kmap',
    );
    expect(out).to.match(/after +kunmap-unmapped/);
  });

  itInC('finds a lost write, and what has to be kept so that there is none', async () => {
    const { code, out } = await checked(counter('', ''), '--from', 'kmap_atomic');
    expect(code).to.equal(1);
    expect(out).to.match(/after +lost-write/);
    expect(out).to.include('With preempt_disable() around each map it breaks no rule: --keep preempt.');
    const kept = await checked(counter('', ''), '--from', 'kmap_atomic', '--keep', 'preempt');
    expect(kept.code).to.equal(0);
    expect(kept.out).to.include('kmap_atomic -> kmap_local_page with preempt_disable()');
    const useless = await checked(counter('', ''), '--from', 'kmap_atomic', '--keep', 'pagefault');
    expect(useless.code).to.equal(1);
    const locked = await checked(
      counter('spin_lock(&lock);', 'spin_unlock(&lock);'),
      '--from',
      'kmap_atomic',
    );
    expect(locked.out).to.include('The conversion changes nothing here');
    expect(locked.code).to.equal(0);
  });

  itInC('says where a conversion is right, although the section was wrong', async () => {
    const text = 'SECTION(task, t) { char *at = kmap_atomic(a); msleep(1); kunmap_atomic(at); }';
    const { code, out } = await checked(text, '--from', 'kmap_atomic');
    expect(code).to.equal(0);
    expect(out).to.match(/before +sleep-in-atomic/);
    expect(out).to.include('it even removes what was wrong before');
    const kept = await checked(text, '--from', 'kmap_atomic', '--keep', 'preempt,pagefault');
    expect(kept.code).to.equal(1);
    expect(kept.out).to.include('The conversion changes nothing here');
  });

  itInC('writes the converted section, which is explored and replayed like any other', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'convert-'));
    try {
      const file = join(folder, 'converted.c');
      await checked(counter('', ''), '--from', 'kmap_atomic', '--keep', 'pagefault', '--write', file);
      expect(readFileSync(file, 'utf8')).to.match(/^#define SCATTERLIST_KEEP_PAGEFAULT 1$/m);
      const outcome = explore(loadC(file));
      expect(outcome.kind === 'violation' && outcome.violation.rule).to.equal('lost-write');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  itInC('prints both outcomes as JSON', async () => {
    const { code, out } = await checked(
      'SECTION(task, t) { kmap(a); kunmap(a); }',
      '--from',
      'kmap',
      '--json',
    );
    expect(code).to.equal(0);
    const told: unknown = JSON.parse(out);
    expect(told).to.deep.include({ from: 'kmap', to: 'kmap_local_page', keep: [], change: 'none' });
    expect(told).to.have.nested.property('before.kind', 'exhausted');
    expect(told).to.have.nested.property('after.kind', 'exhausted');
  });

  itInC('is a command, which runs in a thread that is watched', async () => {
    const file = fileOf(`${INCLUDES}${PAGES}SECTION(task, t) { kmap(a); kunmap(a); for (;;) ; }`);
    const { code, err } = await command('convert-check', file, '--from', 'kmap', ...LOCAL, '--budget', '1s');
    expect(code).to.equal(2);
    expect(err).to.match(/section-\d+-\d+\.c cannot be run: .* has not returned for/);
  });

  itInC('refuses what it cannot convert, in one line', async () => {
    const file = fileOf(
      `${INCLUDES}${PAGES}static void *(*map)(struct page *) = kmap;\nSECTION(task, t) { map(a); kunmap(a); }`,
    );
    expect(await refused(file, '--from', 'kmap', ...LOCAL)).to.match(
      /does not compile: :?3:\d+: error: 'kmap' is unavailable: it cannot be converted where it is no call/,
    );
    const none = fileOf(`${INCLUDES}${PAGES}SECTION(task, t) { kmap(a); kunmap(a); }`, 'none');
    expect(await refused(none, '--from', 'kmap_atomic', ...LOCAL)).to.match(
      /none-\d+-\d+\.c does not call kmap_atomic: there is nothing to convert/,
    );
  });

  it('refuses options that say nothing', async () => {
    expect(await refused()).to.equal('which section? name its C file');
    expect(await refused('a.ts', '--from', 'kmap', ...LOCAL)).to.include('a C file, whose name ends in .c');
    expect(await refused('a.c', ...LOCAL)).to.equal('--from takes kmap or kmap_atomic, not nothing');
    expect(await refused('a.c', '--from', 'kmap', '--to', 'vmap')).to.include('--to takes kmap_local_page');
    expect(await refused('a.c', '--from', 'kmap', ...LOCAL, '--keep', 'preempt')).to.include('--keep: kmap');
    expect(await refused('a.c', '--from', 'kmap_atomic', ...LOCAL, '--keep', 'irq')).to.include('not "irq"');
    expect(await refused('a.c', 'b.c', '--from', 'kmap', ...LOCAL)).to.include('what is "b.c"');
    expect(await refused('a.c', '--from', 'kmap', ...LOCAL, '--write', './a.c')).to.include(
      'the section itself',
    );
    expect(await refused('/none/such.c', '--from', 'kmap', ...LOCAL)).to.include(basename('such.c'));
  });
});
