/**
 * Transfer through the bounce pool: for each page the copies, slots and counts of a map and an unmap.
 */
import type { BouncePolicy } from './bounce.ts';
import type { BouncePool } from './bounce-pool.ts';
import type { Context } from './machine.ts';
import type { TransferJob } from './transfer.ts';

/** Moves pieces of device storage; what changed is not looked for, so `touched` is left to the path that does. */
export function transferBounce(
  context: Context,
  pool: BouncePool,
  policy: BouncePolicy,
  job: TransferJob,
): number {
  const { machine } = context;
  if (job.segments.storageOf(job.first) === undefined) return 0;
  machine.enter(context);
  if (!machine.isUnwatched || policy.writeBack === 'touched') return 0;
  if (machine.localSlots.beginSeries(context.task, context.cpu) < 0) return 0;
  const { ledger } = machine.hardware;
  let at = job.bufferOffset;
  let words = 0;
  let piece = job.first;
  // Where every byte of a buffer is filled before it is used nobody can tell one run from another, so the bytes of
  // one, which stay in the cache, serve them all.
  let hot: Uint8Array | undefined;
  for (; piece < job.end; piece += 1) {
    const device = storageIn(job, piece);
    const run = device === undefined ? undefined : pool.pass(device.length);
    if (device === undefined || run === undefined) break;
    const { length } = device;
    if (hot === undefined || hot.length < length || policy.prefill === 'none') hot = run.bytes;
    bounce(device, hot.length === length ? hot : hot.subarray(0, length), policy, job, at);
    words += (length + 3) >>> 2;
    at += length;
  }
  const maps = piece - job.first;
  // The buffer is one map; each copy between it and the device is another, in a local slot.
  const copies = Number(policy.prefill === 'copy') + Number(policy.sync === 'onUnmap');
  machine.localSlots.endSeries(context.task, maps * copies);
  ledger.maps += maps * (1 + copies);
  ledger.unmaps += maps * (1 + copies);
  ledger.deviceAccesses += words * copies;
  ledger.bytesBounced += (at - job.bufferOffset) * copies;
  return maps;
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

function bounce(
  device: Uint8Array,
  buffer: Uint8Array,
  { prefill, sync }: BouncePolicy,
  { buffer: peer, toBuffer }: TransferJob,
  at: number,
): void {
  if (prefill === 'copy') buffer.set(device);
  else if (prefill === 'zero') buffer.fill(0);
  if (toBuffer) peer.set(buffer, at);
  else buffer.set(new Uint8Array(peer.buffer, peer.byteOffset + at, buffer.length));
  if (sync === 'onUnmap') device.set(buffer);
}
