/**
 * What `setup` returned, watched: which actor reads and writes what.
 *
 * Plain objects and arrays are handed out behind proxies, so that each read and each write of a
 * property is seen. Objects of the kernel are followed by the machine's events, and bare wait queues by their calls.
 * Everything else (typed arrays, lists, functions, a class of the author) cannot be watched; it counts as read by every
 * step, and as written by each step after which it looks different.
 */
import { WaitQueue } from '../kernel/parts/wait-queue.ts';
import { Hash } from '../base/hash.ts';
import { shortLived } from '../base/short-lived.ts';
import { addStructure, isKernelObject, isPlain, noteWatched, TARGET } from './structure.ts';
import type { Stranger } from './structure.ts';

/** Told about accesses. */
export interface SharedWatcher {
  sharedRead(place: string, value: unknown): void;
  sharedWrite(place: string, value?: unknown): void;
  queueUsed(name: string): void;
}

/** The shared values of one execution. */
export class SharedState {
  /** What actors are given. */
  readonly watched: object;
  private readonly root: object;
  private readonly watcher: SharedWatcher;
  private readonly stranger: Stranger | undefined;
  readonly #proxies = new Map<object, object>();
  readonly #targets = new Map<object, object>();
  readonly #opaque = new Set<object>();
  readonly #searched = new Set<object>();
  readonly #hash = new Hash();

  /** `stranger` is told of functions and of objects of a class, whenever one is met. */
  constructor(root: object, watcher: SharedWatcher, stranger?: Stranger) {
    this.root = root;
    this.watcher = watcher;
    this.stranger = stranger;
    this.watched = this.#proxy(root, '');
    this.findOpaque(root);
  }

  /** Adds all that is shared to a state key. */
  addTo(hash: Hash): void {
    addStructure(hash, this.root, this.stranger);
  }

