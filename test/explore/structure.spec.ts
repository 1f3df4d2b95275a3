import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { WaitQueue, kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
import { Hash } from '../../lib/base/hash.ts';
import type { DataCache } from '../../lib/machine/data-cache.ts';
import {
  TARGET,
  addCache,
  addStructure,
  isKernelObject,
  isPlain,
  noteWatched,
} from '../../lib/explore/structure.ts';

const hashOf = (value: unknown): number => {
  const hash = new Hash();
  addStructure(hash, value);
  return hash.value;
};

function watchedProxy<T extends object>(target: T, traps: ProxyHandler<T> = {}): T {
  const proxy = new Proxy(target, {
    ...traps,
    get: (object, key, receiver): unknown => (key === TARGET ? object : Reflect.get(object, key, receiver)),
  });
  noteWatched(proxy);
  return proxy;
}

describe('structure', () => {
  const machine = createMachine();
  const [a, b] = machine.allocPages(2, { zone: 'highmem' });

  it('is equal for equal content, different for different', () => {
    const values = [
      1,
      '1',
      true,
      null,
      undefined,
      1n,
      [1],
      { x: 1 },
      { x: 2 },
      { y: 1 },
      new Map([[1, 2]]),
      new Uint8Array([1]),
      new Uint8Array([2]),
      a,
      b,
    ];
    // Not even the hash of no value at all.
    expect(new Set([...values.map(hashOf), new Hash().value]).size).to.equal(values.length + 1);
    expect(hashOf({ x: [1, { y: a }] })).to.equal(hashOf({ x: [1, { y: a }] }));
  });

  it('ends on circles', () => {
    const circle: { self?: object } = {};
    circle.self = circle;
    expect(hashOf(circle)).to.be.a('number');
  });

  it('tells kernel objects, plain ones and others apart', () => {
    const objects = [machine, a ?? {}, machine.task(), new Mutex(machine, 'm'), {}, [], new Uint8Array(1)];
    expect(objects.map(isKernelObject)).to.deep.equal([true, true, true, true, false, false, false]);
    expect([{}, [], new Uint8Array(1), machine].map(isPlain)).to.deep.equal([true, true, false, false]);
  });

  it('looks as deep as there is something', () => {
    const nested = (levels: number, inside: unknown): unknown => {
      let at = inside;
      for (let i = 0; i < levels; i += 1) at = i % 2 === 0 ? [at] : new Set([at]);
      return at;
    };
    for (const levels of [12, 13, 100_000])
      expect(hashOf(nested(levels, { n: 1 }))).to.not.equal(hashOf(nested(levels, { n: 2 })));
  });

  it('looks into an object once, however many ways lead to it', () => {
    let looks = 0;
    let part: object = watchedProxy(new Proxy({}, { ownKeys: () => [`n${String((looks += 1))}`] }));
    for (let level = 0; level < 200; level += 1) part = { a: part, b: part, c: [part] };
    hashOf(part);
    expect(looks).to.equal(1);
  });

  it('sees what a watched proxy stands for, without asking the proxy for its content', () => {
    const target = { n: 1 };
    const refuse = (): never => {
      throw new Error('asked');
    };
    const proxy = watchedProxy(target, { ownKeys: refuse, getPrototypeOf: refuse });
    expect(hashOf([proxy])).to.equal(hashOf([{ n: 1 }]));
    expect(hashOf([proxy, target])).to.equal(hashOf([target, target]));
  });

  it('tells watched proxies of equal objects apart', () => {
    const [a, b] = [watchedProxy({ n: 1 }), watchedProxy({ n: 1 })];
    expect(hashOf([a, b])).to.equal(hashOf([{ n: 1 }, { n: 1 }]));
    expect(hashOf([a, a])).to.not.equal(hashOf([a, b]));
  });

  it('does not take a Proxy that forwards to a watched one for it', () => {
    const target = { n: 1 };
    const watched = watchedProxy(target);
    let asked = 0;
    const own = new Proxy(watched, {
      get: (...args): unknown => {
        asked += 1;
        return Reflect.get(...args);
      },
    });
    expect([isPlain(watched), isPlain(own)]).to.deep.equal([true, false]);
    expect(hashOf([own, target])).to.not.equal(hashOf([target, target]));
    expect(asked).to.equal(0);
  });

  it('takes all that an object holds, under any name and of any kind', () => {
    const hidden = Symbol('hidden');
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [{ [hidden]: 1 }, { [hidden]: 2 }],
      [Object.defineProperty({}, 'x', { value: 1 }), Object.defineProperty({}, 'x', { value: 2 })],
      [Object.assign([1], { x: 1 }), Object.assign([1], { x: 2 })],
      [Object.assign(new Uint8Array(1), { x: 1 }), Object.assign(new Uint8Array(1), { x: 2 })],
      [Object.assign(() => 1, { x: 1 }), Object.assign(() => 1, { x: 2 })],
      [() => 1, () => 2],
      [new Date(1), new Date(2)],
      [Uint8Array.of(1).buffer, Uint8Array.of(2).buffer],
      [new SharedArrayBuffer(1), new SharedArrayBuffer(2)],
      [/a/g, /a/y],
      [Object.assign(/a/g, { lastIndex: 1 }), /a/g],
      [new Error('a'), new Error('b')],
      [new Map([[1, 2]]), new Map([[1, 3]])],
      [1n, 2n],
      [undefined, null],
      ['1', 1],
    ];
    for (const [one, other] of pairs) expect(hashOf(one), String(one)).not.to.equal(hashOf(other));
    expect(hashOf(new Error('a'))).to.equal(hashOf(new Error('a')));
  });

  it('tells of functions, objects of a class and objects of the kernel', () => {
    const met: unknown[] = [];
    const stranger = (value: object): number => met.push(value);
    const [fn, date] = [(): number => 1, new Date(0)];
    const held = { fn, deep: [date, machine], plain: {} };
    addStructure(new Hash(), held, stranger);
    expect(new Set(met)).to.deep.equal(new Set([fn, date, machine]));
    const keyed = (key: number): number => addStructure(new Hash(), fn, () => key).value;
    expect(keyed(1)).not.to.equal(keyed(2));
  });

  it('tells what lies behind a long way from what is met again by a short one', () => {
    const nested = (levels: number, inside: unknown): unknown =>
      levels === 0 ? inside : [nested(levels - 1, inside)];
    const both = (n: number): unknown => {
      const shared = { at: { n } };
      return [nested(11, shared), shared];
    };
    expect(hashOf(both(1))).to.not.equal(hashOf(both(2)));
    // One object twice, and two that are alike.
    const one = { n: 1 };
    expect(hashOf([one, one])).to.not.equal(hashOf([one, { n: 1 }]));
  });

  it('takes a mapping by its owner, its page, its place and whether it is there', () => {
    const [one, two] = [machine.task('one'), machine.task('two')];
    const window = kmapLocalPage(one, a!);
    const [mine, other, another] = [window, kmapLocalPage(two, a!), kmapLocalPage(one, b!)];
    expect(new Set([mine, other, another].map(hashOf)).size).to.equal(3);
    const before = hashOf(another);
    kunmapLocal(one, another);
    expect(hashOf(another)).to.not.equal(before);
    expect(isKernelObject(mine)).to.equal(true);
    expect(isKernelObject(machine.hardware)).to.equal(true);
  });

  it('takes contexts by name, queues by who waits, locks by who holds them, maps by content', () => {
    const [one, two] = [machine.task('first'), machine.task('second')];
    expect(hashOf(one)).to.not.equal(hashOf(two));
    const [empty, queue] = [new WaitQueue('q'), new WaitQueue('q')];
    expect(hashOf(queue)).to.equal(hashOf(empty));
    queue.add(one);
    expect(hashOf(queue)).to.not.equal(hashOf(empty));
    const [free, held] = [new Mutex(machine, 'm'), new Mutex(machine, 'm')];
    expect(hashOf(held)).to.equal(hashOf(free));
    held.tryLock(one);
    expect(hashOf(held)).to.not.equal(hashOf(free));
    expect(hashOf(new Set())).to.not.equal(hashOf(new Set([undefined])));
    expect(hashOf(new Map([[1, 2]]))).to.not.equal(hashOf(new Map([[1, 3]])));
    expect(hashOf([[1], 2])).to.not.equal(hashOf([[1, 2]]));
    const part = new Uint8Array([1, 2, 3]);
    expect(hashOf(part.subarray(1))).to.equal(hashOf(new Uint8Array([2, 3])));
    class Own {
      n: number;
      constructor(n: number) {
        this.n = n;
      }
    }
    expect(hashOf(new Own(1))).to.not.equal(hashOf(new Own(2)));
    expect([isPlain(new Own(1)), isPlain(Object.create(null) as object)]).to.deep.equal([false, true]);
    expect(new Set([machine, () => 1, null, 'text'].map(hashOf)).size).to.equal(4);
  });

  it('takes a data cache by all that it holds and should hold', () => {
    const { page } = kmapLocalPage(machine.task(), a!);
    const held = {
      page,
      colour: 0,
      bytes: new Uint8Array(2),
      held: new Uint8Array(2),
      dirty: new Uint8Array(2),
    };
    const key = (
      pages: readonly object[],
      expected: readonly (readonly [number, Uint8Array])[] = [],
    ): number => {
      const hash = new Hash();
      addCache(hash, { pages, expected } as unknown as DataCache);
      return hash.value;
    };
    const other = Uint8Array.of(0, 1);
    const keys = [
      key([]),
      key([held]),
      key([held, held]),
      key([{ ...held, page: b }]),
      key([{ ...held, colour: 1 }]),
      key([{ ...held, bytes: other }]),
      key([{ ...held, held: other }]),
      key([{ ...held, dirty: other }]),
      key([], [[7, other]]),
      key([], [[8, other]]),
      key([], [[7, new Uint8Array(2)]]),
    ];
    expect(new Set(keys).size).to.equal(keys.length);
    expect(key([{ ...held }])).to.equal(key([held]));
  });
});
