/** `scatterlist matrix` in this process: what it prints, and its exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import sinon from 'sinon';
import { COLUMNS, CONFIGURATIONS } from 'scatterlist/ports';
import { PORTS } from '../../../examples/drivers/index.ts';
import { matrix } from '../../../lib/cli/matrix.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';
import { OWN_PORT } from './own.ts';

interface Report {
  readonly input: { readonly name: string; readonly bytes: number };
  readonly configurations: Readonly<Record<string, object>>;
  readonly unexpected: number;
  readonly cells: readonly (Readonly<Record<string, unknown>> & { readonly port: string })[];
}

describe('scatterlist matrix in process', () => {
  let folder = '';
  let small = '';
  before(() => {
    folder = mkdtempSync(join(import.meta.dirname, 'matrix-'));
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
    for (const [args, name, options] of [
      [[], '32-bit', { highmem: true }],
      [['--machine', 'checked'], '32-bit', { highmem: true, mode: 'checked' }],
      [['--highmem'], '32-bit', { highmem: true }],
      [['--machine', 'direct'], '32-bit unchecked', { highmem: true, mode: 'direct' }],
      [['--no-highmem'], 'no HIGHMEM', { highmem: false }],
      [['--rt'], '32-bit RT', { highmem: true, preemptRt: true }],
      [['--compatible'], '32-bit compatible', { highmem: true, semantics: 'compatible' }],
    ] as const)
      expect((await json(...why, 'kmap', ...args)).configurations, args.join(' ')).to.deep.equal({
        [name]: { ...options, trace: true },
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
      report.cells
        .filter(({ variant }) => variant === 'original')
        .map(({ port, memory, backend, result, isExpected }) => [port, memory, backend, result, isExpected]),
    ).to.deep.equal([
      ['mvsas-smp', 'highmem', 'kmap', 'violation', true],
      ['mvsas-smp', 'lowmem', 'kmap', 'violation', true],
      ['mvsas-smp', 'protected', 'kmap', 'refused', true],
    ]);
    for (const each of report.cells) expect(each['because']).to.be.a('string').that.is.not.empty;
  });

  it('--why takes the beginning of a port, and a backend in any spelling', async () => {
    for (const spelling of ['kmap_local', 'kmap-local', 'kmapLocal', 'KMAP_LOCAL']) {
      const { cells } = await json('--why', 'mvs', spelling);
      expect(new Set(cells.map(({ port, backend }) => `${port} ${String(backend)}`))).to.deep.equal(
        new Set(['mvsas-smp kmap_local']),
      );
    }
  });

  it('--all runs every configuration, and the chosen options hold in each', async () => {
    const { configurations } = await json(...why, 'kmap', '--all', '--rt');
    expect(Object.keys(configurations)).to.deep.equal(Object.keys(CONFIGURATIONS));
    for (const options of Object.values(configurations)) expect(options).to.include({ preemptRt: true });
  });

  it('--wide prints the costs cell by cell', async () => {
    const { out } = await run('--wide', '--workers', '1');
    expect(out)
      .to.match(/^kmap_local +\d+ B +\d+ /m)
      .and.contain('mvsas-smp, original, highmem, 32-bit');
    expect(out).to.match(/every one as the contracts say\.\n/);
  });

  it('--port and --backend refuse what is neither', async () => {
    for (const [option, code, message] of [
      ['--port', 'export default 5;', /is not a port: export default definePort/],
      [
        '--port',
        OWN_PORT.replace("'own'", "'mvsas-smp'"),
        /two ports of the matrix have the name "mvsas-smp"/,
      ],
      [
        '--port',
        OWN_PORT.replace('content }),\n', 'content: null }),\n'),
        /^port "own" \("original", highmem pages\): TypeError/,
      ],
      ['--backend', 'export default 5;', /is no backend: a function/],
      [
        '--backend',
        "export default () => { throw new RangeError('no'); }",
        /cannot be bound: RangeError: no/,
      ],
      ['--backend', 'export default () => ({});', /has no contract/],
    ] as const) {
      const file = join(folder, `${String(Math.random()).slice(2)}.mjs`);
      writeFileSync(file, code);
      const error: unknown = await run(option, file, '--workers', '1').catch((e: unknown) => e);
      expect(error, code).to.be.instanceOf(UsageError).with.property('message').that.matches(message);
    }
  });

  it('ends with 1 where a cell does not do what the contract says', async () => {
    const kmap = COLUMNS.find(({ contract }) => contract.name === 'kmap');
    if (kmap === undefined) throw new Error('kmap');
    const contract = sinon.stub(kmap, 'contract').value({ ...kmap.contract, contexts: ['task', 'softirq'] });
    try {
      const { code, out } = await run(...why, 'kmap');
      expect(code).to.equal(1);
      expect(out).to.contain('NOT what the contract says');
    } finally {
      contract.restore();
    }
  });

  for (const [args, message] of [
    [['--why', 'mvsas-smp'], '--why takes a port and a backend'],
    [['--why', 'floppy', 'kmap'], `no such port; there are ${PORTS.map(({ name }) => name).join(', ')}`],
    [
      ['--why', 'mvsas-smp', 'kmalloc'],
      'no such backend; there are kmap, kmap_atomic, kmap_local, page_address, vmap, iomem_bounce, io_access, pgmap',
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
      expect(seen.split('\r\u001b[K').map((text) => text.trim())).to.satisfy(
        (texts: readonly string[]) => texts[1] === '1 of 6 cells    mvsas-smp' && texts.at(-1) === '',
      );
      expect(written).to.equal('');
    } finally {
      write.restore();
      set(isTTY);
    }
  });
});
