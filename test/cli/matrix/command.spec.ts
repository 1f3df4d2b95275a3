/** `scatterlist matrix` in this process: what it prints, and its exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import sinon from 'sinon';
import { COLUMNS } from '../../../lib/cli/matrix/backends.ts';
import { matrix } from '../../../lib/cli/matrix.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';

interface Report {
  readonly input: { readonly name: string; readonly bytes: number };
  readonly machine: object;
  readonly unexpected: number;
  readonly cells: readonly (Readonly<Record<string, unknown>> & { readonly port: string })[];
}

describe('scatterlist matrix in process', () => {
  let folder = '';
  let small = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'matrix-'));
    small = join(folder, 'small');
    writeFileSync(small, 'a file of a few bytes');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  const run = async (
    ...args: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string }> => {
    let out = '';
    const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
      out += stripVTControlCharacters(String(text));
      return true;
    });
    try {
      return { code: await matrix(['--input', small, ...args]), out };
    } finally {
      write.restore();
    }
  };
  const why = ['--why', 'mvsas-smp'] as const;
  const json = async (...args: readonly string[]): Promise<Report> =>
    JSON.parse((await run('--json', ...args)).out) as Report;

  it('gives the machine what the options say', async () => {
    const strict = { mode: 'checked', highmem: true, preemptRt: false, semantics: 'strict' };
    for (const [args, change] of [
      [[], {}],
      [['--machine', 'checked'], {}],
      [['--highmem'], {}],
      [['--machine', 'direct'], { mode: 'direct' }],
      [['--no-highmem'], { highmem: false }],
      [['--rt'], { preemptRt: true }],
      [['--compatible'], { semantics: 'compatible' }],
    ] as const)
      expect((await json(...why, 'kmap', ...args)).machine, args.join(' ')).to.deep.equal({
        ...strict,
        ...change,
      });
  });

  it('--json has the cells with all that is known of them', async () => {
    const { code, out } = await run(...why, 'kmap', '--json');
    expect(code).to.equal(0);
    expect(out.startsWith('{\n  "input"') && out.endsWith('}\n')).to.equal(true);
    const report = JSON.parse(out) as Report;
    expect(report.input).to.deep.equal({ name: 'small', bytes: 21 });
    expect(report.unexpected).to.equal(0);
    expect(
      report.cells.map(({ port, memory, backend, result, expected }) => [
        port,
        memory,
        backend,
        result,
        expected,
      ]),
    ).to.deep.equal([
      ['mvsas-smp', 'highmem', 'kmap', 'violation', true],
      ['mvsas-smp', 'lowmem', 'kmap', 'violation', true],
      ['mvsas-smp', 'protected', 'kmap', 'refused', true],
    ]);
    for (const each of report.cells) expect(each['because']).to.be.a('string').that.is.not.empty;
  });

  it('--why takes the beginning of a port, and a backend with - or _', async () => {
    const cells = async (...args: readonly string[]): Promise<readonly string[]> =>
      (await json('--machine', 'direct', '--why', ...args)).cells.map(
        ({ port, backend }) => `${port} ${String(backend)}`,
      );
    expect(new Set(await cells('sdhci', 'kmap-local'))).to.deep.equal(
      new Set(['sdhci-adma kmap_local', 'sdhci-pio kmap_local']),
    );
    expect(await cells('sdhci-pio', 'iomem_bounce')).to.deep.equal(Array(4).fill('sdhci-pio iomem-bounce'));
    const text = (await run('--why', 'sdhci-pio', 'kmap_local')).out;
    expect(text.match(/^sdhci-pio over kmap_local, \w+ pages$/gm)).to.deep.equal([
      'sdhci-pio over kmap_local, highmem pages',
      'sdhci-pio over kmap_local, lowmem pages',
      'sdhci-pio over kmap_local, protected pages',
      'sdhci-pio over kmap_local, iomem pages',
    ]);
  });

  for (const [args, title] of [
    [[], 'small, 21 B, on checked machines of 2 CPUs, HIGHMEM, PREEMPT, 64 kmap slots'],
    [
      ['--machine', 'direct', '--no-highmem', '--rt'],
      'small, 21 B, on direct machines of 2 CPUs, !HIGHMEM, PREEMPT_RT, 64 kmap slots',
    ],
  ] as const) {
    it(`prints a table, the costs and a summary: ${title}`, async () => {
      const { code, out } = await run(...args);
      const lines = out.split('\n');
      expect([code, lines[0], lines[1]]).to.deep.equal([0, title, '']);
      expect(lines[2]).to.match(/^ {10}kmap {9}kmap_atomic/);
      expect(out).to.contain('what it cost').and.contain('Sums over the cells');
      expect(lines.at(-3)).to.match(/^96 cells: .* every one as the contracts say\.$/);
      expect(lines.at(-2)).to.match(/^One cell explained: /);
      expect(lines.at(-1)).to.equal('');
    });
  }

  it('--wide prints the costs cell by cell', async () => {
    const { out } = await run('--wide', '--machine', 'direct');
    expect(out).to.contain('sdhci-pio  iomem\n').and.not.contain('Sums over the cells');
  });

  it('ends with 1 where a cell does not do what the contract says', async () => {
    const kmap = COLUMNS.find(({ contract }) => contract.name === 'kmap');
    if (kmap === undefined) throw new Error('kmap');
    const contract = sinon.stub(kmap, 'contract').value({ ...kmap.contract, contexts: ['task', 'softirq'] });
    try {
      const { code, out } = await run(...why, 'kmap', '--json');
      expect([code, (JSON.parse(out) as Report).unexpected]).to.deep.equal([1, 2]);
    } finally {
      contract.restore();
    }
  });

  for (const [args, message] of [
    [['--why', 'mvsas-smp'], '--why takes a port and a backend'],
    [
      ['--why', 'floppy', 'kmap'],
      'no such port; there are module-decompress-gzip, module-decompress-xz, mvsas-smp, sdhci-adma, sdhci-pio',
    ],
    [
      ['--why', 'mvsas-smp', 'kmalloc'],
      'no such backend; there are kmap, kmap_atomic, kmap_local, page_address, vmap, iomem-bounce, io-access, pgmap',
    ],
    [['--why', 'mvsas-smp', 'kmap', 'more'], 'what is "more"?'],
    [['surplus'], 'what is "surplus"?'],
    [['one', 'two'], 'what is "two"?'],
    [['--machine', 'quantum'], '--machine is checked or direct, not quantum'],
    [['--highmem', '--no-highmem'], '--highmem or --no-highmem, not both'],
    [['--rt', '--rt'], '--rt is given twice'],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const error: unknown = await run(...args).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(UsageError).with.property('message', message);
    });
  }

  it('on a terminal says which cell is running, and clears the line at the end', async () => {
    let written = '';
    const { stderr } = process;
    const { isTTY } = stderr;
    const set = (value: boolean): void => {
      Object.defineProperty(stderr, 'isTTY', { value, configurable: true, writable: true });
    };
    const write = sinon.stub(stderr, 'write').callsFake((text) => {
      written += String(text);
      return true;
    });
    try {
      set(true);
      await run(...why, 'kmap');
      const seen = written;
      written = '';
      set(false);
      await run(...why, 'kmap');
      expect(seen.split('\r\u001b[K')).to.deep.equal([
        '',
        '0/3  mvsas-smp × kmap',
        '1/3  mvsas-smp × kmap',
        '2/3  mvsas-smp × kmap',
        '',
      ]);
      expect(written).to.equal('');
    } finally {
      write.restore();
      set(isTTY);
    }
  });
});
