import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { shortLived } from '../../lib/base/short-lived.ts';

describe('shortLived', () => {
  it('returns the function', () => {
    const fn = (): number => 1;
    expect(shortLived(fn)).to.equal(fn);
  });

  // In a process of its own, because what else ran before changes where the host puts objects. One function that is not
  // young, or one table of the process, makes it more than 20,000.
  it('is used wherever a schedule of the explorer makes objects, so that a small collection takes all of them', () => {
    const file = join(import.meta.dirname, 'kept-of-runs.ts');
    const flags = ['--expose-gc', '--conditions=source', '--import=tsx'];
    const kept = execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' });
    expect(Number(kept)).to.be.lessThan(10_000);
  });
});
