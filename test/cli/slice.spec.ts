/** Slices of files in the style of the kernel: what is taken, what becomes a stub, and that the result runs. */
import { expect } from 'chai';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sinon from 'sinon';
import { slice } from '../../lib/cli/slice.ts';
import { isUsersMistake } from '../../lib/cli/usage-error.ts';
import { itInC, ruleOfFile } from '../c/support.ts';

const DRIVER = `// SPDX-License-Identifier: GPL-2.0
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/toy/core.h>
#include "toy.h"

/* A comment with a "quote, and a { that is not closed. */
#define TOY_REG_DATA 0x10
#define TOY_UNUSED 0x20

enum toy_state { TOY_IDLE, TOY_BUSY };

struct toy_unused { int a; };

struct toy_host {
	struct toy_request *request;	/* of another header */
	struct page *page;
	struct unknown_to_all *clock;
	enum toy_state state;
	void (*done)(struct toy_host *host);
	struct not_there embedded;
};

static DEFINE_MUTEX(toy_mutex);
static int __read_mostly toy_calls, toy_other[2] = { 1, 2 };

static inline u32 toy_offset(struct toy_host *host)
{
	return host->request->offset;
}

static noinline int toy_reset(struct toy_host *host) { return toy_calls; }

#ifdef CONFIG_TOY_FAST
#define TOY_LENGTH 8
#else
#define TOY_LENGTH 4
#endif

static void __maybe_unused toy_copy(struct toy_host *host, void *buffer)
{
	char *at;

	mutex_lock(&toy_mutex);
	toy_calls++;
	at = kmap_local_page(host->page);
	memcpy(buffer, at + toy_offset(host), TOY_LENGTH);
	kunmap_local(at + PAGE_SIZE);
	host->state = TOY_BUSY;
	if (toy_reset(host) || toy_wait(host->request, TOY_FAR_AWAY))
		elsewhere_log("toy: %d", TOY_REG_DATA);
	mutex_unlock(&toy_mutex);
}

MODULE_LICENSE("GPL");
EXPORT_SYMBOL_GPL(toy_copy);

static const struct toy_ops toy_ops = {
	.copy = toy_copy,
};
`;
const FILES: Readonly<Record<string, string>> = {
  'drivers/toy/toy.c': DRIVER,
  'drivers/toy/toy.h':
    '#define TOY_LOCAL 1\nstruct toy_ops { void (*copy)(struct toy_host *host, void *buffer); };\n',
  'include/linux/kernel.h': '',
  'include/linux/toy/core.h': `#include <linux/toy/request.h>
int toy_wait(struct toy_request *request, int how);
#define TOY_FAR_AWAY (TOY_NEAR + 1)
#define TOY_NEAR 1
`,
  'include/linux/toy/request.h': `struct toy_request {
	struct device parent;
	u32 offset, length;
} __aligned(8);
`,
};

