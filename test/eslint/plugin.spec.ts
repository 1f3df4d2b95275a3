import { expect } from 'chai';
import { ESLint } from 'eslint';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import scatterlist from '../../lib/entries/eslint.ts';
import { FILE, LANGUAGE, ROOT } from './rule-tester.ts';

/** The library itself; what is to be found is behind the line. */
const PROGRAM = `import { sgCopyToBuffer } from 'scatterlist';
import type { Context, MapBackend, MemoryKind, SgTable } from 'scatterlist';
import { kmap, kmapLocal } from 'scatterlist/backends';
import type { Semaphore } from 'scatterlist/explore';

declare const table: SgTable<'lowmem' | 'highmem'>;
const into = new Uint8Array(9);
export function copy<B extends MapBackend>(task: Context, any: SgTable<MemoryKind>, backend: B): void {
  sgCopyToBuffer(table, into, kmapLocal(task));
  sgCopyToBuffer(table, into, kmap(task)); // scatterlist/must-use-result
  sgCopyToBuffer(any, into, kmapLocal(task)); // scatterlist/must-use-result
  sgCopyToBuffer(table, into, backend); // scatterlist/must-use-result
  void sgCopyToBuffer(table, into, backend);
}
export function* wait(task: Context, sem: Semaphore): Generator<unknown, void, void> {
  yield* sem.down(task);
  sem.down(task); // scatterlist/yield-star
  yield sem.down(task); // scatterlist/yield-star
}
`;

describe('the plugin', () => {
  it('has each rule, under the name of its file', () => {
    const others = ['plugin', 'rule', 'type-information'];
    const files = readdirSync(join(ROOT, 'lib/eslint')).map((file) => file.replace('.ts', ''));
    expect(Object.keys(scatterlist.rules)).to.have.members(files.filter((file) => !others.includes(file)));
    expect(Object.keys(scatterlist.configs.recommended.rules)).to.have.members(
      Object.keys(scatterlist.rules).map((rule) => `scatterlist/${rule}`),
    );
  });

  it('finds both mistakes as a user turns it on', async () => {
    // Typed as ESLint types a configuration: the plugin is one for its compiler, too.
    const overrideConfig = [
      { files: ['**/*.ts'], languageOptions: LANGUAGE },
      scatterlist.configs.recommended,
    ];
    const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: true, overrideConfig });
    const [found] = await eslint.lintText(PROGRAM, { filePath: FILE });
    const lines = PROGRAM.split('\n');
    const expected = lines.flatMap((text, i) => {
      const [, rule] = /\/\/ (scatterlist\/\S+)/.exec(text) ?? [];
      return rule === undefined ? [] : [`${String(i + 1)}: ${rule}`];
    });
    expect(expected).to.have.length(5);
    expect(found?.messages.map(({ ruleId, line }) => `${String(line)}: ${String(ruleId)}`)).to.deep.equal(
      expected,
    );
  }).timeout(60_000);
});
