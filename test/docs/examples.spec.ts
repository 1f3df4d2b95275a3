/** Every `@example` of a doc comment compiles and runs; what it may use is told in doc-examples.ts. */
import { expect } from 'chai';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, entryPoints, parseText } from '../../tools/public-api.ts';
import { asModule, docExamples, exampleTags, examplesIn } from './doc-examples.ts';
import type { Example } from './doc-examples.ts';

const TSC = join(ROOT, 'node_modules/@typescript/native/bin/tsc');

/** Compiles the examples, then runs them in one process; answers what either had to say. */
function complaints(examples: readonly Example[]): { readonly types: string[]; readonly runs: string[] } {
  const folder = mkdtempSync(join(import.meta.dirname, 'run-'));
  try {
    const entries = entryPoints();
    examples.forEach((example, i) => {
      writeFileSync(join(folder, `example${String(i)}.ts`), asModule(example, entries));
    });
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../tsconfig.json',
        compilerOptions: { noUnusedLocals: false },
        include: ['.'],
      }),
    );
    const compiled = spawnSync(process.execPath, [TSC, '-p', folder], { encoding: 'utf8' });
    writeFileSync(join(folder, 'all.mjs'), runner(examples));
    const printed = execFileSync(
      process.execPath,
      ['--conditions=source', '--import', 'tsx', join(folder, 'all.mjs')],
      { encoding: 'utf8' },
    );
    return {
      // Errors elsewhere are the type check's own.
      types: [...compiled.stdout.matchAll(/example(\d+)\.ts(.*)/g)].map(
        ([, i, text]) => `${examples[Number(i)]?.at ?? ''}${text ?? ''}`,
      ),
      runs: JSON.parse(printed.split('\n').at(-1) ?? '') as string[],
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Imports one example after the other; the last line it prints says which threw. */
function runner(examples: readonly Example[]): string {
  return [
    'const failed = [];',
    ...examples.map(
      ({ at }, i) =>
        `await import('./example${String(i)}.ts').catch((e) => failed.push(${JSON.stringify(at)} + ': ' + e));`,
    ),
    "process.stdout.write('\\n' + JSON.stringify(failed));",
  ].join('\n');
}

describe('the examples of doc comments', function () {
  this.timeout(120_000);

  it('are all found', () => {
    expect(docExamples().length).to.equal(exampleTags()).and.to.be.above(10);
  });

  it('compile and run', () => {
    expect(complaints(docExamples())).to.deep.equal({ types: [], runs: [] });
  });

  it('are noticed where they do neither', () => {
    const text = [
      '/**',
      ' * @example',
      ' * ```ts',
      " * const n: number = 'one';",
      " * throw new Error(n + 'way');",
      ' * ```',
      ' */',
    ];
    const found = examplesIn('lib/kernel/bad.ts', parseText('bad.ts', text.join('\n')));
    const { types, runs } = complaints(found);
    expect(types.join()).to.match(/^lib\/kernel\/bad\.ts:1\(.*TS2322/);
    expect(runs).to.deep.equal(['lib/kernel/bad.ts:1: Error: oneway']);
  });
});
