import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NOT_SEEN, WHOLE, pieceExplorer, sharedSearchMemory, workOn } from 'scatterlist/explore';
import type { PiecesResult } from 'scatterlist/explore';
import { Pool } from '../../../lib/cli/campaign/pool.ts';
import type { Job } from '../../../lib/cli/campaign/bag.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';
import { counter } from '../../explore/programs.ts';

const JOB: Job = { pieces: [WHOLE], seen: NOT_SEEN, isAlone: false, table: '0' };
const ROOT = join(import.meta.dirname, '..', '..', '..');

describe('Pool', function () {
  this.timeout(30_000);
  let folder = '';
  const pools: Pool[] = [];
  before(() => {
    folder = mkdtempSync(join(ROOT, 'test', 'pool-'));
  });
  after(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    rmSync(folder, { recursive: true });
  });

  const poolOf = (name: string, text: string, threads = 1): Pool => {
    const file = join(folder, name);
    writeFileSync(file, text);
    const pool = new Pool(file, threads);
    pools.push(pool);
    return pool;
  };
  const COUNTER = `import { defineProgram } from 'scatterlist/explore';
    import { counter } from '../explore/programs.ts';
    export default defineProgram(counter(true));`;

  it('explores a job to its end, and gives back what is left after its time or when it is told to stop', async () => {
    const pool = poolOf('good.ts', COUNTER);
    expect([pool.size, pool.title, pool.work.steps]).to.deep.equal([1, '1 threads', 0]);
    let result: PiecesResult | undefined;
    for (let { seen } = JOB; result?.isEnd !== true; { seen } = result)
      result = await pool.run({ ...JOB, seen, table: JSON.stringify(seen) }, () => undefined);
    expect([result.rest, result.found]).to.deep.equal([[], undefined]);
    expect(result.counts.steps).to.be.greaterThan(0);
    // Its states are known to the next job of the same table.
    const again = await pool.run(
      { ...JOB, seen: result.seen, table: JSON.stringify(result.seen) },
      () => undefined,
    );
    expect([again.isEnd, again.counts.steps < result.counts.steps]).to.deep.equal([true, true]);

    const late = await pool.run(JOB, () => undefined, 0);
    expect([late.isEnd, late.rest.length > 0]).to.deep.equal([undefined, true]);
    pool.stop();
    const stopped = await pool.run(JOB, () => undefined);
    expect([stopped.isEnd, stopped.rest]).to.deep.equal([undefined, [WHOLE]]);
  });

  it('helps with a job that another explores', async () => {
    const pool = poolOf('help.ts', COUNTER);
    const alone = pieceExplorer(counter(true));
    const { seen } = alone.run(JOB);
    const memory = sharedSearchMemory(1000);
    pool.help({ ...JOB, seen }, memory);
    const end = Date.now() + 20_000;
    while (workOn(memory).schedules < 2 && Date.now() < end) await new Promise((go) => setTimeout(go, 20));
    expect(workOn(memory).schedules).to.be.greaterThan(1);
  });

  it('tells a mistake of the program, and a thread that ends by itself, in one line', async () => {
    for (const [name, text, says] of [
      ['no.mjs', 'export default 7;', /no\.mjs is not a program/],
      [
        'dies.ts',
        "import { defineProgram } from 'scatterlist/explore';\nexport default defineProgram({ setup: () => process.exit(7), tasks: { *a() {} } });",
        /dies\.ts cannot be explored to the end: a worker ended by itself/,
      ],
    ] as const) {
      const error: unknown = await poolOf(name, text)
        .run(JOB, () => undefined)
        .catch((e: unknown) => e);
      expect(error).to.be.instanceOf(UsageError).with.property('message').that.matches(says);
    }
  });
});
