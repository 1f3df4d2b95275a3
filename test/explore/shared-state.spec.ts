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
    queueUsed: (name) => log.push(`use ${name}`),
  });
  return { log, state, shared: state.watched as T };
}

class OwnQueue extends WaitQueue {}

describe('SharedState', () => {
  it('follows each bare queue by its own calls, and each proxy to its own target', () => {
    const [a, b] = [new WaitQueue('a'), new WaitQueue('b')];
    const { log } = watch({ a, b });
    b.wakeAll();
    a.wakeAll();
    new WaitQueue('c').wakeAll();
    expect(log).to.deep.equal(['use b', 'use a']);
    const { state, shared } = watch<{ one: object; two: object; way: object[] }>({
      one: { n: 1 },
      two: { n: 1 },
      way: [],
    });
    const key = (): number => {
      const hash = new Hash();
      state.addTo(hash);
      return hash.value;
    };
    const keys = [shared.one, shared.two].map((target) => {
      shared.way = [new Proxy({ target }, {}).target];
      return key();
    });
    expect(keys[0]).to.not.equal(keys[1]);
  });

  it('sees reads and writes of plain objects, however deep', () => {
    const { log, shared } = watch({ a: { b: 1 } });
    shared.a.b += 1;
    expect(log).to.deep.equal(['read .a', 'read .a', 'read .a.b 1', 'write .a.b'].slice(1));
  });

  interface Node {
    next: Node | undefined;
    previous: Node | undefined;
  }

  // A proxy of a proxy at each level would be as much work as there are ways through a tree of so many levels.
  it('hands out what an actor put into an object of its own as it was', () => {
    const { log, state, shared } = watch<{ head: Node | undefined }>({ head: undefined });
    for (let i = 0; i < 500; i += 1) {
      const before = shared.head;
      const node: Node = { next: before, previous: undefined };
      shared.head = node;
      expect(shared.head?.next === before).to.equal(true);
      // Also after it was shared.
      if (before !== undefined) before.previous = node;
    }
    expect(shared.head?.next?.previous === shared.head).to.equal(true);
    log.length = 0;
    expect(Object.getOwnPropertyDescriptor(shared.head, 'next')?.value === shared.head?.next).to.equal(true);
    expect(log.length).to.be.below(10);
    let plain: Node | undefined;
    for (let i = 0; i < 500; i += 1) {
      const node: Node = { next: plain, previous: undefined };
      if (plain !== undefined) plain.previous = node;
      plain = node;
    }
    const [watched, bare] = [new Hash(), new Hash()];
    state.addTo(watched);
    const nothing = { sharedRead: () => undefined, sharedWrite: () => undefined, queueUsed: () => undefined };
    new SharedState({ head: plain }, nothing).addTo(bare);
    expect(watched.value).to.equal(bare.value);
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
    expect(seen(() => Object.keys(a))).to.deep.equal([
      'read .a.b',
      'read .a.c',
      'read .a.* 2',
      'read .a.b 1',
      'read .a.c 3',
    ]);
    expect(seen(() => delete a['b'])).to.deep.equal(['write .a.b', 'write .a.*']);
    expect([Object.keys(a), 'b' in a, a['c']]).to.deep.equal([['c'], false, 3]);
    expect(seen(() => Reflect.get(a, 'toString'))).to.deep.equal([]);
  });

  it('sees what goes past the usual ways to read and write', () => {
    const { log, shared } = watch<{ a: Record<string | symbol, unknown> }>({ a: { b: { c: 1 } } });
    const { a } = shared;
    const seen = (work: () => unknown): readonly string[] => {
      log.length = 0;
      work();
      return [...log];
    };
    const sign = Symbol('sign');
    expect(seen(() => (a[sign] = 1))).to.deep.equal(['write .a.Symbol(sign)', 'write .a.*']);
    expect(seen(() => a[sign])).to.deep.equal(['read .a.Symbol(sign) 1']);
    expect(seen(() => Object.defineProperty(a, 'd', { value: 1, configurable: true }))[0]).to.equal(
      'write .a.d',
    );
    expect(seen(() => Object.getOwnPropertyDescriptor(a, 'd'))).to.deep.equal(['read .a.d 1']);
    expect(Object.getOwnPropertyDescriptor(a, 'b')?.value).to.equal(a['b']);
    expect(seen(() => Object.setPrototypeOf(a, null))).to.deep.equal(['write .a.*', 'write .a.*']);
    expect(seen(() => Object.isExtensible(a))).to.deep.equal(['read .a.*']);
    const call = (): number => 1;
    expect(seen(() => (a['f'] = call))).to.deep.equal(['write .a.f', 'write .a.*']);
    expect(seen(() => a['f'])[0]).to.match(/^read \.a\.f/);
    expect(seen(() => Object.preventExtensions(a))).to.deep.equal(['write .a.*', 'write .a.*']);
    expect(Object.isExtensible(a)).to.equal(false);
  });

  it('lets accessors read and write the watched object', () => {
    const { log, shared } = watch({
      it: {
        field: 1,
        get twice() {
          return this.field * 2;
        },
        set twice(n: number) {
          this.field = n / 2;
        },
      },
    });
    expect(shared.it.twice).to.equal(2);
    expect(log).to.include('read .it.field 1');
    shared.it.twice = 8;
    expect(log).to.include('write .it.field');
    expect(shared.it.field).to.equal(4);
  });

  it('keeps objects, not the proxies behind which they are handed out', () => {
    const ring: { next: object | undefined }[] = [{ next: undefined }, { next: undefined }];
    const { shared, state } = watch({ ring });
    for (let i = 0; i < 1000; i += 1) {
      const [one, two] = shared.ring;
      if (one === undefined || two === undefined) throw new Error('unreachable');
      [one.next, two.next] = [two, one];
    }
    expect(ring[0]?.next).to.equal(ring[1]);
    expect(shared.ring[0]?.next).to.equal(shared.ring[1]);
    expect(state.opaqueHash()).to.equal(0);
  });

  it('hands out what can never change as it is, and follows it as a whole', () => {
    const fixed = Object.defineProperty({ it: { n: 1 } }, 'it', { writable: false, configurable: false });
    const { shared, state } = watch({ fixed });
    const before = state.opaqueHash();
    shared.fixed.it.n = 2;
    expect(fixed.it.n).to.equal(2);
    expect(state.opaqueHash()).not.to.equal(before);
  });

  it('hashes what is put in later, too, and gives every object one face', () => {
    const { state, shared } = watch<{ a: { late?: unknown } }>({ a: {} });
    expect([state.opaqueHash(), state.wakeUps(), shared.a === shared.a]).to.deep.equal([0, 0, true]);
    const bytes = new Uint8Array(2);
    const queue = new OwnQueue('late');
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

  it('is told of each use of a bare queue, which is then no part of what every step reads', () => {
    const queue = new WaitQueue('q');
    const { state, log, shared } = watch<{ queue?: WaitQueue }>({});
    shared.queue = queue;
    log.length = 0;
    const waiter = { name: 'w', asleepOn: undefined };
    queue.wakeAll();
    queue.add(waiter);
    queue.remove(waiter);
    queue.remove(waiter);
    expect(log).to.deep.equal(['use q', 'use q', 'use q', 'use q']);
    expect([state.opaqueHash(), state.wakeUps()]).to.deep.equal([0, 0]);
  });

  it('notices wake-ups of a queue of a class of the author that find nobody', () => {
    const queue = new OwnQueue('q');
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
