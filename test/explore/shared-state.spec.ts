import { expect } from 'chai';
import { WaitQueue } from 'scatterlist/machine';
import { Hash } from '../../lib/base/hash.ts';
import { SharedState } from '../../lib/explore/shared-state.ts';

function watch<T extends object>(
  root: T,
): { readonly log: string[]; readonly state: SharedState; readonly shared: T } {
  const log: string[] = [];
  const state = new SharedState(root, {
    sharedRead: (place, value) =>
      log.push(typeof value === 'number' ? `read ${place} ${value.toString()}` : `read ${place}`),
    sharedWrite: (place) => log.push(`write ${place}`),
  });
  return { log, state, shared: state.watched as T };
}

describe('SharedState', () => {
  it('sees reads and writes of plain objects, however deep', () => {
    const { log, shared } = watch({ a: { b: 1 } });
    shared.a.b += 1;
    expect(log).to.deep.equal(['read .a', 'read .a', 'read .a.b 1', 'write .a.b'].slice(1));
  });

  it('sees arrays grow', () => {
    const { log, shared } = watch({ list: [1] });
    shared.list.push(2);
    expect(log).to.include('write .list.1');
    expect(log).to.include('write .list.*');
  });

  it('sees what is added, taken away, asked for and listed', () => {
    const { log, shared } = watch<{ a: Record<string, unknown> }>({ a: { b: 1 } });
    const { a } = shared;
    const seen = (work: () => unknown): readonly string[] => {
      log.length = 0;
      work();
      return [...log];
    };
    expect(seen(() => (a['c'] = 2))).to.deep.equal(['write .a.c', 'write .a.*']);
    expect(seen(() => (a['c'] = 3))).to.deep.equal(['write .a.c']);
    expect(seen(() => 'c' in a)).to.deep.equal(['read .a.c']);
    expect(seen(() => Object.keys(a))).to.deep.equal(['read .a.b', 'read .a.c', 'read .a.* 2']);
    expect(seen(() => delete a['b'])).to.deep.equal(['write .a.b', 'write .a.*']);
    expect([Object.keys(a), 'b' in a, a['c']]).to.deep.equal([['c'], false, 3]);
    expect(seen(() => Reflect.get(a, 'toString'))).to.deep.equal([]);
  });

  it('hashes what is put in later, too, and gives every object one face', () => {
    const { state, shared } = watch<{ a: { late?: unknown } }>({ a: {} });
    expect([state.opaqueHash(), state.wakeUps(), shared.a === shared.a]).to.deep.equal([0, 0, true]);
    const bytes = new Uint8Array(2);
    const queue = new WaitQueue('late');
    shared.a.late = { deep: [bytes, queue] };
    const before = state.opaqueHash();
    expect(before).to.not.equal(0);
    bytes[0] = 1;
    expect(state.opaqueHash()).to.not.equal(before);
    queue.wakeAll();
    expect(state.wakeUps()).to.equal(1);
  });

  it('hashes what it cannot watch', () => {
    const bytes = new Uint8Array(2);
    const { state } = watch({ bytes });
    const before = state.opaqueHash();
    bytes[1] = 1;
    expect(before).to.not.equal(0);
    expect(state.opaqueHash()).to.not.equal(before);
    expect(watch({ a: { b: 1 } }).state.opaqueHash()).to.equal(0);
  });

  it('notices wake-ups that find nobody', () => {
    const queue = new WaitQueue('q');
    const { state } = watch({ queue });
    const before = state.wakeUps();
    queue.wakeAll();
    expect(state.wakeUps()).to.equal(before + 1);
  });

  it('follows a frozen object and a class of the author as a whole, as they are', () => {
    class Own {
      n = 1;
    }
    const own = new Own();
    const frozen = Object.freeze({ inner: new Uint8Array(1) });
    const { state, shared, log } = watch({ own, frozen, plain: { own } });
    expect([shared.own === own, shared.frozen === frozen, shared.plain.own === own]).to.deep.equal([
      true,
      true,
      true,
    ]);
    log.length = 0;
    own.n = 2;
    expect(log).to.deep.equal([]);
    const before = state.opaqueHash();
    own.n = 3;
    expect(state.opaqueHash()).to.not.equal(before);
    const then = state.opaqueHash();
    frozen.inner[0] = 1;
    expect(state.opaqueHash()).to.not.equal(then);
    expect(watch({ only: Object.freeze({ n: 1 }) }).state.opaqueHash()).to.not.equal(0);
  });

  it('ends on circles, and adds everything to a state key', () => {
    const circle: { self?: object; n: number } = { n: 1 };
    circle.self = circle;
    const { state } = watch(circle);
    expect(state.opaqueHash()).to.equal(0);
    const key = (): number => {
      const hash = new Hash();
      state.addTo(hash);
      return hash.value;
    };
    const before = key();
    expect(key()).to.equal(before);
    circle.n = 2;
    expect(key()).to.not.equal(before);
  });
});
