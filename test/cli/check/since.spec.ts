import { expect } from 'chai';
import fc from 'fast-check';
import type { Finding } from '../../../lib/cli/check/judge.ts';
import { notAmong, readDiff } from '../../../lib/cli/check/since.ts';

describe('a diff', () => {
  it('tells the files and the lines of the new text', () => {
    const diff = [
      'diff --git a/drivers/a.c b/drivers/a.c',
      '--- a/drivers/a.c\t2020-01-01',
      '+++ b/drivers/a.c\t2020-01-02',
      '@@ -1,2 +1,3 @@ int f(void)',
      '+a',
      '@@ -9 +10 @@',
      '@@ -20,2 +21,0 @@',
      '--- a/gone.c',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '--- a/notes.txt',
      '+++ b/notes.txt',
      '@@ -1 +1 @@',
    ].join('\n');
    expect(readDiff(diff)).to.deep.equal([
      {
        file: 'drivers/a.c',
        pieces: [
          [1, 3],
          [10, 10],
          [21, 21],
        ],
      },
    ]);
  });
});

describe('findings that others do not have', () => {
  const finding = fc
    .record({ line: fc.nat(50), name: fc.constantFrom('f', 'g') })
    .map(({ line, name }): Finding => ({
      rule: 'leak',
      function: name,
      lines: [1, 60],
      line,
      mapLine: 1,
      sureness: 'error',
      because: '',
      bites: 'all',
      bitesBecause: undefined,
      says: `vmap(pages) of line 1 has no vunmap on the way out in line ${String(line)}`,
      variant: undefined,
      unmap: 'vunmap',
      path: [],
    }));

  it('are as many of each kind as there are more of, wherever their lines are', () => {
    fc.assert(
      fc.property(fc.array(finding), fc.array(finding), (now, before) => {
        const added = notAmong(now, before);
        for (const name of ['f', 'g']) {
          const of = (all: readonly Finding[]): number => all.filter((each) => each.function === name).length;
          expect(of(added)).to.equal(Math.max(0, of(now) - of(before)));
        }
        expect(now).to.include.members([...added]);
      }),
    );
  });
});