  /** The content of what cannot be watched, or 0 where there is nothing of that kind. */
  opaqueHash(): number {
    if (this.#opaque.size === 0) return 0;
    this.#hash.reset();
    for (const value of this.#opaque) addStructure(this.#hash, value, this.stranger);
    return this.#hash.value;
  }

  /** Changes with each wake-up of a bare queue, also one that finds no waiter and leaves no trace. */
  wakeUps(): number {
    let sum = 0;
    for (const value of this.#opaque) if (value instanceof WaitQueue) sum += value.wakeUps;
    return sum;
  }

  /** Looks through a value for what cannot be watched; what was looked through before is not again. */
  findOpaque(from: unknown): void {
    const open = [from];
    while (open.length > 0) {
      const value = this.bare(open.pop());
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) continue;
      if (this.#searched.has(value) || isKernelObject(value)) continue;
      this.#searched.add(value);
      if (isFree(value)) {
        for (const key of Reflect.ownKeys(value)) {
          const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
          open.push(descriptor?.value, descriptor?.get, descriptor?.set);
        }
      } else if (isBareQueue(value)) {
        const { name } = value;
        value.onUse = shortLived(() => {
          this.watcher.queueUsed(name);
        });
      } else this.#opaque.add(value);
    }
  }

  /** The value of a property as actors get it. */
  handOut(owner: object, key: string | symbol, value: unknown, place: string): unknown {
    if (typeof value !== 'object' || value === null || !isFree(value)) return value;
    // An actor has put it into an object of its own, and shared that. Each proxy of a proxy would double the work.
    if (this.#targets.has(value)) return value;
    // A property that can never change must be handed out as it is, so its value cannot be watched.
    const { configurable, writable } = Reflect.getOwnPropertyDescriptor(owner, key) ?? {};
    if (configurable !== false || writable !== false) return this.#proxy(value, place);
    this.#opaque.add(value);
    return value;
  }

  /** What is behind a proxy: shared objects refer to each other, not to proxies. */
  bare(value: unknown): unknown {
    return typeof value === 'object' && value !== null ? (this.#targets.get(value) ?? value) : value;
  }

  #proxy(target: object, place: string): object {
    const known = this.#proxies.get(target);
    if (known !== undefined) return known;
    const proxy = new Proxy(target, new Watching(this, this.watcher, place));
    this.#proxies.set(target, proxy);
    this.#targets.set(proxy, target);
    noteWatched(proxy);
    return proxy;
  }
}

/** The traps of the proxy for one object. A class, because schedules make many proxies, and each would make a dozen functions. */
class Watching implements ProxyHandler<object> {
  private readonly state: SharedState;
  private readonly watcher: SharedWatcher;
  private readonly place: string;

  constructor(state: SharedState, watcher: SharedWatcher, place: string) {
    this.state = state;
    this.watcher = watcher;
    this.place = place;
  }

  get(object: object, key: string | symbol, receiver: unknown): unknown {
    if (key === TARGET) return object;
    const value: unknown = Reflect.get(object, key, receiver);
    // A method that every object or array has is no state.
    if (typeof value === 'function' && !Object.hasOwn(object, key)) return value;
    const at = this.#at(key);
    this.watcher.sharedRead(at, value);
    return this.state.handOut(object, key, value, at);
  }

  set(object: object, key: string | symbol, value: unknown, receiver: unknown): boolean {
    const bare = this.state.bare(value);
    this.#write(key, !(key in object), bare);
    this.state.findOpaque(bare);
    const { set } = Reflect.getOwnPropertyDescriptor(object, key) ?? {};
    if (set === undefined) return Reflect.set(object, key, bare);
    Reflect.apply(set, receiver, [value]);
    return true;
  }

  defineProperty(object: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#write(key, true, descriptor.value);
    const bare =
      'value' in descriptor ? { ...descriptor, value: this.state.bare(descriptor.value) } : descriptor;
    this.state.findOpaque(bare);
    return Reflect.defineProperty(object, key, bare);
  }

  getOwnPropertyDescriptor(object: object, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
    const at = this.#at(key);
    this.watcher.sharedRead(at, descriptor?.value);
    return descriptor === undefined || !('value' in descriptor)
      ? descriptor
      : { ...descriptor, value: this.state.handOut(object, key, descriptor.value, at) };
  }

  deleteProperty(object: object, key: string | symbol): boolean {
    this.#write(key, true);
    return Reflect.deleteProperty(object, key);
  }

  has(object: object, key: string | symbol): boolean {
    this.watcher.sharedRead(this.#at(key), Reflect.has(object, key));
    return Reflect.has(object, key);
  }

  ownKeys(object: object): (string | symbol)[] {
    const keys = Reflect.ownKeys(object);
    for (const key of keys) this.watcher.sharedRead(this.#at(key), true);
    this.watcher.sharedRead(this.#at('*'), keys.length);
    return keys;
  }

  setPrototypeOf(object: object, prototype: object | null): boolean {
    this.#write('*', true);
    return Reflect.setPrototypeOf(object, prototype);
  }

  preventExtensions(object: object): boolean {
    this.#write('*', true);
    return Reflect.preventExtensions(object);
  }

  isExtensible(object: object): boolean {
    this.watcher.sharedRead(this.#at('*'), Reflect.isExtensible(object));
    return Reflect.isExtensible(object);
  }

  #at(key: string | symbol): string {
    return `${this.place}.${String(key)}`;
  }

  #write(key: string | symbol, isNew: boolean, value?: unknown): void {
    this.watcher.sharedWrite(this.#at(key), value);
    if (isNew) this.watcher.sharedWrite(this.#at('*'));
  }
}

// What a program reads of a queue without a call, it names.
function isBareQueue(value: object): value is WaitQueue {
  return Object.getPrototypeOf(value) === WaitQueue.prototype;
}

/** Whether an object can be handed out behind a proxy. */
function isFree(value: object): boolean {
  return isPlain(value) && !Object.isFrozen(value);
}
