import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { EXIT } from '../../lib/cli/exit-codes.ts';
import { EXPLORE_HELP } from '../../lib/cli/explore/arguments.ts';
import { REPLAY_HELP } from '../../lib/cli/explore/one-schedule.ts';
import { fitted } from '../../lib/cli/help-text.ts';
import { MATRIX_HELP } from '../../lib/cli/matrix.ts';
import { MANIFEST } from '../../lib/cli/package-root.ts';
import { command } from './in-process.ts';

describe('the scatterlist command', function () {
  this.timeout(60_000);

  it('without a subcommand prints its help and ends with 2; asked for it, with 0', async () => {
    const bare = await command();
    expect(bare).to.include({ code: 2, err: '' });
    expect(bare.out).to.contain(`scatterlist ${MANIFEST.version}`);
    for (const help of [MATRIX_HELP, EXPLORE_HELP, REPLAY_HELP]) {
      const [, name = '', about = ''] = /^scatterlist (\S+): (.*)/.exec(help) ?? [];
      expect(bare.out.replaceAll(/\s+/g, ' ')).to.contain(` ${name} ${about}`);
      expect(bare.out).not.to.contain(fitted(help));
    }
    for (const word of ['--help', '-h', 'help'])
      expect(await command(word)).to.deep.equal({ code: 0, out: bare.out, err: '' });
  });

  it('prints no line of more than 80 columns in any help, nor where a cell is explained', async () => {
    const { out } = await command('help');
    const names = [...out.matchAll(/^ {2}([a-z-]+) {2,}[a-z]/gm)].map(([, name = '']) => name);
    expect(names).to.have.length(12);
    for (const args of [
      ['help'],
      ...names.map((name) => ['help', name]),
      ['matrix', '--workers', '1', '--why', 'vmci-notify', 'kmap_local'],
    ]) {
      const { out: text } = await command(...args);
      expect(text, args.join(' ')).to.not.be.empty;
      expect(text.split('\n').filter((line) => line.length > 80)).to.deep.equal([]);
    }
  });

  it('prints the version alone', async () => {
    for (const flag of ['--version', '-v', '-V'])
      expect(await command(flag)).to.deep.equal({ code: 0, out: `${MANIFEST.version}\n`, err: '' });
  });

  for (const [name, help] of [
    ['matrix', MATRIX_HELP],
    ['explore', EXPLORE_HELP],
    ['replay', REPLAY_HELP],
  ] as const) {
    it(`prints the help of ${name}, whatever else is on the line`, async () => {
      for (const args of [['--help'], ['-h'], ['no-such-file', '--help'], ['--nonsense', '-h']])
        expect(await command(name, ...args)).to.deep.equal({ code: 0, out: fitted(help), err: '' });
      expect(await command('help', name)).to.deep.equal({ code: 0, out: fitted(help), err: '' });
    });

    it(`reports a wrong option of ${name} in one line, with 2`, async () => {
      const { code, out, err } = await command(name, '--nonsense');
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.match(/^scatterlist: Unknown option '--nonsense'[^\n]*\n$/);
    });
  }

  it('has no help of a command that does not exist', async () => {
    const { code, out, err } = await command('help', 'dance');
    expect([code, out]).to.deep.equal([2, '']);
    expect(err).to.match(/^scatterlist: no command "dance"; there is matrix[^\n]*\n$/);
  });

  it('names the subcommands if another is asked for', async () => {
    for (const name of ['dance', '-x', ''])
      expect(await command(name)).to.deep.equal({
        code: 2,
        out: '',
        err: `scatterlist: no command "${name}"; there is matrix, audit, check, explore, campaign, worker, run, replay, convert-check, slice, lab, experiment
`,
      });
  });

  it('joins the lines of a mistake, and ends with the code of the subcommand', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scatterlist-'));
    try {
      const file = join(folder, 'two-lines.mjs');
      writeFileSync(file, "throw new TypeError('one  \\n\\n  two');");
      const { code, err } = await command('explore', file);
      expect(code).to.equal(2);
      expect(err).to.match(/^scatterlist: [^\n]* TypeError: one two \(at [^\n]*\)\n$/);
      const report = join(folder, 'report.json');
      const counts = { schedules: 1, steps: 2, states: 3, pruned: 4, milliseconds: 5 };
      const outcome = {
        kind: 'outOfBudget',
        strategy: 's',
        counts,
        limit: 'schedules',
        progress: 0.5,
        unseen: [],
      };
      writeFileSync(report, JSON.stringify(outcome));
      expect(await command('explore', '--merge', report)).to.include({ code: 3, err: '' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  describe('ends with 70 and not with 1 after an error of its own', () => {
    let folder = '';
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'scatterlist-'));
    });
    after(() => {
      rmSync(folder, { recursive: true });
    });
    const ours = (): string => {
      const file = join(folder, 'ours.mjs');
      writeFileSync(
        file,
        "throw Object.assign(new Error('broken\\x1b inside'), { name: 'InvariantError' });",
      );
      return file;
    };
    const BUG =
      /^scatterlist: BUG: (?:Invariant)?Error: broken\\x1b inside\n +at [^]*\nPlease report it, [^\n]*\n$/;

    for (const args of [['explore'], ['explore', '--json'], ['replay', '0.0']])
      it(args.join(' '), async () => {
        const [name = '', ...rest] = args;
        const { code, out, err } = await command(name, ours(), ...rest);
        expect([code, out]).to.deep.equal([EXIT.bug, '']);
        expect(err).to.match(BUG);
      });

    it('matrix', async () => {
      const stringify = sinon.stub(JSON, 'stringify').throws(new Error('broken\x1b inside'));
      try {
        const args = ['--why', 'mvsas-smp', 'kmap', '--json', '--machine', 'direct'];
        const { code, out, err } = await command('matrix', ...args);
        expect([code, out]).to.deep.equal([EXIT.bug, '']);
        expect(err).to.match(BUG);
      } finally {
        stringify.restore();
      }
    });

    it('but with 2 where the output cannot be written', async () => {
      const refused = Object.assign(new Error('ENOSPC: no space left, write'), { syscall: 'write' });
      const stringify = sinon.stub(JSON, 'stringify').throws(refused);
      try {
        const args = ['--why', 'mvsas-smp', 'kmap', '--json', '--machine', 'direct'];
        const err = 'scatterlist: the output cannot be written: ENOSPC: no space left, write\n';
        expect(await command('matrix', ...args)).to.deep.equal({ code: EXIT.mistake, out: '', err });
      } finally {
        stringify.restore();
      }
    });
  });

  it('has one table of exit codes, and every code is in it', async () => {
    const { out } = await command('--help');
    const codes = [...out.matchAll(/^ {2}(\d+) +\w/gm)].map(([, code]) => Number(code));
    expect(codes).to.deep.equal([...new Set(Object.values(EXIT))].sort((a, b) => a - b));
    for (const help of [MATRIX_HELP, EXPLORE_HELP, REPLAY_HELP])
      expect(help).to.match(/Exit code 0: [^]* 1: [^]* 2: [^]*\s70: a bug in/);
  });
});
