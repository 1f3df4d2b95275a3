/**
 * Transfer through the bounce pool: for each page the copies, slots and counts of a map and an unmap.
 */
import type { Page } from '../machine/memory.ts';
import type { BouncePolicy } from './bounce.ts';
import type { BouncePool } from './bounce-pool.ts';
import type { Context } from './machine.ts';
import type { EntryArrays, TransferJob } from './transfer.ts';

/** Views of device storage kept for a list, beside what they were made for; see `KeptEntries`. */
class DeviceViews {
  readonly #list: EntryArrays;
  readonly #pages: (Page | null | undefined)[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];
  readonly #views: (readonly Uint8Array[] | undefined)[] = [];

  constructor(list: EntryArrays) {
    this.#list = list;
  }

  /** An entry's bytes page by page, where it lies in one region that nobody sees read; else nothing. */
  of(entry: number): readonly Uint8Array[] | undefined {
    const { pages, offsets, lengths } = this.#list;
    const page = pages[entry];
    const offset = offsets[entry] ?? 0;
    const length = lengths[entry] ?? 0;
    const isKept =
      this.#pages[entry] === page && this.#offsets[entry] === offset && this.#lengths[entry] === length;
    if (isKept) return this.#views[entry];
    this.#pages[entry] = page;
    this.#offsets[entry] = offset;
    this.#lengths[entry] = length;
    return (this.#views[entry] = storageOf(page, offset, length));
  }
}

function storageOf(
  first: Page | null | undefined,
  offset: number,
  lengthBytes: number,
): readonly Uint8Array[] | undefined {
  if (first === null || first === undefined || lengthBytes === 0) return undefined;
  const { memory, region, firstPfn, pages } = first.zone;
  if (region === undefined || region.handlers !== undefined) return undefined;
  if (first.pfn + ((offset + lengthBytes - 1) >>> memory.pageShift) >= firstPfn + pages) return undefined;
  const views: Uint8Array[] = [];
  for (let at = offset; at < offset + lengthBytes;) {
    const page = memory.nthPage(first, at >>> memory.pageShift);
    const inPage = at & memory.pageMask;
    const part = Math.min(offset + lengthBytes - at, memory.pageSize - inPage);
    views.push(memory.touch(page).view(page.chunkOffset + inPage, part));
    at += part;
  }
  return views;
}

const kept = new WeakMap<EntryArrays, DeviceViews>();

function keptViews(list: EntryArrays): DeviceViews {
  const known = kept.get(list);
  if (known !== undefined) return known;
  const made = new DeviceViews(list);
  kept.set(list, made);
  return made;
}

/**
 * Moves entries of device storage. Entries of many pages only through a pool that nobody else uses, which has
 * room for each of them; what changed is not looked for, so `touched` is left to the path that does.
 */
export function transferBounce(
  context: Context,
  pool: BouncePool,
  policy: BouncePolicy,
  job: TransferJob,
): number {
  const { machine } = context;
  machine.enter(context);
  if (!machine.isUnwatched || policy.writeBack === 'touched') return 0;
  if (machine.localSlots.beginSeries(context.task, context.cpu) < 0) return 0;
  const { ledger } = machine.hardware;
  const views = keptViews(job.list);
  const mostPages = pool.slotsInUse === 0 && pool.mostBytes >= machine.pageSize ? Infinity : 1;
  let at = job.bufferOffset;
  let maps = 0;
  let words = 0;
  let entry = job.firstSlot;
  entries: for (; entry < job.endSlot; entry += 1) {
    const pieces = views.of(entry);
    if (pieces === undefined || pieces.length > mostPages) break;
    for (let i = 0; i < pieces.length; i += 1) {
      const device = pieces[i];
      const run = device === undefined ? undefined : pool.take(device.length);
      if (device === undefined || run === undefined) break entries;
      const { length } = device;
      bounce(
        device,
        run.bytes.length === length ? run.bytes : run.bytes.subarray(0, length),
        policy,
        job,
        at,
      );
      pool.give(run);
      words += (length + 3) >>> 2;
      maps += 1;
      at += length;
    }
  }
  // The buffer is one map; each copy between it and the device is another, in a local slot.
  const copies = Number(policy.prefill === 'copy') + Number(policy.sync === 'onUnmap');
  machine.localSlots.endSeries(context.task, maps * copies);
  ledger.maps += maps * (1 + copies);
  ledger.unmaps += maps * (1 + copies);
  ledger.deviceAccesses += words * copies;
  ledger.bytesBounced += (at - job.bufferOffset) * copies;
  return entry - job.firstSlot;
}

// Every byte goes through the buffer, in two copies. The third would fill it with bytes that are overwritten at
// once, or give the device the bytes that it has: nobody can see it done, so it is counted only.
function bounce(
  device: Uint8Array,
  buffer: Uint8Array,
  { prefill, sync }: BouncePolicy,
  { buffer: peer, toBuffer }: TransferJob,
  at: number,
): void {
  if (toBuffer) {
    if (prefill === 'copy') buffer.set(device);
    else if (prefill === 'zero') buffer.fill(0);
    peer.set(buffer, at);
    if (prefill === 'copy' && peer.buffer !== device.buffer) return;
  } else buffer.set(new Uint8Array(peer.buffer, peer.byteOffset + at, buffer.length));
  if (sync === 'onUnmap') device.set(buffer);
}
