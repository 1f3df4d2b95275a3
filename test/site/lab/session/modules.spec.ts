import { expect } from 'chai';
import { defaultExportOf } from '../../../../site/lab/session/modules.ts';
import { ProgramError } from '../../../../site/lab/session/program-error.ts';
import { ConsoleLines, shown } from '../../../../site/lab/session/console-lines.ts';
import { refusalOfText } from './programs.ts';

function exported(text: string, files: Readonly<Record<string, string>> = {}): Promise<unknown> {
  return defaultExportOf({ file: 'drivers/p.ts', text, files }, new ConsoleLines().console);
}

describe('the text of a program', () => {
  it('may import every entry that a page can run', async () => {
    const names = ['', '/backend', '/backends', '/conformance', '/explore', '/lab', '/machine', '/ports'];
    for (const name of names)
      expect(
        await exported(`import * as all from 'scatterlist${name}';\nexport default Object.keys(all).length;`),
      )
        .to.be.a('number')
        .above(0);
    expect(
      await exported(`import { kmap } from 'scatterlist/backends/kmap';\nexport default typeof kmap;`),
    ).to.equal('function');
  });

  it('may be in several files that import one another', async () => {
    const files = {
      'drivers/one.ts': `import { two } from '../lib/two.ts';\nexport const one: number = two + 1;`,
      'lib/two.ts': `export const two = 2 as const;`,
    };
    expect(await exported(`import { one } from './one.ts';\nexport default one;`, files)).to.equal(3);
  });

  it('may wait for something at its top level', async () => {
    expect(await exported('const one = await Promise.resolve(1);\nexport default one;')).to.equal(1);
  });

  it('is refused with one line and its place in the text', async () => {
    expect(await refusalOfText('const a = ;\n')).to.equal('1: this is no TypeScript: Unexpected token');
    expect(
      await refusalOfText(`\nimport { readFileSync } from 'node:fs';\nreadFileSync;\nexport default 1;`),
    ).to.match(/^2: "node:fs" cannot be imported here; a program can import scatterlist, /);
    expect(await refusalOfText(`import { x } from './x.ts';\nexport default x;`)).to.match(
      /^1: there is no file "\.\/x\.ts" beside the program/,
    );
    expect(await refusalOfText(`import { loadC } from 'scatterlist/c';\nexport default loadC;`)).to.match(
      /^1: scatterlist\/c needs Node and clang/,
    );
    expect(
      await refusalOfText(`import { kmapp } from 'scatterlist/machine';\nexport default kmapp;`),
    ).to.equal('1: scatterlist/machine has no export "kmapp"');
  });

  it('is refused where it uses what the engine does not have', async () => {
    const text = `const at = {};\nexport default () => {\n  using a = at;\n};`;
    const hasUsing = Symbol.dispose !== undefined && Number(process.versions.node.split('.')[0]) >= 24;
    expect(await refusalOfText(text)).to.match(
      hasUsing ? /neither a program nor a port/ : /^3: this browser has no using declarations; write const/,
    );
    expect(await refusalOfText('export default a => { break; };')).to.match(
      /^this browser cannot read the program: /,
    );
  });

  it('is refused where it is no program', async () => {
    expect(await refusalOfText('export const a = 1;')).to.match(/^the program has no default export/);
    expect(await refusalOfText('export default 1;')).to.match(
      /^the default export is neither a program nor a port/,
    );
    expect(await refusalOfText('\nthrow new RangeError("at once");')).to.equal('2: RangeError: at once');
    const defined = (spec: string): string =>
      `import { defineProgram } from 'scatterlist/explore';\nexport default defineProgram(${spec});`;
    expect(await refusalOfText(defined('{ tasks: { *a() {} } }'), { pkmapSlots: 3 })).to.equal(
      'pkmapSlots is 3; it must be a power of two',
    );
    expect(await refusalOfText(defined('{ tasks: { a: { cpu: 1, *run() {} } } }'), { cpus: 1 })).to.equal(
      '"a" is on cpu1, and the machine has 1 CPUs',
    );
  });

  it('keeps its lines, also those behind types', async () => {
    const text = `interface A {\n  readonly a: number;\n}\ntype B = A;\nexport default (): B => {\n  throw new Error('line 6');\n};`;
    const thrower = await exported(text);
    expect(typeof thrower === 'function' && thrower)
      .to.throw('line 6')
      .with.property('stack')
      .that.matches(/p\.ts:6:9/);
  });

  it('does not reach the variables of the page', async () => {
    expect(await exported('export default typeof transpile;')).to.equal('undefined');
    const refused = await exported('export default require("scatterlist/explorer");').catch(
      (error: unknown) => error,
    );
    expect(refused).to.be.instanceOf(ProgramError);
  });
});

describe('console lines', () => {
  it('show values in one line', () => {
    const ring: Record<string, unknown> = {};
    ring['self'] = ring;
    const values = [
      'a b',
      1n,
      Uint8Array.of(1, 2),
      { a: [1, 2n] },
      undefined,
      new Error('x'),
      ring,
      exported,
    ];
    expect(values.map(shown)).to.deep.equal([
      'a b',
      '1n',
      'Uint8Array(2) [ 1, 2 ]',
      '{"a":[1,"2"]}',
      'undefined',
      'Error: x',
      '[object Object]',
      '[function exported]',
    ]);
    expect(shown(new Uint8Array(100))).to.match(/^Uint8Array\(100\) \[ 0, .*, … \]$/);
  });
});
