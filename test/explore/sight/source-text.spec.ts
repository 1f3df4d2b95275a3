import { expect } from 'chai';
import {
  assignedIn,
  fileOf,
  importedName,
  mentionsOf,
  withoutConstructors,
} from '../../../lib/explore/sight/source-text.ts';

describe('the text of functions and scripts', () => {
  it('names what a script assigns and what a function mentions, and reads each once', () => {
    const script = { url: 'file:///a/b.js', source: 'let a = 1; a = 2; const b = a;' };
    expect([...(assignedIn(script) ?? [])]).to.deep.equal(['a']);
    expect(assignedIn(script)).to.equal(assignedIn(script));
    const [used, unused] = [1, 2];
    const mentions = (): unknown => used;
    expect(mentionsOf(mentions)?.has('used'), String(unused)).to.equal(true);
    expect(mentionsOf(mentions)?.has('unused')).to.equal(false);
    expect(mentionsOf(mentions)).to.equal(mentionsOf(mentions));
    expect(fileOf(script.url)).to.equal('b.js');
  });

  it('knows under which name another module exports what is imported', () => {
    const source = `import { a, b as c } from './x.js'; import d from './y.js'; import * as e from './z.js';`;
    expect(['a', 'b', 'c', 'f'].map((name) => importedName(source, name))).to.deep.equal([
      'a',
      undefined,
      'b',
      undefined,
    ]);
  });

  it('leaves constructors out, except those that make functions', () => {
    const plain = 'class A { constructor(a) { this.#x = a; } m() { this.#y = 1; } }';
    expect(withoutConstructors(plain)).to.match(/^class A \{ {2,}m\(\) \{ this\.#y = 1; \} \}$/);
    for (const source of [
      'class A { constructor() { this.f = () => { this.#x = 1; }; } }',
      'class A { constructor() { this.f = function () { this.#x = 1; }; } }',
      'class A { constructor() { this.f = { g() { this.#x = 1; } }; } }',
    ])
      expect(withoutConstructors(source)).to.equal(source);
  });
});
