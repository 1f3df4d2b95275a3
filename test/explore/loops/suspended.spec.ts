import { expect } from 'chai';

import { Suspended } from '../../../lib/explore/loops/suspended.ts';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';

function seen(work: (suspended: Suspended) => void): Suspended {
  const debug = Debugger.shared();
  if (debug === undefined) throw new Error('this host has no debugger');
  const suspended = new Suspended(debug);
  suspended.during(
    () => 3,
    () => {
      work(suspended);
    },
  );
  return suspended;
}

/** Hashes of the local state after each step. */
function states(body: Generator<undefined, void, void>, steps: number): readonly number[] {
  const found: number[] = [];
  seen((suspended) => {
    for (let step = 0; step < steps; step += 1) {
      body.next();
      found.push(suspended.localState(3));
    }
  });
  return found;
}

describe('Suspended', () => {
  it('tells which variables are different after a round', () => {
    const found: ReadonlyMap<string, number>[] = [];
    seen((suspended) => {
      const body = (function* () {
        const same = { deep: [1] };
        const list: number[] = [];
        for (let tries = 0; tries < same.deep.length + 9; tries += 1) {
          list.push(tries);
          yield;
        }
      })();
      for (let step = 0; step < 2; step += 1) {
        body.next();
        found.push(suspended.variables(3));
      }
    });
    const [before, after] = found;
    const changed = [...(after ?? [])].filter(([name, hash]) => before?.get(name) !== hash);
    expect(changed.map(([name]) => name).sort()).to.deep.equal(['list', 'tries']);
    expect(after?.has('same')).to.equal(true);
  });

  it('tells where a generator stopped and what its variables hold', () => {
    const [a, b, c, d] = states(
      (function* () {
        for (let n = 0; ; n = 1 - n) {
          yield;
          yield;
        }
      })(),
      5,
    );
    expect(new Set([a, b, c, d]).size).to.equal(4);
    const again = states(
      (function* () {
        for (;;) yield;
      })(),
      3,
    );
    expect(new Set(again).size).to.equal(1);
  });

  it('sees the variables of the generators that one calls', () => {
    function* inner(count: number): Generator<undefined, void, void> {
      for (let n = 0; n < count; n += 1) yield;
    }
    const found = states(
      (function* () {
        for (;;) yield* inner(2);
      })(),
      4,
    );
    expect(found[0]).to.equal(found[2]);
    expect(found[1]).to.equal(found[3]);
    expect(found[0]).to.not.equal(found[1]);
  });

  it('takes what it cannot see for another one each time', () => {
    const found = states(
      (function* () {
        const weak = new WeakMap<object, number>();
        for (;;) {
          yield;
          weak.set({}, 1);
        }
      })(),
      3,
    );
    expect(new Set(found).size).to.equal(3);
  });

  it('leaves generators as they were', () => {
    const body = (function* () {})();
    const before: unknown = Reflect.get(body, 'next');
    expect(() =>
      seen(() => {
        throw new Error('in between');
      }),
    ).to.throw('in between');
    expect(Reflect.get(body, 'next')).to.equal(before);
  });

  it('says where each of them stopped', () => {
    const suspended = seen(() => {
      (function* () {
        yield;
      })().next();
    });
    expect(suspended.stops(3)).to.have.length(1);
    expect(suspended.stops(0)).to.have.length(0);
  });
});
