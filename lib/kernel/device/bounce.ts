/**
 * Bounce mapping of device memory for the CPU: the bytes are copied into a lowmem buffer, accessed
 * there with plain loads and stores, and copied back.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { BounceExhausted } from '../../base/errors.ts';
import { fillBytes } from '../../base/bytes.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import type { BounceRun, BouncePool } from './bounce-pool.ts';
import { mapIo, unmapIo } from './io-mapping.ts';
import type { Context } from '../core/machine.ts';
import { checkOnePage } from '../core/one-page.ts';
import { storageIn } from '../parts/piece-range.ts';
import type { PieceRange } from '../parts/piece-range.ts';
import { checkRelease, releaserOf } from '../core/release-checks.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';

/** How a bounce buffer is filled at the map, and what is copied back. */
export interface BouncePolicy {
  /** `copy` (as swiotlb): the device's bytes. `zero` (as QEMU). `none`: the bytes of the last user stay. */
  readonly prefill: 'copy' | 'zero' | 'none';
  /** `all`: everything. `touched`: bytes that changed. `length`: the first `accessedBytes`, as QEMU. */
  readonly writeBack: 'all' | 'touched' | 'length';
  /** `onUnmap`: the release copies back. `explicit`: only `syncForDevice` does. */
  readonly sync: 'onUnmap' | 'explicit';
}

/** The policy of swiotlb. It is the only one that keeps the bytes which the driver did not write. */
export const DEFAULT_BOUNCE_POLICY: BouncePolicy = { prefill: 'copy', writeBack: 'all', sync: 'onUnmap' };

/** A window on a bounce buffer for device memory. */
export class BounceWindow extends RamWindow {
  override get reusable(): boolean {
    return false;
  }

  override get kind(): MemoryKind {
    return this.devicePage?.kind ?? this.page.kind;
  }

  /** The device page that was bounced. */
  devicePage: Page | undefined = undefined;
  deviceOffset = 0;
  run: BounceRun | undefined = undefined;
  pool: BouncePool | undefined = undefined;
  policy: BouncePolicy = DEFAULT_BOUNCE_POLICY;
  /** With `writeBack: 'length'`: the number of bytes to copy back. Initially the whole window. */
  accessedBytes = 0;
  /** The buffer's content at the map, if the policy needs it to find the changed bytes. */
  before: Uint8Array | undefined = undefined;
}

/** Maps through a bounce pool. */
const BY_BOUNCE: Mechanism<BounceWindow> = {
  name: 'bounce',
  unmapName: 'unmap',
  scope: 'global',
  pool: 'bounce pool',
  isAtomic: false,
  release: (window) => {
    unmapBounce(releaserOf(window), window);
  },
};

/**
 * Maps device memory through the bounce pool.
 *
 * @linux none; the pool and its default policy follow swiotlb_tbl_map_single (7.2)
 * @context any; does not sleep
 * @errors BounceExhausted
 */
export function mapBounce(
  context: Context,
  pool: BouncePool,
  page: Page,
  pageOffset: number,
  lengthBytes: number,
  policy: BouncePolicy,
): Result<BounceWindow, BounceExhausted> {
  const { machine } = context;
  machine.enter(context);
  machine.checkOwn(page);
  checkOnePage(context, page, pageOffset, lengthBytes);
  const run = pool.take(lengthBytes);
  if (run === undefined) machine.hardware.trace?.record({ event: 'refused', what: 'bounce pool' });
  if (run === undefined)
    return err({
      code: 'BounceExhausted',
      needBytes: lengthBytes,
      freeBytes: pool.freeBytes,
      largestRunBytes: pool.longestBelow(lengthBytes),
    });
  const window = new BounceWindow(machine.hardware, run.page, context);
  window.devicePage = page;
  window.deviceOffset = pageOffset;
  window.run = run;
  window.pool = pool;
  window.policy = policy;
  window.accessedBytes = lengthBytes;
  window.chunk = machine.hardware.memory.touch(run.page);
  window.base = run.page.chunkOffset + run.pageOffset;
  window.pageOffset = run.pageOffset;
  window.lengthBytes = lengthBytes;
  window.slot = run.firstSlot;
  window.cpu = context.cpu.id;
  window.mapBy(BY_BOUNCE);
  machine.hardware.trace?.record({
    event: 'bounce-map',
    by: context.actor,
    slot: run.firstSlot,
    lengthBytes,
  });
  try {
    if (policy.prefill === 'copy') copyIn(context, window);
    else if (policy.prefill === 'zero') raw(window).fill(0);
  } catch (error) {
    pool.give(run);
    throw error;
  }
  if (policy.writeBack === 'touched') window.before = raw(window).slice();
  machine.mapped(window, context);
  return ok(window);
}

function raw(window: BounceWindow): Uint8Array {
  return new Uint8Array(window.chunk.bytes.buffer, window.base, window.lengthBytes);
}

