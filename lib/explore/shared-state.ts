/**
 * What `setup` returned, watched: which actor reads and writes what.
 *
 * Plain objects and arrays are handed out behind proxies, so that each read and each write of a
 * property is seen. Objects of the kernel are followed by the machine's events. Everything else (typed
 * arrays, lists, a class of the author) cannot be watched; it counts as read by every step, and as
 * written by each step after which it looks different.
 */
import { WaitQueue } from '../kernel/parts/wait-queue.ts';
import { Hash } from '../base/hash.ts';
import { addStructure, isKernelObject, isPlain } from './structure.ts';

/** Told about accesses. */
export interface SharedWatcher {
  sharedRead(place: string, value: unknown): void;
  sharedWrite(place: string): void;
}

/** The shared values of one execution. */
export class SharedState {
  /** What actors are given. */
  readonly watched: object;
  private readonly root: object;
  private readonly watcher: SharedWatcher;
  readonly #proxies = new WeakMap<object, object>();
  readonly #opaque = new Set<object>();
  readonly #hash = new Hash();

  constructor(root: object, watcher: SharedWatcher) {
    this.root = root;
    this.watcher = watcher;
    this.watched = this.#proxy(root, '');
    this.#findOpaque(root, new Set());
  }

  /** Adds all that is shared to a state key. */
  addTo(hash: Hash): void {
    addStructure(hash, this.root);
  }

  /** The content of what cannot be watched, or 0 where there is nothing of that kind. */
  opaqueHash(): number {
    if (this.#opaque.size === 0) return 0;
    this.#hash.reset();
    for (const value of this.#opaque) addStructure(this.#hash, value);
    return this.#hash.value;
  }

  /** Changes with each wake-up of a bare queue, also one that finds no waiter and leaves no trace. */
  wakeUps(): number {
    let sum = 0;
    for (const value of this.#opaque) if (value instanceof WaitQueue) sum += value.wakeUps;
    return sum;
  }

  #findOpaque(value: unknown, seen: Set<object>): void {
    if (typeof value !== 'object' || value === null || seen.has(value) || isKernelObject(value)) return;
    seen.add(value);
    if (!isPlain(value) || Object.isFrozen(value)) this.#opaque.add(value);
    else for (const part of Object.values(value)) this.#findOpaque(part, seen);
  }

  #wrap(value: unknown, place: string): unknown {
    if (typeof value !== 'object' || value === null || !isPlain(value) || Object.isFrozen(value))
      return value;
    return this.#proxy(value, place);
  }

  #proxy(target: object, place: string): object {
    const known = this.#proxies.get(target);
    if (known !== undefined) return known;
    const watcher = this.watcher;
    const proxy = new Proxy(target, {
      get: (object, key) => {
        const value: unknown = Reflect.get(object, key);
        if (typeof key === 'symbol' || typeof value === 'function') return value;
        const here = `${place}.${key}`;
        watcher.sharedRead(here, value);
        return this.#wrap(value, here);
      },
      set: (object, key, value: unknown) => {
        watcher.sharedWrite(`${place}.${String(key)}`);
        if (!(key in object)) watcher.sharedWrite(`${place}.*`);
        this.#findOpaque(value, new Set());
        return Reflect.set(object, key, value);
      },
      deleteProperty: (object, key) => {
        watcher.sharedWrite(`${place}.${String(key)}`);
        watcher.sharedWrite(`${place}.*`);
        return Reflect.deleteProperty(object, key);
      },
      has: (object, key) => {
        watcher.sharedRead(`${place}.${String(key)}`, Reflect.has(object, key));
        return Reflect.has(object, key);
      },
      ownKeys: (object) => {
        const keys = Reflect.ownKeys(object);
        for (const key of keys) watcher.sharedRead(`${place}.${String(key)}`, true);
        watcher.sharedRead(`${place}.*`, keys.length);
        return keys;
      },
    });
    this.#proxies.set(target, proxy);
    return proxy;
  }
}
