import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import sinon from 'sinon';
import { explore } from '../../lib/cli/explore.ts';
import { matrix } from '../../lib/cli/matrix.ts';
import { replay } from '../../lib/cli/replay.ts';
import { UsageError, isUsersMistake } from '../../lib/cli/usage-error.ts';
import {
  CRC32_XZ,
  CRC64_XZ,
  EMPTY_XZ,
  LARGE_XZ,
  SHA256_XZ,
  X86_XZ,
  ZSTD,
} from '../drivers/module/compressed.ts';
import { command } from './in-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i) >> 3);
const GZIP = gzipSync(FILE);
const PROGRAM = `import { defineProgram } from 'scatterlist/explore';
export default defineProgram({ machine: {}, setup: () => ({}), tasks: { *a() {} }, check: () => true, `;

type Subcommand = 'matrix' | 'explore' | 'replay';

/** Runs a subcommand here; it must fail as a mistake of the user's, and print nothing. */
async function mistake(name: Subcommand, ...args: readonly string[]): Promise<string> {
  const write = sinon.stub(process.stdout, 'write').returns(true);
  let error: unknown;
  try {
    await { matrix, explore, replay }[name](args);
  } catch (reason) {
    error = reason;
  } finally {
    write.restore();
  }
  expect(write.callCount, 'nothing printed').to.equal(0);
  if (!isUsersMistake(error)) throw new Error(`no mistake: ${String(error)}`);
  return error.message;
}