function withDevice(
  context: Context,
  window: BounceWindow,
  use: (io: Window, buffer: Uint8Array) => void,
): void {
  const { devicePage } = window;
  if (devicePage === undefined) return;
  const io = mapIo(context, devicePage, window.deviceOffset, window.lengthBytes);
  try {
    use(io, raw(window));
  } finally {
    if (io.live) unmapIo(context, io);
  }
}

function copyIn(context: Context, window: BounceWindow): void {
  withDevice(context, window, (io, buffer) => {
    io.copyTo(buffer);
  });
  context.machine.hardware.ledger.bytesBounced += window.lengthBytes;
}

function copyOut(context: Context, window: BounceWindow): void {
  const { before, policy } = window;
  const { ledger } = context.machine.hardware;
  withDevice(context, window, (io, buffer) => {
    if (policy.writeBack === 'length') {
      io.copyFrom(buffer.subarray(0, window.accessedBytes));
      ledger.bytesBounced += window.accessedBytes;
    } else if (before === undefined) {
      io.copyFrom(buffer);
      ledger.bytesBounced += buffer.length;
    } else {
      for (const [from, to] of changedRuns(before, buffer)) {
        io.copyFrom(buffer.subarray(from, to), from);
        ledger.bytesBounced += to - from;
      }
      before.set(buffer);
    }
  });
}

function* changedRuns(before: Uint8Array, after: Uint8Array): Generator<readonly [from: number, to: number]> {
  for (let at = 0; at < after.length; at += 1) {
    if (before[at] === after[at]) continue;
    const from = at;
    while (at < after.length && before[at] !== after[at]) at += 1;
    yield [from, at];
  }
}

/**
 * Copies the device memory to the buffer.
 *
 * @linux none; as swiotlb_sync_single_for_cpu (7.2), the other side being device memory
 * @context any
 */
export function syncForCpu(context: Context, window: BounceWindow): void {
  context.machine.guard?.syncArrays();
  copyIn(context, window);
  window.before?.set(raw(window));
  traceSync(context, window);
}

/**
 * Copies the buffer to device memory, as the policy says.
 *
 * @linux none; as swiotlb_sync_single_for_device (7.2), the other side being device memory
 * @context any
 */
export function syncForDevice(context: Context, window: BounceWindow): void {
  context.machine.guard?.syncArrays();
  copyOut(context, window);
  traceSync(context, window);
}

function traceSync(context: Context, window: BounceWindow): void {
  context.machine.guard?.syncArrays();
  context.machine.hardware.trace?.record({
    event: 'bounce-sync',
    by: context.actor,
    slot: window.slot,
    lengthBytes: window.lengthBytes,
  });
}

/** Releases a bounce mapping; copies it back first if the policy says so. */
export function unmapBounce(asked: Context, window: Window): void {
  const { machine } = asked;
  const context = machine.enter(asked);
  if (!checkRelease(context, window, BY_BOUNCE) || !(window instanceof BounceWindow)) return;
  machine.guard?.syncArrays();
  if (window.policy.sync === 'onUnmap') copyOut(context, window);
  machine.hardware.trace?.record({
    event: 'bounce-unmap',
    by: context.actor,
    slot: window.slot,
    lengthBytes: window.lengthBytes,
  });
  machine.unmapped(window, context);
  if (window.run !== undefined) window.pool?.give(window.run);
}

/**
 * Counts bounce mappings of pieces of device memory as if each had been made and released in turn. Only for speed.
 *
 * Copying the device's bytes into a buffer and back does not change them, so no bytes are copied: the caller accesses
 * them in place. This is right only if the policy fills the whole buffer and writes all of it back; for other policies
 * no piece is counted. The pool must not be shared, because another user that does not fill its buffers would read
 * the bytes that the last piece left there.
 *
 * @linux none
 * @context any; on a machine that is watched it counts no piece
 */
export function passBounce(
  context: Context,
  pool: BouncePool,
  policy: BouncePolicy,
  range: PieceRange,
): number {
  const { prefill, writeBack, sync } = policy;
  if (prefill === 'none' || writeBack === 'touched' || sync === 'explicit') return 0;
  const { machine } = context;
  if (storageIn(range, range.first) === undefined) return 0;
  machine.enter(context);
  if (!machine.watch.isOff || !machine.localSlots.mayMap(context.task, context.cpu, 1)) return 0;
  const { ledger } = machine.hardware;
  const copies = prefill === 'copy' ? 2 : 1;
  let bytes = 0;
  let words = 0;
  let piece = range.first;
  for (; piece < range.end; piece += 1) {
    const device = storageIn(range, piece);
    if (device === undefined || pool.pass(device.length) < 0) break;
    if (prefill === 'zero') fillBytes(device, 0);
    bytes += device.length;
    words += (device.length + 3) >>> 2;
  }
  const maps = piece - range.first;
  // Each copy between buffer and device makes a local map.
  context.task.localMaps.count(maps * copies);
  ledger.count(maps);
  ledger.deviceAccesses += words * copies;
  ledger.bytesBounced += bytes * copies;
  return maps;
}
