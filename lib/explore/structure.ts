/**
 * Hashes the structure of a value: what it holds, not which object it is.
 */
import { Context, Machine } from '../kernel/core/machine.ts';
import { WaitQueue } from '../kernel/parts/wait-queue.ts';
import { Window } from '../kernel/window/window.ts';
import type { DataCache } from '../machine/data-cache.ts';
import { Hardware } from '../machine/hardware.ts';
import { Page } from '../machine/memory.ts';
import { Atomic } from '../kernel/locking/atomic.ts';
import { Lock } from '../kernel/locking/lock.ts';
import { isProxy } from '../base/built-in.ts';
import { Hash } from '../base/hash.ts';

/** Whether a value's state is followed by the machine's own events. */
export function isKernelObject(value: object): boolean {
  return (
    value instanceof Lock ||
    value instanceof Atomic ||
    value instanceof Page ||
    value instanceof Window ||
    value instanceof Context ||
    value instanceof Machine ||
    value instanceof Hardware
  );
}

/** The proxies behind which actors are given what they share. */
const watched = new WeakSet();

/**
 * The key under which such a proxy gives what it stands for. A table of the targets would keep the objects of a schedule
 * in memory until the next full collection.
 */
export const TARGET: unique symbol = Symbol('target');

/** Says that a proxy gives what it stands for. */
export function noteWatched(proxy: object): void {
  watched.add(proxy);
}

/** What a watched proxy stands for; a Proxy of the program's own stands for itself. */
function behind(proxy: object): unknown {
  return watched.has(proxy) ? Reflect.get(proxy, TARGET) : proxy;
}

/** Whether a value is a plain object or an array, as literals make them. */
export function isPlain(value: object): boolean {
  if (isProxy(value) && !watched.has(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/**
 * Told of each function, each object of a class, and each object of the kernel that a structure holds. For a function it
 * returns a number that tells it from functions of the same text with other variables.
 */
export type Stranger = (value: object) => number | undefined;

/** Properties that an error has because of where it was made, not because of what it says. */
const OF_ERRORS = new Set<string | symbol>(['stack']);
const NONE: ReadonlySet<string | symbol> = new Set();
/** Arrays of bytes up to this length are asked for further properties; the question costs as much as the bytes. */
const SMALL_BYTES = 64;
/** Properties of every function. */
const OF_FUNCTIONS = new Set<string | symbol>(['length', 'name', 'prototype', 'arguments', 'caller']);

/**
 * Adds a value to a hash: numbers, text, bytes, and what objects hold, under whatever name and however deep. An object
 * that is met again adds its number only, so that objects which refer to each other do not make as many paths as there
 * are ways through them.
 */
export function addStructure(hash: Hash, value: unknown, stranger?: Stranger): Hash {
  // A stack of its own, because a list may be longer than the stack of calls is deep.
  const open: unknown[] = [value];
  let met: Map<object, number> | undefined;
  while (open.length > 0) {
    let next = open.pop();
    // An object of an actor's own may hold what it was given.
    if (typeof next === 'object' && next !== null && isProxy(next)) next = behind(next);
    if (next === null || (typeof next !== 'object' && typeof next !== 'function')) addPrimitive(hash, next);
    else if (addKernelObject(hash, next)) stranger?.(next);
    else {
      met ??= new Map();
      const known = met.get(next);
      if (known !== undefined) hash.add(25).add(known);
      else {
        met.set(next, met.size);
        addObject(hash, next, open, stranger);
      }
    }
  }
  return hash;
}

function addPrimitive(hash: Hash, value: unknown): void {
  switch (typeof value) {
    case 'number':
      hash.add(20).add(value);
      return;
    case 'object':
      hash.add(21);
      return;
    case 'string':
      hash.add(22).addText(value);
      return;
    case 'bigint':
    case 'boolean':
    case 'symbol':
      hash
        .add(24)
        .addText(typeof value)
        .addText(value.toString());
      return;
    default:
      hash.add(26);
  }
}

/** Adds what a simulated data cache holds, and what it should hold. */
export function addCache(hash: Hash, cache: DataCache): void {
  for (const { page, colour, bytes, held, dirty } of cache.pages)
    hash.add(page.pfn).add(colour).addBytes(bytes).addBytes(held).addBytes(dirty);
  for (const [pfn, bytes] of cache.expected) hash.add(pfn).addBytes(bytes);
}

/** Adds an object that the machine's events follow; false if it is none. */
function addKernelObject(hash: Hash, value: object): boolean {
  if (value instanceof Page) hash.add(11).add(value.pfn);
  else if (value instanceof Window)
    hash
      .add(12)
      .add(value.page.pfn)
      .add(value.pageOffset)
      .add(value.live ? 1 : 0)
      .addText(value.owner.name);
  else if (value instanceof Context) hash.add(13).addText(value.name);
  else if (value instanceof Machine || value instanceof Hardware) hash.add(14);
  else if (value instanceof WaitQueue) for (const waiter of value.waiters) hash.addText(waiter.name);
  else if (!hasState(value)) return false;
  else value.addTo(hash);
  return true;
}

/** Whether an object adds what it holds to a hash by itself, as one with private fields must. */
export function hasState(value: object): value is { addTo(hash: Hash): void } {
  return 'addTo' in value && typeof value.addTo === 'function';
}

function addObject(hash: Hash, value: object, open: unknown[], stranger: Stranger | undefined): void {
  if (typeof value === 'function') {
    hash.add(23).add(stranger?.(value) ?? textKey(value));
    addProperties(hash, value, OF_FUNCTIONS, open);
    return;
  }
  if (!isPlain(value)) stranger?.(value);
  let except = NONE;
  if (ArrayBuffer.isView(value)) {
    hash.addBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value.byteLength <= SMALL_BYTES) addProperties(hash, value, except, open);
    return;
  }
  if (value instanceof ArrayBuffer) hash.addBytes(new Uint8Array(value));
  else if (typeof SharedArrayBuffer !== 'undefined' && value instanceof SharedArrayBuffer)
    hash.addBytes(new Uint8Array(value));
  else if (value instanceof Date) hash.add(value.getTime());
  else if (value instanceof RegExp) hash.addText(value.source).addText(value.flags);
  else if (value instanceof Map || value instanceof Set) {
    hash.add(value.size);
    for (const part of value) open.push(part);
  } else if (value instanceof Error) except = OF_ERRORS;
  addProperties(hash, value, except, open);
}

const textKeys = new WeakMap<object, number>();

/** A hash of the text of a function, which is long and never changes. */
function textKey(fn: object): number {
  let key = textKeys.get(fn);
  if (key === undefined) {
    key = new Hash().addText(Function.prototype.toString.call(fn)).value;
    textKeys.set(fn, key);
  }
  return key;
}

function addProperties(
  hash: Hash,
  value: object,
  except: ReadonlySet<string | symbol>,
  open: unknown[],
): void {
  for (const key of Reflect.ownKeys(value)) {
    if (except.has(key)) continue;
    hash.addText(String(key));
    const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
    if (descriptor?.get === undefined) open.push(descriptor?.value);
    else open.push(descriptor.get, descriptor.set);
  }
  hash.add(15);
}
