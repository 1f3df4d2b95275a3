/**
 * Transfer through the bounce pool: for each page the copies, slots and counts of a map and an unmap.
 */
import { fillBytes, setBytes } from '../base/bytes.ts';
import type { BouncePolicy } from './bounce.ts';
import type { BouncePool } from './bounce-pool.ts';
import type { PhysicalMemory } from '../machine/memory.ts';
import type { Context } from './machine.ts';
import type { TransferJob } from './transfer.ts';

/** A bounce pool, and whether others bounce through it too. */
export interface PoolUse {
  readonly pool: BouncePool;
  readonly isShared: boolean;
}

/** Moves pieces of device storage; what changed is not looked for, so `touched` is left to the path that does. */
export function transferBounce(
  context: Context,
  { pool, isShared }: PoolUse,
  policy: BouncePolicy,
  job: TransferJob,
): number {
  const { machine } = context;
  if (job.segments.storageOf(job.first) === undefined) return 0;
  machine.enter(context);
  if (!machine.isUnwatched || policy.writeBack === 'touched') return 0;
  if (machine.localSlots.beginSeries(context.task, context.cpu) < 0) return 0;
  const { ledger } = machine.hardware;
  const passed: Passed = { bytes: 0, words: 0 };
  // Where every byte of a buffer is filled before it is used nobody can tell one run from another, so the bytes of
  // one, which stay in the cache, serve them all; unless somebody else may find in a run what this one left there.
  const eachItsOwn = isShared || policy.prefill === 'none';
  const maps = bounceEach(machine.hardware.memory, { pool, eachItsOwn }, policy, job, passed);
  // The buffer is one map; each copy between it and the device is another, in a local slot.
  const copies = Number(policy.prefill === 'copy') + Number(policy.sync === 'onUnmap');
  context.task.localMaps.endSeries(maps * copies);
  ledger.maps += maps;
  ledger.unmaps += maps;
  ledger.deviceAccesses += passed.words * copies;
  ledger.bytesBounced += passed.bytes * copies;
  return maps;
}

/** What one copy between device and buffer moved. */
interface Passed {
  bytes: number;
  /** Of four bytes, as a device sees them. */
  words: number;
}

function bounceEach(
  memory: PhysicalMemory,
  { pool, eachItsOwn }: { readonly pool: BouncePool; readonly eachItsOwn: boolean },
  policy: BouncePolicy,
  job: TransferJob,
  passed: Passed,
): number {
  const { first, end, buffer, toBuffer } = job;
  const copiesIn = policy.prefill === 'copy';
  const copiesBack = policy.sync === 'onUnmap';
  // What goes back is what the caller gets, so it may go while the device's bytes are in the cache; unless the caller's
  // buffer lies over memory, where the order of two copies could be told.
  const backFirst = copiesBack && toBuffer && !memory.holds(buffer);
  const backLast = copiesBack && !backFirst;
  const zeroes = policy.prefill === 'zero';
  const isCommon = copiesIn && backFirst && !eachItsOwn;
  let bytes: Uint8Array | undefined;
  let at = job.bufferOffset;
  let piece = first;
  for (; piece < end; piece += 1) {
    if (isCommon && (piece > first || job.skipBytes === 0)) {
      const before = passed.bytes;
      piece = bounceOut(job, pool, piece, at, passed);
      at += passed.bytes - before;
      if (piece === end) break;
    }
    const device = storageIn(job, piece);
    const slot = device === undefined ? -1 : pool.pass(device.length);
    if (device === undefined || slot < 0) break;
    const { length } = device;
    if (bytes === undefined || bytes.length !== length || eachItsOwn)
      bytes = pool.runAt(slot, length).bytes.subarray(0, length);
    if (copiesIn) setBytes(bytes, device, 0);
    else if (zeroes) fillBytes(bytes, 0);
    if (backFirst) setBytes(device, bytes, 0);
    if (toBuffer) setBytes(buffer, bytes, at);
    else setBytes(bytes, new Uint8Array(buffer.buffer, buffer.byteOffset + at, length), 0);
    if (backLast) setBytes(device, bytes, 0);
    at += length;
    passed.bytes += length;
    passed.words += (length + 3) >>> 2;
  }
  return piece - first;
}

/**
 * The most common way of `bounceEach`, with whole pieces out of the device: a loop of few instructions, because each
 * piece pushes them out of the cache.
 */
function bounceOut(
  { segments, end, cutBytes, buffer }: TransferJob,
  pool: BouncePool,
  first: number,
  bufferOffset: number,
  passed: Passed,
): number {
  const { storage } = segments;
  const wholeEnd = cutBytes > 0 ? end - 1 : end;
  let bytes: Uint8Array | undefined;
  let at = bufferOffset;
  let piece = first;
  for (; piece < wholeEnd; piece += 1) {
    const device = storage[piece];
    if (device === undefined) break;
    const { length } = device;
    const slot = pool.pass(length);
    if (slot < 0) break;
    if (bytes?.length !== length) bytes = pool.runAt(slot, length).bytes.subarray(0, length);
    setBytes(bytes, device, 0);
    setBytes(device, bytes, 0);
    setBytes(buffer, bytes, at);
    at += length;
    passed.bytes += length;
    passed.words += (length + 3) >>> 2;
  }
  return piece;
}

function storageIn(
  { segments, first, end, skipBytes, cutBytes }: TransferJob,
  index: number,
): Uint8Array | undefined {
  const from = index === first ? skipBytes : 0;
  const cut = index === end - 1 ? cutBytes : 0;
  const whole = segments.storageOf(index);
  return from + cut === 0 ? whole : whole?.subarray(from, whole.length - cut);
}
