import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { resolveConfig } from 'scatterlist/machine';
import { COLUMNS } from '../../lib/cli/matrix/backends.ts';
import { expectationOf } from '../../lib/cli/matrix/expectation.ts';
import { loadInput } from '../../lib/cli/matrix/input.ts';
import type { Input } from '../../lib/cli/matrix/input.ts';
import { machineOptions, runCell } from '../../lib/cli/matrix/run.ts';
import { printMatrix, printSummary, printWide } from '../../lib/cli/matrix/table.ts';
import { workloads } from '../../lib/cli/matrix/workloads.ts';
import { TEXT, ZSTD } from '../drivers/module/compressed.ts';
import { command } from './in-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i) >> 3);

interface CellJson {
  readonly port: string;
  readonly memory: string;
  readonly backend: string;
  readonly result: string;
  readonly expected: boolean;
  readonly because: string;
  readonly violation?: {
    readonly rule: string;
    readonly foundAt: { readonly file: string; readonly line: number };
  };
  readonly error?: { readonly code: string };
  readonly message?: string;
}

interface Report {
  readonly unexpected: number;
  readonly input: { readonly name: string; readonly bytes: number };
  readonly cells: readonly CellJson[];
}

/** The report for a program. On a terminal the error output has the progress, so it is not looked at. */
async function report(...args: readonly string[]): Promise<Report & { readonly code: unknown }> {
  const { code, out } = await command('matrix', '--json', ...args);
  return { ...(JSON.parse(out) as Report), code };
}

// v verified, U Unmappable, k kmap-in-atomic, s sleep-in-atomic; in the order of the columns:
// kmap, kmap_atomic, kmap_local, page_address, vmap, iomem-bounce, io-access, pgmap.
const HIGHMEM: Readonly<Record<string, string>> = {
  'module-decompress-gzip highmem': 'vvvUvvvU',
  'module-decompress-gzip lowmem': 'vvvvvvvv',
  'module-decompress-xz highmem': 'vsvUvvvU',
  'mvsas-smp highmem': 'kvvUsvvU',
  'mvsas-smp lowmem': 'kvvvsvvv',
  'mvsas-smp protected': 'UvvUUvvv',
  'sdhci-adma highmem': 'kvvUsvvU',
  'sdhci-adma lowmem': 'kvvvsvvv',
  'sdhci-pio highmem': 'kvvUsvvU',
  'sdhci-pio lowmem': 'kvvvsvvv',
  'sdhci-pio protected': 'UvvUUvvv',
  'sdhci-pio iomem': 'UUUUUvvU',
};
const RT_WITHOUT_HIGHMEM: Readonly<Record<string, string>> = {
  ...HIGHMEM,
  'module-decompress-gzip highmem': 'vvvvvvvv',
  'module-decompress-xz highmem': 'vvvvvvvv',
  'mvsas-smp highmem': 'kvvvsvvv',
  'sdhci-adma highmem': 'kvvvsvvv',
  'sdhci-pio highmem': 'kvvvsvvv',
};

function letters(cells: readonly CellJson[]): Record<string, string> {
  const rows: Record<string, string> = {};
  for (const { port, memory, result, violation, error } of cells) {
    const key = `${port} ${memory}`;
    rows[key] =
      (rows[key] ?? '') + (result === 'verified' ? 'v' : (violation?.rule ?? error?.code ?? '?').charAt(0));
  }
  return rows;
}

