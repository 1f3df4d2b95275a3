import { expect } from 'chai';
import { Kept } from '../../../lib/explore/sight/kept.ts';

const quiet = (): undefined => undefined;

describe('Kept', () => {
  it('says once that an object is not what it was', () => {
    const kept = new Kept();
    const object = { deep: [1] };
    kept.whole(object, 'it');
    expect(kept.changes(quiet)).to.deep.equal([]);
    object.deep[0] = 2;
    expect(kept.changes(quiet)).to.deep.equal(['it changes while the program runs']);
    expect([kept.changes(quiet), kept.survivor(quiet)]).to.deep.equal([[], 'it']);
    object.deep[0] = 1;
    expect(kept.survivor(quiet)).to.equal(undefined);
  });

  it('follows one property of an object, and no other', () => {
    const kept = new Kept();
    const object = { a: 1, b: 1 };
    kept.part(object, 'a', 'it');
    object.b = 2;
    expect(kept.changes(quiet)).to.deep.equal([]);
    object.a = 2;
    expect(kept.changes(quiet)).to.deep.equal(['"a" of it changes while the program runs']);
  });

  it('takes a prototype for what it holds, not for an object of its class', () => {
    class Sub extends Map<string, number> {
      declare x: number;
    }
    const kept = new Kept();
    kept.prototype(Sub.prototype, 'Sub');
    expect(kept.changes(quiet)).to.deep.equal([]);
    Sub.prototype.x = 1;
    expect(kept.changes(quiet)).to.deep.equal(['the prototype of Sub changes while the program runs']);
  });

  it('counts the properties of functions and of what the language brings', () => {
    const kept = new Kept();
    const fn: { (): void; x?: number } = () => undefined;
    kept.count(fn, 'fn');
    expect(kept.changes(quiet)).to.deep.equal([]);
    fn.x = 1;
    expect(kept.changes(quiet)).to.deep.equal(['fn was given a property, or lost one']);
  });
});
