import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { QueueCrew, work } from '../../../lib/cli/campaign/queue.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const EXAMPLE = join('examples', 'explore', 'atomic-to-local.ts');
/** A port on which there is no server. */
const NONE = 'redis://127.0.0.1:1';

async function mistakeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((e: unknown) => e);
  expect(error).to.be.instanceOf(UsageError);
  return error instanceof UsageError ? error.message : '';
}

// With a server, it is `test/real/campaign.mjs` that shows what a queue does.
describe('the queue', function () {
  this.timeout(30_000);

  it('says why it cannot be reached', async () => {
    for (const start of [
      (url: string) => QueueCrew.open(url, EXAMPLE),
      (url: string) => work(url, 1, new AbortController().signal, () => undefined),
    ]) {
      expect(await mistakeOf(start('localhost:6379'))).to.equal(
        '--queue takes redis://host:port, not "localhost:6379"',
      );
      expect(await mistakeOf(start(NONE))).to.match(
        /^the queue redis:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
      );
    }
  });

  it('names the packages that it needs, in one line, where they are not installed', () => {
    const hook = `export const resolve = (name, context, next) => {
      if (name !== 'bullmq') return next(name, context);
      throw Object.assign(new Error('no ' + name), { code: 'ERR_MODULE_NOT_FOUND' });
    };`;
    const url = `data:text/javascript,${encodeURIComponent(hook)}`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(url)});`;
    for (const args of [['campaign', EXAMPLE], ['worker']]) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [
          ...['--conditions=source', '--import', 'tsx'],
          ...['--import', `data:text/javascript,${encodeURIComponent(register)}`],
          ...['lib/cli/scatterlist.ts', ...args, '--queue', NONE],
        ],
        { cwd: ROOT, encoding: 'utf8' },
      );
      expect(stderr).to.match(
        /^scatterlist: --queue needs two packages that are not installed: npm install bullmq ioredis\n$/,
      );
      expect([status, stdout]).to.deep.equal([2, '']);
    }
  });
});
