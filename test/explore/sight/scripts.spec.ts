import { expect } from 'chai';
import { SgArray } from 'scatterlist';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';
import { Scripts } from '../../../lib/explore/sight/scripts.ts';

class Own {
  #hidden = 3;

  get hidden(): number {
    return this.#hidden;
  }
}

function counter(): () => number {
  let count = 5;
  return () => (count += 1);
}

describe('the scripts of the process', () => {
  const scripts = new Scripts(Debugger.shared());

  it('tells the files of this library from those of the user, of packages and of the host', () => {
    const own = scripts.ofClass(Own);
    expect(own?.url).to.match(/scripts\.spec\.ts/);
    expect([scripts.isOurs(own), scripts.isOfOthers(own)]).to.deep.equal([false, false]);
    const library = scripts.ofClass(SgArray);
    expect([scripts.isOurs(library), scripts.isOfOthers(library)]).to.deep.equal([true, true]);
    expect(scripts.isOurs(library, ['backends'])).to.equal(false);
    expect(scripts.isOfOthers(scripts.of(scripts.look(expect)?.scriptId))).to.equal(true);
    const users = scripts.ofUser().map(({ url }) => url);
    expect(users).to.include(own?.url).and.not.to.include(library?.url);
  });

  it('shows variables and private fields', () => {
    const next = counter();
    next();
    expect(scripts.variable(next, 'count')).to.deep.equal({ value: 6 });
    expect(scripts.variable(next, 'other')).to.equal(undefined);
    expect([...scripts.privateFields(new Own())]).to.deep.equal([['#hidden', 3]]);
  });

  it('finds the module behind a getter that esbuild made, and behind no other', () => {
    const from = { a: 1, b: 2 };
    const made =
      (key: 'a' | 'b'): (() => unknown) =>
      () =>
        from[key];
    expect(scripts.copiedFrom(made('a'), 'a')).to.equal(from);
    expect(scripts.copiedFrom(made('b'), 'a')).to.equal(undefined);
    expect(scripts.copiedFrom(() => from.a, 'a')).to.equal(undefined);
  });

  it('shows nothing without a debugger', () => {
    const blind = new Scripts(undefined);
    expect([blind.home, blind.look(counter), blind.ofClass(Own), blind.ofUser().length]).to.deep.equal([
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });
});
