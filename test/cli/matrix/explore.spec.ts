/** `scatterlist matrix --explore` in this process: what it prints, and its exit code. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import sinon from 'sinon';
import { stripVTControlCharacters } from 'node:util';
import { COLUMNS } from 'scatterlist/ports';
import { matrix } from '../../../lib/cli/matrix.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';
import { OWN_PORT } from './own.ts';

interface Report {
  readonly explored: { readonly input: { readonly bytes: number }; readonly budget: object };
  readonly unexpected: number;
  readonly cells: readonly unknown[];
  readonly beside: readonly (Readonly<Record<string, unknown>> & { readonly variant: string })[];
}

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
    out += stripVTControlCharacters(String(text));
    return true;
  });
  try {
    return { code: await matrix(['--explore', '--workers', '1', ...args]), out };
  } finally {
    write.restore();
  }
}

const ZERO = ['--why', 'target-zero-first-sg'] as const;

describe('scatterlist matrix --explore in process', () => {
  it('ends with 0 where every order was tried, and all is as the contracts say', async () => {
    const { code, out } = await run(...ZERO, 'kmap_local');
    expect(code).to.equal(0);
    expect(out).to.contain(
      'target-zero-first-sg (original) over kmap_local, highmem pages, beside a second user',
    );
    expect(out).to.match(/explored to the end: \d+ schedules, as the contract says/);
  });

  it('ends with 3 where a budget ended first', async () => {
    const { code, out } = await run(...ZERO, 'kmap', '--budget', '1');
    expect(code).to.equal(3);
    expect(out).to.match(/the budget was used up: 1 schedules/);
  });

  it('ends with 1 where a cell does not do what the contract says', async () => {
    const [kmap] = COLUMNS;
    if (kmap === undefined) throw new Error('kmap');
    const nesting = { order: 'any', limitedBy: 'nothing', beyond: 'none' } as const;
    const contract = sinon.stub(kmap, 'contract').value({ ...kmap.contract, nesting });
    try {
      const { code, out } = await run(...ZERO, 'kmap');
      expect(code).to.equal(1);
      expect(out).to.contain('NOT what the contract says');
    } finally {
      contract.restore();
    }
  });

  it('tells what was found step by step', async () => {
    const { out } = await run('--why', 'btrfs', 'kmap', '--budget', '10');
    expect(out).to.contain('4 slots; the second user holds 4 at once').and.contain('rule: deadlock');
    expect(out).to.match(/btrfs-check-integrity\.ts:\d+/);
  });

  it('--json has the cells with all that is known of them', async () => {
    const { code, out } = await run(...ZERO, 'kmap', '--json');
    const report = JSON.parse(out) as Report;
    expect(code).to.equal(0);
    expect(report).to.deep.include({ unexpected: 0, cells: [] });
    expect(report.explored.input.bytes).to.equal(16);
    expect(report.explored.budget).to.deep.equal({ milliseconds: 2000 });
    expect(
      report.beside.map(({ variant, result, isFoundBeside }) => [variant, result, isFoundBeside]),
    ).to.deep.equal([
      ['original', 'exhausted', false],
      ['an entry of two pages', 'exhausted', false],
      ['sg_zero_buffer', 'refused', true],
    ]);
  });

  it("explores a user's own port, with as many bytes as are asked for", async () => {
    const folder = mkdtempSync(join(import.meta.dirname, 'own-'));
    try {
      const file = join(folder, 'port.mjs');
      writeFileSync(file, OWN_PORT);
      const { code, out } = await run('--port', file, '--why', 'own', 'kmap_local', '--bytes', '3', '--json');
      const report = JSON.parse(out) as Report;
      expect([code, report.explored.input.bytes, report.beside.length]).to.deep.equal([0, 3, 1]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const [args, message] of [
    [['--machine', 'direct'], '--explore checks every access; not with --machine direct'],
    [['--bytes', '1M'], '--bytes takes 1 to 65536 bytes (64M, 100K), not "1M"'],
    [['--budget', 'long'], '--budget takes a number of schedules or of seconds (60s), not long'],
  ] as const)
    it(`refuses ${args.join(' ')}`, async () => {
      const error: unknown = await run(...args).catch((e: unknown) => e);
      expect(error).to.be.instanceOf(UsageError).with.property('message', message);
    });

  it('refuses a budget where nothing is explored', async () => {
    const error: unknown = await matrix(['--budget', '1s']).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(UsageError).with.property('message', '--budget is for --explore or --all');
  });
});
