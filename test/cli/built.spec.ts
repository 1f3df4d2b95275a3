/** The command as users get it: built, without a loader of its own. Needs `npm run build`, which npm test runs first. */
import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const COMMAND = join(ROOT, 'dist', 'cli', 'scatterlist.js');

describe('the built command', () => {
  it('loads a program written in TypeScript, finds its bug and replays it', function () {
    this.timeout(60000);
    expect(existsSync(COMMAND), 'run npm run build first').to.equal(true);
    const file = 'examples/explore/atomic-to-local.ts';
    const found = spawnSync(process.execPath, [COMMAND, 'explore', file], { cwd: ROOT, encoding: 'utf8' });
    expect(found.status, found.stderr).to.equal(1);
    const replay = /scatterlist replay (\S+) '([^']+)'/.exec(found.stdout);
    expect(found.stdout).to.include('rule: lost-write');
    expect(replay?.[1]).to.equal(file);
    const again = spawnSync(process.execPath, [COMMAND, 'replay', file, replay![2]!], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(again.status, again.stderr).to.equal(1);
    expect(again.stdout).to.include('rule: lost-write');
  });
});
