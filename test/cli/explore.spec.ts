import { expect } from 'chai';
import sinon from 'sinon';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explore, replay } from '../../lib/cli/explore.ts';
import { UsageError } from '../../lib/cli/usage-error.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples', 'explore');
const example = join(examples, 'atomic-to-local.ts');

interface Ran {
  readonly code: number;
  readonly out: string;
}

/** Runs a subcommand here, with what it prints caught. */
async function run(name: 'explore' | 'replay', ...args: readonly string[]): Promise<Ran> {
  const printed: string[] = [];
  const write = sinon.stub(process.stdout, 'write').callsFake((text) => {
    printed.push(String(text));
    return true;
  });
  try {
    const code = await (name === 'explore' ? explore(args) : replay(args));
    return { code, out: printed.join('') };
  } finally {
    write.restore();
  }
}

describe('scatterlist explore', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'explore-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('reports the violation with the line that replays it, and writes both files', async () => {
    const [trace, html] = [join(folder, 'out.json'), join(folder, 'out.html')];
    const { code, out } = await run('explore', example, '--trace', trace, '--html', html);
    expect(code).to.equal(1);
    const line = /scatterlist replay (\S+) '([^']*)'/.exec(out);
    expect(line?.[1]).to.equal(example);
    expect(JSON.parse(readFileSync(trace, 'utf8'))).to.have.property('traceEvents').that.is.not.empty;
    expect(readFileSync(html, 'utf8')).to.match(/^<!doctype html>/);
    const again = await run('replay', example, line?.[2] ?? '');
    expect(again.code).to.equal(1);
    expect(out).to.include(again.out.trimEnd());
  });

  it('explores in shards whose reports merge', async () => {
    const reports = [];
    for (const shard of ['1/2', '2/2']) {
      const file = join(folder, `${shard.replace('/', '-')}.json`);
      writeFileSync(file, (await run('explore', example, '--json', '--shard', shard)).out);
      reports.push(file);
    }
    const { code, out } = await run('explore', '--merge', ...reports);
    expect(code).to.equal(1);
    expect(out).to.match(/lost-write/);
  });

  it('tells exhausted from out of budget by its exit code', async () => {
    expect((await run('explore', example, '--strategy', 'bound:0')).code).to.equal(0);
    expect((await run('explore', join(examples, 'nested-kmap.ts'), '--budget', '1')).code).to.equal(3);
  });

  it('says what is wrong with a command line or a file', async () => {
    writeFileSync(join(folder, 'none.mjs'), 'export default {};\n');
    const wrong = [
      ['explore'],
      ['explore', join(folder, 'none.mjs')],
      ['explore', example, '--strategy', 'best'],
      ['explore', example, '--shard', '3/2'],
      ['replay', example, '0.9.9'],
    ] as const;
    for (const [name, ...args] of wrong) {
      const error: unknown = await run(name, ...args).catch((reason: unknown) => reason);
      expect(error, args.join(' ')).to.be.instanceOf(UsageError);
    }
  });
});
