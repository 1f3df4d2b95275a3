import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { applied, mutantsOf } from '../../tools/mutation/mutants.ts';
import { mirroredSpec } from '../../tools/mutation/specs.ts';

function changes(text: string): readonly string[] {
  return mutantsOf('x.ts', text).map(({ change }) => change);
}

describe('the mutants that npm run mutation tries', () => {
  for (const [text, expected] of [
    ['if (a < b) f();', ['a < b -> !(a < b)', 'a < b -> a <= b', 'f(); -> ;']],
    ['const x = a ? 1 : b;', ['a -> !(a)', '1 -> 2', '1 -> 0']],
    ['const x = !a && b;', ['!a && b -> !a || b', '!a -> a']],
    ['const x = a === b;', ['a === b -> a !== b']],
    ['const x = a?.b ?? c;', ['a?.b ?? c -> c', '?. -> .']],
    ['const x = a + b - c * d;', ['a + b - c * d -> a + b + c * d', 'a + b -> a - b', 'c * d -> c / d']],
    ['x += y; z++;', ['x += y -> x -= y', 'z++ -> z--']],
    ['function f() { return g(); }', ['g() -> undefined']],
    ['function f() { return false; }', ['false -> true']],
    ['function* f() { yield* g(); }', ['yield* g(); -> ;']],
    ['const on = true;', ['true -> false']],
    ['while (a) b = c;', ['a -> false']],
    ["throw new RangeError('n ' + 1);", []],
    ["const s = 'a' + b + `${c + 1}`;", []],
    ['type T = 1 | 2; interface I { n: 3 } const x: 4 = y;', []],
    ["import { a } from './b.ts';", []],
    ['class A extends B { constructor() { super(); } }', []],
  ] as const) {
    it(`of ${text}`, () => {
      expect(changes(text)).to.deep.equal(expected);
    });
  }

  it('carry the line, and leave a text that still parses', () => {
    const text = readFileSync(new URL(import.meta.url), 'utf8');
    const mutants = mutantsOf('x.ts', text);
    expect(mutants.length).to.be.greaterThan(20);
    for (const mutant of mutants.slice(0, 50)) {
      expect(text.split('\n')[mutant.line - 1]?.trim()).to.equal(mutant.lineText);
      const { diagnostics = [] } = ts.transpileModule(applied(text, mutant), { reportDiagnostics: true });
      expect(diagnostics, mutant.change).to.deep.equal([]);
    }
  });

  it('are shown to the mirrored spec first', () => {
    expect(mirroredSpec('lib/kernel/parts/pkmap.ts')).to.equal('test/kernel/parts/pkmap.spec.ts');
    expect(mirroredSpec('backends/kmap.ts')).to.equal('test/backends/kmap.spec.ts');
  });
});