describe('the command and bad input', function () {
  this.timeout(60_000);
  let folder = '';
  const file = (name: string, content: Uint8Array | string): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(ROOT, 'test', 'bad-input-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  describe('scatterlist matrix', () => {
    for (const [name, content, reason] of [
      ['nothing', '', 'it holds no bytes to move'],
      ['nothing.gz', '', 'it is empty, 0 bytes are no gzip stream'],
      ['nothing-in-it.gz', gzipSync(''), 'it holds no bytes to move'],
      ['nothing-in-it.xz', EMPTY_XZ, 'it holds no bytes to move'],
      ['plain.gz', FILE, 'it is named like gzip, but begins with the bytes 00 00 00 01 02 03'],
      ['plain.ko.zst', 'ab', 'it is named like zstd, but begins with the bytes 61 62'],
      ['other.XZ', GZIP, 'it is named like xz, but begins like gzip with the bytes 1f 8b 08'],
      ['cut.gz', GZIP.subarray(0, 999), 'the gzip decoder refuses it: it ends after 999 bytes'],
      ['cut.xz', CRC32_XZ.subarray(0, 99), 'the xz decoder refuses it: it ends after 99 bytes'],
      ['cut.ko.zst', ZSTD.subarray(0, 99), 'the zstd decoder refuses it: it ends after 99 bytes'],
      ['checksum.gz', GZIP.map((byte, i) => byte ^ Number(i === GZIP.length - 6)), 'the checksum at byte'],
      ['without-ending', SHA256_XZ, 'the xz decoder refuses it: its check in byte 7 is SHA-256'],
      ['crc64.xz', CRC64_XZ, 'is CRC64'],
      ['x86.xz', X86_XZ, 'the filter for x86 code'],
      ['large.xz', LARGE_XZ, 'a dictionary of 1073741824 bytes'],
      ['bomb.gz', gzipSync(Buffer.alloc(65 << 20)), 'more than the limit of 67108864 bytes'],
    ] as const) {
      it(`says of ${name} what is wrong with it`, async () => {
        const path = file(name, content);
        const message = await mistake('matrix', '--input', path);
        expect(message).to.contain(`${path}: `).and.contain(reason).and.not.contain('\n');
      });
    }

    it('is bounded by --max-output, in the file and in what comes out of it', async () => {
      const long = join(folder, 'long');
      writeFileSync(long, '');
      truncateSync(long, 10_000_000_000);
      expect(await mistake('matrix', '--input', long)).to.contain(
        'it has 10000000000 bytes, and the limit is 67108864',
      );
      expect(await mistake('matrix', '--input', '/dev/zero', '--max-output', '1M')).to.contain(
        'it has more than 1048576 bytes, and the limit is 1048576',
      );
      const small = file('small.gz', gzipSync(Buffer.alloc(10_000)));
      expect(await mistake('matrix', '--input', small, '--max-output', '9999')).to.contain('limit of 9999');
    });

    it('refuses what is no file', async () => {
      expect(await mistake('matrix', '--input', folder)).to.equal(`${folder}: it is a directory`);
      const inside = join(file('a-file', 'x'), 'b');
      expect(await mistake('matrix', '--input', inside)).to.equal(`${inside}: there is no such file`);
      expect(await mistake('matrix', '--input', '')).to.equal(': there is no such file');
    });

    for (const size of ['0', '-1', '1e6', '64m', '513M', '99999999999', 'NaN', '', '1.5M', 'K']) {
      it(`takes no --max-output of "${size}"`, async () => {
        const message = await mistake('matrix', `--max-output=${size}`);
        expect(message).to.equal(`--max-output takes 1 to 536870912 bytes (64M, 100K), not "${size}"`);
      });
    }

    it('takes no option twice', async () => {
      expect(await mistake('matrix', '--input', 'a', '--input', 'b')).to.equal('--input is given twice');
    });
  });

  describe('scatterlist explore', () => {
    const good = (): string => file('good.mts', `${PROGRAM}});`);

    for (const [name, content, reason] of [
      [
        'throws.mts',
        "\nthrow new TypeError('no luck\\ntoday');",
        /cannot be loaded: TypeError: no luck\s+today \(at .*throws\.mts:2:\d+\)$/,
      ],
      ['throws-null.mjs', 'throw null;', /cannot be loaded: it threw null$/],
      ['syntax.mts', 'export default {{{', /cannot be loaded: .*Expected identifier/s],
      ['needs.mts', "import './not-there.ts';", /cannot be loaded: .*Cannot find module '.*not-there\.ts'/],
      ['nothing.mjs', '', /is not a program/],
      ['number.mjs', 'export default 5;', /is not a program/],
      [
        'machine.mts',
        `${PROGRAM} machine: { cpus: -1 } });`,
        /cannot be run: ConfigError: cpus is -1; it must be a whole number from 1 to 64$/,
      ],
      [
        'setup.mts',
        `${PROGRAM}\n setup() { throw new RangeError('full'); } });`,
        /cannot be run: RangeError: full \(at .*setup\.mts:3:\d+\)$/,
      ],
      [
        'tasks.mts',
        `${PROGRAM} tasks: null as never });`,
        /cannot be run: ConfigError: tasks is null; it must be an object$/,
      ],
    ] as const) {
      it(`says of ${name} what is wrong with it`, async () => {
        const path = file(name, content);
        for (const message of [await mistake('explore', path), await mistake('replay', path, '0.0')]) {
          expect(message.startsWith(path) || message.includes(`of ${path} `)).to.be.true;
          expect(message).to.match(reason);
        }
      });
    }

    it('refuses what is no file', async () => {
      expect(await mistake('explore', 'missing.ts')).to.equal('missing.ts: there is no such file');
      expect(await mistake('explore', folder)).to.equal(`${folder}: it is a directory`);
      expect(await mistake('replay', 'missing.ts', '0')).to.equal('missing.ts: there is no such file');
    });

    for (const [args, reason] of [
      [['--budget', 'soon'], '--budget takes'],
      [['--budget', '1e3'], '--budget takes'],
      [['--budget', '-5'], '--budget'],
      [['--workers', '0'], '--workers takes a whole number from 1 to 256, not "0"'],
      [['--workers', '1000000'], '--workers takes a whole number from 1 to 256'],
      [['--workers', 'NaN'], '--workers takes'],
      [['--shard', '0/2'], '--shard takes'],
      [['--shard', '3/2'], '--shard takes'],
      [['--shard', '1'], '--shard takes'],
      [['--shard', '1/99999'], '--shard takes'],
      [['--shard', '1.5/2'], '--shard takes'],
      [['--strategy', 'best'], 'no strategy "best"'],
      [['--strategy', 'random:'], '--strategy random:N takes a whole number'],
      [['--strategy', 'bound:-1'], '--strategy bound:N takes a whole number'],
      [['--strategy', 'pct:1.5'], '--strategy pct:N takes a whole number'],
      [['--strategy', 'exhaustive:3'], '--strategy exhaustive takes no number'],
      [['--strategy', 'random', '--shard', '1/2'], '--shard and --strategy: one or the other'],
      [['--workers', '2', '--shard', '1/2'], '--workers and --shard: one or the other'],
      [['--workers', '2', '--strategy', 'random'], '--workers and --strategy: one or the other'],
      [['--json', '--json'], '--json is given twice'],
      [['--frobnicate'], "Unknown option '--frobnicate'"],
      [['second.ts'], 'one program at a time; what is "second.ts"?'],
      [['--trace', '/no/such/folder/out.json'], '/no/such/folder/out.json: there is no such file'],
      [['--html', ROOT], `${ROOT}: it is a directory`],
    ] as const) {
      it(`refuses ${args.join(' ')}`, async () => {
        expect(await mistake('explore', good(), ...args)).to.contain(reason);
      });
    }

    it('refuses to merge what is no report, or with options that mean nothing there', async () => {
      const reports = [
        '',
        'no json',
        '5',
        'null',
        '{}',
        '{"kind":"toString","counts":{}}',
        '{"kind":"violation","counts":null}',
      ];
      for (const [i, content] of reports.entries()) {
        const path = file(`report-${String(i)}.json`, content);
        expect(await mistake('explore', '--merge', path)).to.equal(
          `${path}: it is no report of scatterlist explore --json`,
        );
      }
      expect(await mistake('explore', '--merge')).to.equal('nothing to merge');
      expect(await mistake('explore', '--merge', '/no/report')).to.equal('/no/report: there is no such file');
      expect(await mistake('explore', '--merge', '--html', 'x.html')).to.equal(
        '--merge and --html: one or the other',
      );
    });

    it('refuses a schedule that does not fit, and one with more steps than the program takes', async () => {
      const path = good();
      const schedule = `${Array.from({ length: 50 }, () => '0').join('.')}`;
      expect(await mistake('replay', path, schedule)).to.match(
        /^the schedule '[0.]+' does not fit .+ \(\d+ of its steps are left when the program ends\): has it changed\?$/,
      );
    });

    it('refuses schedules that are none', async () => {
      for (const schedule of ['x', '1..2', '9999999999', '0@9999']) {
        expect(await mistake('replay', good(), schedule)).to.match(/is not a step of a schedule/);
      }
      expect(await mistake('replay', good())).to.equal('replay takes a file and a schedule');
    });
  });

  it('ends with 2 and one line on the error output for all of them', async () => {
    mkdirSync(join(folder, 'is-a-folder.ts'));
    const bad: readonly (readonly string[])[] = [
      ['matrix', '--input', file('cut.gz', GZIP.subarray(0, 99))],
      ['matrix', '--input', '--why'],
      ['explore', 'missing.ts'],
      ['explore', file('twice.mts', "throw new TypeError('two\\nlines');")],
      ['explore', join(folder, 'is-a-folder.ts')],
      ['dance'],
    ];
    for (const args of bad) {
      const { code, out, err } = await command(...args);
      expect([code, out], args.join(' ')).to.deep.equal([2, '']);
      expect(err, args.join(' ')).to.match(/^scatterlist: [^\n]+\n$/);
    }
  });

  it('ends likewise in a process of its own, where a worker finds the mistake', () => {
    const worker = file('worker.mts', `${PROGRAM} machine: { cpus: 0 } });`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...['--conditions=source', '--import', 'tsx', 'lib/cli/scatterlist.ts'],
        ...['explore', worker, '--workers', '1'],
      ],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect([status, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^scatterlist: [^\n]+\n$/);
  });

  it('leaves an error of the command itself alone', () => {
    expect(isUsersMistake(new UsageError('x'))).to.be.true;
    expect(isUsersMistake(Object.assign(new Error('x'), { code: 'ENOENT' }))).to.be.false;
    expect(isUsersMistake(new TypeError('x'))).to.be.false;
    expect(isUsersMistake(undefined)).to.be.false;
  });
});
