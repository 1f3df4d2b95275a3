import { expect } from 'chai';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';

const ofModule = { a: 1 };

class Sample {
  static #count = 1;
  #value = ofModule;
  #method(): number {
    return Sample.#count;
  }
  get sum(): number {
    return this.#method() + this.#value.a;
  }
}

describe('Debugger', () => {
  const debug = Debugger.shared();
  if (debug === undefined) throw new Error('this Node has no inspector');

  it('shows the variables around a function, innermost first', () => {
    const inner = 5;
    const fn = (): number => inner + ofModule.a;
    const { scopes } = debug.look(fn);
    const scopeOf = (name: string): number =>
      scopes.findIndex(({ variables }) => Object.hasOwn(variables, name));
    expect(scopeOf('inner')).to.be.within(0, scopeOf('ofModule') - 1);
    expect(Reflect.get(scopes[scopeOf('ofModule')]?.variables ?? {}, 'ofModule')).to.equal(ofModule);
    expect(Reflect.get(scopes[scopeOf('inner')]?.variables ?? {}, 'inner')).to.equal(5);
  });

  it('shows private fields, and no private methods', () => {
    const sample = new Sample();
    expect(sample.sum).to.equal(2);
    expect([...debug.look(sample).privateFields]).to.deep.equal([['#value', ofModule]]);
    expect([...debug.look(Sample).privateFields]).to.deep.equal([['#count', 1]]);
  });

  it('shows what a bound function is made of', () => {
    const target = function (this: object, ...args: readonly number[]): number {
      return args.length;
    };
    expect(debug.look(target.bind(ofModule, 4)).bound).to.deep.equal([target, ofModule, [4]]);
    expect(debug.look(target).bound).to.deep.equal([undefined, undefined, undefined]);
  });

  it('finds the script of a function, and the others', () => {
    const { scriptId } = debug.look(() => ofModule);
    const script = debug.script(scriptId ?? '');
    expect(script?.url).to.match(/scopes\.spec\.ts$/);
    expect(script?.source).to.contain('Sample');
    expect(debug.script('no such script')).to.equal(undefined);
    expect(debug.scripts((url) => url.endsWith('scopes.spec.ts'))).to.include(script);
  });

  it('leaves nothing behind on the global object', () => {
    const before = Reflect.ownKeys(globalThis).length;
    debug.look(() => ofModule);
    expect(Reflect.ownKeys(globalThis)).to.have.length(before);
  });
});
