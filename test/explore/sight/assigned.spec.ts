import { expect } from 'chai';
import { assignedNames, mentionedNames } from '../../../lib/explore/sight/assigned.ts';

const assigned = (source: string): string => [...(assignedNames(source) ?? ['?'])].join(' ');

describe('assignedNames', () => {
  for (const [source, names] of [
    ['const a = 1; let b = 2, c; var d = a, e = f;', ''],
    ['let { a, b: [c = 1] = [] } = d;', ''],
    ['function f(a = 1, { b = 2, c: [d = 3] } = {}) {}', ''],
    ['const f = (a = 1) => a, g = b => b, h = async (c = 2) => c;', ''],
    ['for (const a of b) {} for (let i = 0; i < 3;) {}', ''],
    ['class A { x = 1; static y = 2; #z = 3; m(a = 1) {} }', ''],
    ['a.b = 1; a[0] = 2; this.c = 3;', ''],
    ['a === b; a >= c; a => b;', ''],
    ['var E; (function (E) { E[E["A"] = 0] = "A"; })(E || (E = {}));', ''],
    ['a[b] = 1; a[b][c] = 2; f()[d] = 3; g[h = 4] = 5; else [i] = j;', 'h i'],
    ['a || (b = {}); c || (c = d);', 'b c'],
    ['a = 1; b += 2; c ||= 3; d ??= 4; e **= 5; f >>>= 6;', 'a b c d e f'],
    ['a++; --b;', 'a b'],
    ['[a, b.c] = d; ({ e, f: g } = h);', 'a b e f g'],
    ['for (a of b) {} for ([c] of d) {}', 'a c'],
    ['if (a) b = 1; while (c = d()) {}', 'b c'],
    ['(a = 1, b)', 'a'],
    ['f(a => { b = a })', 'b'],
    ['function f(a = (b = 2)) {}', 'b'],
    ['const a = b = 1;', 'b'],
    ['`${a = 1}`', 'a'],
    ['class A { m() { this.#x = 1; } }', '#x'],
    ['export let a = 1; a = 2;', 'a'],
    ['(', '?'],
  ] as const)
    it(`of ${source}`, () => {
      expect(assigned(source)).to.equal(names);
    });
});

describe('mentionedNames', () => {
  const mentioned = (source: string): Record<string, readonly string[] | 'all'> =>
    Object.fromEntries(
      [...(mentionedNames(source) ?? [])].map(([name, parts]) => [
        name,
        parts === undefined ? 'all' : [...parts],
      ]),
    );

  it('tells properties that are only read from the whole', () => {
    expect(mentioned('a.b + (0, a.c)(1); d.e(); f; g.h = 1; i[0]; j.k.l')).to.deep.equal({
      a: ['b', 'c'],
      d: 'all',
      f: 'all',
      g: 'all',
      i: 'all',
      j: 'all',
    });
    expect(mentioned('a.b; a')).to.deep.equal({ a: 'all' });
    expect(mentioned('a; a.b')).to.deep.equal({ a: 'all' });
    expect(mentionedNames('(')).to.equal(undefined);
  });
});
