import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { Hash } from '../../../lib/base/hash.ts';
import { addParts, hashUnwatched, opaqueHash } from '../../../lib/explore/execution/unwatched.ts';
import { Observer, Resources } from '../../../lib/explore/observer.ts';
import { SharedState } from '../../../lib/explore/shared-state.ts';
import { Sight } from '../../../lib/explore/sight/sight.ts';
import { Debugger } from '../../../lib/explore/sight/scopes.ts';

function places(shared: object) {
  const machine = createMachine();
  const observer = new Observer(machine, new Resources(), false, false);
  const sight = new Sight(Debugger.shared());
  return { machine, observer, sharedState: new SharedState(shared, observer), sight };
}

describe('the state that is not watched', () => {
  it('is none where all that is shared is watched', () => {
    expect(hashUnwatched(places({ count: 1 }))).to.deep.equal({ opaque: 0, atEnd: 0 });
  });

  it('changes with what cannot be watched', () => {
    const bytes = new Uint8Array(4);
    const where = places({ bytes });
    const before = opaqueHash(where);
    expect(before).to.not.equal(0);
    expect(opaqueHash(where)).to.equal(before);
    bytes[2] = 1;
    expect(opaqueHash(where)).to.not.equal(before);
  });

  it('holds the parts of the machine that are read by a step, or by the final check alone', () => {
    const where = places({});
    where.sight.partsRead.add('memory');
    const before = hashUnwatched(where);
    expect([before.opaque !== 0, before.atEnd]).to.deep.equal([true, 0]);
    where.machine.allocPage({ zone: 'highmem' });
    expect(hashUnwatched(where).opaque).to.not.equal(before.opaque);
    where.sight.partsReadAtEnd.add('memory');
    expect(hashUnwatched(where).atEnd).to.not.equal(0);
    const hash = new Hash();
    const { value } = hash;
    expect(addParts(hash, new Set(['memory']), where).value).to.not.equal(value);
  });
});
