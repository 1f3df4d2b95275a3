/**
 * Hashes the structure of a value: what it holds, not which object it is.
 */
import { Context, Machine } from '../kernel/core/machine.ts';
import { WaitQueue } from '../kernel/parts/wait-queue.ts';
import { Window } from '../kernel/window/window.ts';
import type { DataCache } from '../machine/data-cache.ts';
import { Hardware } from '../machine/hardware.ts';
import { Page } from '../machine/memory.ts';
import { Lock } from '../kernel/locking/lock.ts';
import type { Hash } from '../base/hash.ts';

/** Deeper structures are cut off; what lies below is not told apart. */
const DEPTH = 12;

/** Whether a value's state is followed by the machine's own events. */
export function isKernelObject(value: object): boolean {
  return (
    value instanceof Lock ||
    value instanceof Page ||
    value instanceof Window ||
    value instanceof Context ||
    value instanceof Machine ||
    value instanceof Hardware
  );
}

/** Whether a value is a plain object or an array, as literals make them. */
export function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Objects met so far: the number of each, and how deep it lay. */
type Met = Map<object, { readonly number: number; readonly depth: number }>;

/**
 * Adds a value to a hash: numbers, text, bytes, and what objects hold in public fields. An object that is met again adds
 * its number only, so that objects which refer to each other do not make as many paths as there are ways through them.
 */
export function addStructure(hash: Hash, value: unknown, depth = 0, met?: Met): void {
  switch (typeof value) {
    case 'number':
      hash.add(20).add(value);
      return;
    case 'object':
      if (value === null) hash.add(21);
      else if (depth > DEPTH) hash.add(22);
      else addObject(hash, value, depth, met);
      return;
    case 'function':
      hash.add(23);
      return;
    default:
      hash
        .add(24)
        .addText(typeof value)
        .addText(String(value));
  }
}

/** Adds what a simulated data cache holds, and what it should hold. */
export function addCache(hash: Hash, cache: DataCache): void {
  for (const { page, colour, bytes, held, dirty } of cache.pages)
    hash.add(page.pfn).add(colour).addBytes(bytes).addBytes(held).addBytes(dirty);
  for (const [pfn, bytes] of cache.expected) hash.add(pfn).addBytes(bytes);
}

function addObject(hash: Hash, value: object, depth: number, met: Met = new Map()): void {
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
  else if (value instanceof Lock) value.addTo(hash);
  else if (value instanceof WaitQueue) for (const waiter of value.waiters) hash.addText(waiter.name);
  else if (ArrayBuffer.isView(value))
    hash.addBytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  else if (isNew(hash, value, depth, met)) addParts(hash, value, depth, met);
}

/** Whether an object is to be looked into; one that lay deeper before is, because the depth may have cut its parts off. */
function isNew(hash: Hash, value: object, depth: number, met: Met): boolean {
  const known = met.get(value);
  if (known !== undefined && known.depth <= depth) {
    hash.add(25).add(known.number);
    return false;
  }
  met.set(value, { number: known?.number ?? met.size, depth });
  return true;
}

function addParts(hash: Hash, value: object, depth: number, met: Met): void {
  if (value instanceof Map || value instanceof Set) {
    hash.add(value.size);
    for (const part of value) addStructure(hash, part, depth + 1, met);
  } else {
    for (const [key, part] of Object.entries(value)) {
      hash.addText(key);
      addStructure(hash, part, depth + 1, met);
    }
    hash.add(15);
  }
}