describe('scatterlist matrix', function () {
  this.timeout(60_000);
  let folder = '';
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'scatterlist-matrix-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('on its own input has no cell that a contract does not explain', async () => {
    const { code, unexpected, cells } = await report();
    expect(cells.filter(({ expected }) => !expected)).to.deep.equal([]);
    expect([code, unexpected, cells.length]).to.deep.equal([0, 0, 96]);
    expect(letters(cells)).to.deep.equal(HIGHMEM);
    expect(cells.every(({ because }) => because.length > 10)).to.be.true;
  });

  it('names the line of the port in every violation', async () => {
    const { cells } = await report('--input', file('plain', FILE));
    const found = cells.flatMap(({ violation }) => (violation === undefined ? [] : [violation.foundAt]));
    expect(found).to.have.length(13);
    for (const { file: name, line } of found) {
      expect(name).to.match(/examples\/drivers\/\w+\/(module-decompress|mvsas-smp|sdhci)\.ts$/);
      expect(line).to.be.greaterThan(20);
    }
  });

  it('expects other things of PREEMPT_RT and of a kernel without highmem', async () => {
    const { code, cells } = await report('--machine', 'direct', '--no-highmem', '--rt');
    expect(letters(cells)).to.deep.equal(RT_WITHOUT_HIGHMEM);
    expect(code).to.equal(0);
  });

  for (const [name, bytes] of [
    ['a plain file', FILE],
    ['a gzip file', gzipSync(FILE)],
    ['one byte', FILE.subarray(1, 2)],
  ] as const) {
    it(`takes ${name} as input`, async () => {
      const { code, input, cells } = await report('--machine', 'direct', '--input', file('given', bytes));
      expect(letters(cells)).to.deep.equal(HIGHMEM);
      expect(input).to.deep.equal({ name: 'given', bytes: name === 'one byte' ? 1 : FILE.length });
      expect(code).to.equal(0);
    });
  }

  it('takes a zstd file as input, and has rows for it', async () => {
    const { code, input, cells } = await report('--machine', 'direct', '--input', file('given.zst', ZSTD));
    const rows = {
      'module-decompress-zstd highmem': 'vvvUvvvU',
      'module-decompress-zstd lowmem': 'vvvvvvvv',
    };
    expect(letters(cells)).to.deep.equal({ ...HIGHMEM, ...rows });
    expect(input).to.deep.equal({ name: 'given.zst', bytes: TEXT.length });
    expect(code).to.equal(0);
  });

  it('takes what Linux passes over with --compatible only', async () => {
    const two = file('two.gz', Buffer.concat([gzipSync(FILE), gzipSync(FILE)]));
    const args = ['matrix', '--machine', 'direct', '--input', two];
    expect(await command(...args))
      .to.deep.include({ code: 2, out: '' })
      .and.property('err')
      .match(/two\.gz: the gzip decoder refuses it: \d+ bytes follow the end of the first member/);
    const { code, input } = await report(...args.slice(1), '--compatible');
    expect([code, input.bytes]).to.deep.equal([0, FILE.length]);
  });

  it('--why explains a cell with the whole report, also in a process of its own', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...['--conditions=source', '--import', 'tsx', 'lib/cli/scatterlist.ts'],
        ...['matrix', '--why', 'mvsas-smp', 'kmap'],
      ],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect([status, stderr]).to.deep.equal([0, '']);
    expect(stdout).to.contain('mvsas-smp over kmap, highmem pages');
    expect(stdout).to.contain('the port maps in softirq context, the contract maps in task only');
    expect(stdout).to.contain('rule: kmap-in-atomic');
    expect(stdout).to.match(/found at +mvsas-smp\.ts:\d+/);
    expect(stdout).to.contain('DEBUG_ATOMIC_SLEEP');
  });

  for (const [args, message] of [
    [['--why', 'mvsas-smp'], '--why takes a port and a backend'],
    [['--why', 'floppy', 'kmap'], 'no such port; there are module-decompress-gzip'],
    [['--why', 'mvsas-smp', 'kmalloc'], 'no such backend; there are kmap, kmap_atomic'],
    [['--machine', 'quantum'], '--machine is checked or direct'],
    [['surplus'], 'what is "surplus"?'],
    [['--colour'], "Unknown option '--colour'"],
    [['--input', '/no/such/file'], 'scatterlist: /no/such/file: there is no such file\n'],
  ] as const) {
    it(`ends with 2 and a sentence for ${args.join(' ')}`, async () => {
      const { code, out, err } = await command('matrix', ...args);
      expect([code, out]).to.deep.equal([2, '']);
      expect(err).to.contain(message).and.not.contain('    at ');
    });
  }

  describe('in process', () => {
    let input: Input;
    before(async () => {
      input = await loadInput(file('small', FILE));
    });
    const options = machineOptions(FILE.length, { mode: 'direct' });
    const port = (name: string, memory: string) => {
      const found = workloads(input).find((row) => row.port === name && row.memory === memory);
      if (found === undefined) throw new Error(name);
      return found;
    };
    const column = (name: string) => {
      const found = COLUMNS.find(({ contract }) => contract.name === name);
      if (found === undefined) throw new Error(name);
      return found;
    };

    it('prints within 120 columns, with a note for every cell that is not verified', () => {
      const cells = workloads(input).flatMap((row) => COLUMNS.map((each) => runCell(row, each, options)));
      // Where colours are on (a terminal, or CI) they take no columns.
      const lines = [...printMatrix(cells), ...printWide(cells), printSummary(cells)].map(
        stripVTControlCharacters,
      );
      expect(lines.filter((line) => line.length > 120)).to.deep.equal([]);
      const notes = lines.filter((line) => /^[¹²³⁴⁵⁶⁷⁸⁹]/.test(line)).map((line) => line.charAt(0));
      const marks = [
        ...printMatrix(cells)
          .map(stripVTControlCharacters)
          .join('\n')
          .matchAll(/[a-z]([¹²³⁴⁵⁶⁷⁸⁹])/g),
      ].map(([, mark]) => mark);
      expect(new Set(marks)).to.deep.equal(new Set(notes));
      expect(marks).to.have.length(35);
    });

    it('catches a contract that promises too much, and one that promises too little', () => {
      const kmap = column('kmap');
      const boast = { ...kmap, contract: { ...kmap.contract, contexts: ['task', 'softirq'] as const } };
      const bad = runCell(port('mvsas-smp', 'highmem'), boast, options);
      expect([bad.expected, bad.expectation.result, bad.outcome.result]).to.deep.equal([
        false,
        'verified',
        'violation',
      ]);
      expect(printMatrix([bad]).join('\n')).to.contain('UNEXPECTED in mvsas-smp highmem × kmap');
      expect(printSummary([bad])).to.contain('1 not as the contracts say');
      const local = column('kmap_local');
      const errors = { ...local.contract.errors, highmem: ['Unmappable'] as const };
      const shy = { ...local, contract: { ...local.contract, errors } };
      expect(runCell(port('sdhci-pio', 'highmem'), shy, options).expected).to.be.false;
    });

    it('catches wrong bytes and leaks', () => {
      const local = column('kmap_local');
      const row = port('sdhci-pio', 'highmem');
      const lossy = runCell(
        row,
        {
          ...local,
          on: (machine) => {
            const bind = local.on(machine);
            return (context) => {
              const backend = bind(context);
              const spoil = (mapping: Parameters<typeof backend.unmap>[0]): void => {
                mapping.store8(0, 0x77);
                backend.unmap(mapping);
              };
              return { ...backend, unmap: spoil };
            };
          },
        },
        options,
      );
      expect(lossy.outcome).to.have.property('result', 'failed');
      expect(lossy.outcome).to.have.property('message').that.contains('differs from the input');
      const gzip = port('module-decompress-gzip', 'highmem');
      const hoarder = {
        ...local,
        on: () => (context: Parameters<ReturnType<typeof local.on>>[0]) => {
          const backend = local.on(context.machine)(context);
          return { ...backend, unmap: () => undefined };
        },
      };
      expect(runCell(gzip, hoarder, options))
        .to.have.nested.property('outcome.violation.rule')
        .that.is.a('string');
      expect(runCell(gzip, hoarder, options).expected).to.be.false;
    });

    it('derives what it expects from nothing but contract, port and kernel', () => {
      const row = port('module-decompress-xz', 'highmem');
      const { contract } = column('kmap_atomic');
      expect(expectationOf(contract, row, resolveConfig({})).result).to.equal('violation');
      expect(expectationOf(contract, row, resolveConfig({ preemptRt: true })).result).to.equal('verified');
      const careful = { ...row, needs: { ...row.needs, sleepsWhileMapped: undefined } };
      expect(expectationOf(contract, careful, resolveConfig({})).result).to.equal('verified');
    });
  });
});