describe('scatterlist slice', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'slice-'));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** Runs it; an option `--output out.c` names a file of the folder. */
  async function ran(
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const told = { out: '', err: '' };
    const stubs = [
      sinon.stub(process.stdout, 'write').callsFake((text) => ((told.out += String(text)), true)),
      sinon.stub(process.stderr, 'write').callsFake((text) => ((told.err += String(text)), true)),
    ];
    try {
      return { code: await slice(args), ...told };
    } finally {
      for (const stub of stubs) stub.restore();
    }
  }

  const driver = (): string => join(folder, 'drivers/toy/toy.c');

  it('takes what the function uses, and nothing else', async () => {
    const { code, out } = await ran(driver(), '--function', 'toy_copy');
    expect(code).to.equal(0);
    for (const part of [
      '#define TOY_REG_DATA 0x10',
      'enum toy_state {',
      'static DEFINE_MUTEX(toy_mutex);',
      'static int __read_mostly toy_calls, toy_other[2] = { 1, 2 };',
      'static inline u32 toy_offset(',
      '#define TOY_LENGTH 4',
      '#define TOY_FAR_AWAY (TOY_NEAR + 1)',
      '#define TOY_NEAR 1',
      '#include <linux/mutex.h>',
    ])
      expect(out).to.include(part);
    for (const part of ['TOY_UNUSED', 'toy_unused', 'TOY_LENGTH 8', 'MODULE_LICENSE', 'toy_ops', 'comment'])
      expect(out).not.to.include(part);
  });

  it('takes of a structure the members that are used', async () => {
    const { out } = await ran(driver(), '--function', 'toy_copy');
    const [, host = ''] = /struct toy_host \{\n([^}]*)\}/.exec(out) ?? [];
    expect(host.match(/\w+(?=;)/g)).to.deep.equal(['request', 'page', 'state']);
    expect(out).to.match(/struct toy_request \{\n\tu32 offset, length;\n\}/);
  });

  it('makes stubs, and tells which', async () => {
    const { out, err } = await ran(driver(), '--function', 'toy_copy');
    expect(out).to.include('static noinline int toy_reset(struct toy_host *host) { return 0; } /* stub */');
    expect(out).to.include(
      'static int toy_wait(struct toy_request *request, int how) { return 0; } /* stub */',
    );
    expect(out).to.include('#define elsewhere_log(arguments...) 0');
    expect(err).to.match(/same file; name them with --function to have them:\n {2}toy_reset\n/);
    expect(err).to.match(/other files:\n {2}toy_wait\n/);
    expect(err).to.match(/not found; they are macros that are 0:\n {2}elsewhere_log\n/);
  });

  it('takes the functions that are called, if it is asked to', async () => {
    const { out } = await ran(driver(), '--function', 'toy_copy', '--callees');
    expect(out).to.include('toy_reset(struct toy_host *host) { return toy_calls; }');
    const named = await ran(driver(), '--function', 'toy_copy,toy_reset');
    expect(named.out).to.include('{ return toy_calls; }');
  });

  it('declares what the user defines, and makes no stub of it', async () => {
    const { out } = await ran(
      driver(),
      '--function',
      'toy_copy',
      '--declare',
      'toy_wait,toy_offset,elsewhere_log',
    );
    for (const head of [
      'int toy_wait(struct toy_request *request, int how);',
      'u32 toy_offset(struct toy_host *host);',
      'int elsewhere_log();',
    ])
      expect(out).to.match(new RegExp(`^${head.replaceAll(/[()*]/g, '\\$&')}$`, 'm'));
    expect(out).not.to.include('return host->request->offset;').and.not.include('define elsewhere_log');
  });

  it('follows the branches of what is defined', async () => {
    const { out } = await ran(driver(), '--function', 'toy_copy', '--define', 'CONFIG_TOY_FAST');
    expect(out).to.include('#define TOY_LENGTH 8').and.not.include('TOY_LENGTH 4');
  });

  it('needs no tree: what is not found there is a guess, and is told', async () => {
    const alone = join(folder, 'alone.c');
    writeFileSync(
      alone,
      'static int f(struct page *p, struct far *q)\n{\n\treturn FAR_FLAG | far_call(q);\n}\n',
    );
    const { out, err } = await ran(alone, '--function', 'f');
    expect(out).to.include('struct far;').and.include('#define FAR_FLAG 1').and.include('#define far_call(');
    expect(err).to.match(/Constants that were not found; their values are guesses:\n {2}FAR_FLAG/);
    expect(err).to.match(/Types that were not found:\n {2}struct far/);
  });

  itInC('writes a file that compiles, and whose reports name the lines of the source', async () => {
    const output = join(folder, 'out.c');
    const { code } = await ran(driver(), '--function', 'toy_copy', '--output', output);
    expect(code).to.equal(0);
    appendFileSync(
      output,
      `static struct toy_request request;
static struct toy_host host = { .request = &request };
SETUP(host) { host.page = alloc_page(GFP_HIGHUSER | __GFP_ZERO); }
SECTION(task, copy) { char buffer[8]; toy_copy(&host, buffer); }
`,
    );
    expect(ruleOfFile(output)).to.equal('unmap-address');
    const line = readFileSync(driver(), 'utf8').split('\n').indexOf('\tchar *at;') - 1;
    expect(readFileSync(output, 'utf8')).to.include(`#line ${String(line)} "${driver()}"`);
  });

  itInC('says what keeps it from compiling, and ends with 3', async () => {
    const output = join(folder, 'broken.c');
    const file = join(folder, 'needs.c');
    writeFileSync(file, 'static int f(struct far *q)\n{\n\treturn q->member;\n}\n');
    const { code, err } = await ran(file, '--function', 'f', '--output', output);
    expect(code).to.equal(3);
    expect(err).to.match(/does not compile: .*incomplete definition of type 'struct far'/);
  });

  it('refuses what it cannot read', async () => {
    const refused = async (...args: readonly string[]): Promise<string> => {
      try {
        await ran(...args);
      } catch (error) {
        if (isUsersMistake(error)) return error.message;
        throw error;
      }
      throw new Error('it was not refused');
    };
    expect(await refused()).to.equal('which file? name a C file of the kernel');
    expect(await refused(driver())).to.equal('which functions? name them with --function a,b,c');
    expect(await refused(driver(), '--function', 'a-b')).to.include('not "a-b"');
    expect(await refused(driver(), '--function', 'toy_copies')).to.match(
      /defines no function toy_copies; it has 3, among them toy_copy/,
    );
    expect(await refused(driver(), '--function', 'toy_copy', '--output', driver())).to.include(
      'the file itself',
    );
    expect(await refused(join(folder, 'none.c'), '--function', 'f')).to.include('there is no such file');
  });
});
