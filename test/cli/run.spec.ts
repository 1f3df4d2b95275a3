/** `scatterlist run`: one run of a program in the plain order. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { replay } from '../../lib/cli/replay.ts';
import { run } from '../../lib/cli/run.ts';
import { UsageError } from '../../lib/cli/usage-error.ts';
import { INCLUDES, fileOf, itInC } from '../c/support.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
}

/** Runs a subcommand here, with what it prints caught. */
async function ran(command: typeof run, ...args: readonly string[]): Promise<Ran> {
  const printed: string[] = [];
  const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    return { code: await command(args), out: printed.join('') };
  } finally {
    write.restore();
  }
}

describe('scatterlist run', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(import.meta.dirname, 'run-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** A program of two tasks that note what they do. */
  function programOf(one: string, two: string): string {
    const file = join(folder, `program-${String(Math.random()).slice(2)}.mjs`);
    writeFileSync(
      file,
      `import { defineProgram } from 'scatterlist/explore';
export default defineProgram({ tasks: { *one({ note, choose }) { ${one} }, *two({ note }) { ${two} } } });`,
    );
    return file;
  }

  it('runs each actor to its end in the order of declaration, and prints the schedule for replay', async () => {
    const file = programOf(
      'note(`a${choose(3)}`); yield; note("b"); yield; note("c");',
      'note("d"); yield; note("e");',
    );
    const { code, out } = await ran(run, file);
    expect(code).to.equal(0);
    expect(out).to.match(/^No rule was broken on this schedule\./);
    expect(out).to.match(/chooses 0 of 0 to 2[^]*\ba0\b[^]*\bb\b[^]*\bc\b[^]*\bd\b[^]*\be\b/);
    const [, schedule = ''] = /scatterlist replay \S+ '([^']+)'/.exec(out) ?? [];
    const again = await ran(replay, file, schedule);
    expect(again).to.deep.equal({ code, out });
  });

  it('ends with 1 where this order breaks a rule, and saves it', async () => {
    const saved = join(folder, 'broken.schedule');
    const { code, out } = await ran(run, programOf('throw new Error("no");', ''), '--save', saved);
    expect(code).to.equal(1);
    expect(out).to.match(/rule: exception/);
    expect(existsSync(saved)).to.equal(true);
  });

  it('refuses what it cannot do in one line', async () => {
    const mistake = async (...args: readonly string[]): Promise<string> => {
      const error: unknown = await ran(run, ...args).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(UsageError);
      return error instanceof Error ? error.message : '';
    };
    expect(await mistake()).to.equal('which program? name its file');
    expect(await mistake('a.ts', '0.0')).to.equal('run takes one file; what is "0.0"?');
    expect(await mistake('a.ts', '--budget', '100')).to.equal('--budget of run takes seconds (60s), not 100');
    const fine = programOf('yield;', '');
    expect(await mistake(fine, '--save', join(folder, 'none'))).to.equal('--save: this order breaks no rule');
    expect(existsSync(join(folder, 'none'))).to.equal(false);
  });

  itInC('runs a C file', async () => {
    const file = fileOf(`${INCLUDES}static int n;
SECTION(task, probe) { n = 5; }
CHECK(five) { return n == 5; }`);
    const { code, out } = await ran(run, file);
    expect(code).to.equal(0);
    expect(out).to.match(/store n at section[-\d]+\.c:2/);
  });
});
