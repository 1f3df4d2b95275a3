/**
 * `bus_dma` of FreeBSD: a load that lacks bounce pages is deferred, and a callback gets the segments later.
 */
import { invariant } from '../../base/invariant.ts';
import type { Context, Machine } from '../../kernel/core/machine.ts';
import { maySleep } from '../../kernel/core/preempt.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { waitEvent } from '../../kernel/locking/wait-event.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { EBUSY, EFBIG, EINPROGRESS, ENOMEM } from '../err-ptr.ts';
import { BounceZone, BusDmamap, newTag } from './bus-dma-zone.ts';
import type { BusDmaCallback, BusDmaLimits, BusDmaLoad, BusDmaSegment, BusDmaTag } from './bus-dma-zone.ts';

/** The load may be deferred. */
const BUS_DMA_WAITOK = 0;
/** The load fails in place of being deferred. */
const BUS_DMA_NOWAIT = 1;
/** The tag gets its bounce pages at once. */
const BUS_DMA_ALLOCNOW = 2;

/** The device is about to write memory. */
const BUS_DMASYNC_PREREAD = 1;
/** The device has written memory. */
const BUS_DMASYNC_POSTREAD = 2;
/** The device is about to read memory. */
const BUS_DMASYNC_PREWRITE = 4;
/** The device has read memory. */
const BUS_DMASYNC_POSTWRITE = 8;

/** The functions of `bus_dma`, the device of the driver, and the sleep that a driver needs. */
export interface BusDma {
  readonly BUS_DMA_WAITOK: number;
  readonly BUS_DMA_NOWAIT: number;
  readonly BUS_DMA_ALLOCNOW: number;
  readonly BUS_DMASYNC_PREREAD: number;
  readonly BUS_DMASYNC_POSTREAD: number;
  readonly BUS_DMASYNC_PREWRITE: number;
  readonly BUS_DMASYNC_POSTWRITE: number;
  /** The tag that the driver made when its device was attached; the device reaches lowmem only. */
  readonly tag: BusDmaTag;
  /** `bus_dma_tag_create`: 0 or `ENOMEM`, and the tag. */
  busDmaTagCreate(limits: BusDmaLimits, flags: number): readonly [error: number, tag: BusDmaTag];
  /** `bus_dma_tag_destroy`: `EBUSY` while the tag has maps. */
  busDmaTagDestroy(tag: BusDmaTag): number;
  /** `bus_dmamap_create`: 0 or `ENOMEM`, and the map. */
  busDmamapCreate(tag: BusDmaTag): readonly [error: number, map: BusDmamap];
  /** `bus_dmamap_destroy`: `EBUSY` while memory is loaded. */
  busDmamapDestroy(tag: BusDmaTag, map: BusDmamap): number;
  /**
   * `bus_dmamap_load_mem` of a list of physical memory. 0: the callback has run, with an error or without.
   * `EINPROGRESS`: it will run later. `ENOMEM`: with `BUS_DMA_NOWAIT`; the callback has run with this error.
   */
  busDmamapLoad(
    tag: BusDmaTag,
    map: BusDmamap,
    plist: readonly BusDmaSegment[],
    callback: BusDmaCallback,
    flags: number,
  ): number;
  /** `bus_dmamap_sync`: copies to the bounce pages before the device reads, and from them after it wrote. */
  busDmamapSync(tag: BusDmaTag, map: BusDmamap, op: number): void;
  /** `bus_dmamap_unload`: syncs nothing. */
  busDmamapUnload(tag: BusDmaTag, map: BusDmamap): void;
  /** The device writes memory, by an address of a segment. */
  deviceWrite(dsAddr: number, bytes: Uint8Array): void;
  /** The device reads memory. */
  deviceRead(dsAddr: number, lengthBytes: number): Uint8Array;
  /** `cv_wait` in a loop, under the mutex of the driver: sleeps until a condition holds. */
  cvWait(condition: () => boolean): Sleeping<void>;
  /** `cv_broadcast`: wakes the task for which these functions are. */
  cvBroadcast(): void;
  /** `hw.busdma`: bounce pages that exist and are free, and loads that were deferred. */
  readonly counts: { readonly total: number; readonly free: number; readonly deferred: number };
}

/** `bus_dma` of FreeBSD. */
export const busDma: Facade<BusDma> = defineFacade({
  name: 'bus-dma',
  title: 'bus_dma of FreeBSD',
  source:
    'Justin Gibbs, bus_dma(9) of FreeBSD: sys/kern/subr_bus_dma.c, sys/kern/subr_busdma_bounce.c and sys/x86/x86/busdma_bounce.c',
  simplifies:
    'A tag has no parent, alignment, boundary or filter. One zone of bounce pages, at most as many as the bounce slots of the machine have bytes for. The tag of the driver has BUS_DMA_ALLOCNOW and room for two pages. The device is part of the design: it reads and writes by the addresses of the segments. Deferred loads run in a softirq as soon as pages are free. A failure that is injected into a load that may be deferred defers it.',
  shared: (machine) => new BounceZone(machine),
  open: ({ context, machine, shared: zone, fails }) => {
    // During a deferred load the callback runs in the software interrupt.
    const here = () => zone.swi ?? context;
    const cv = new WaitQueue(`cv of ${context.name}`);
    return {
      BUS_DMA_WAITOK,
      BUS_DMA_NOWAIT,
      BUS_DMA_ALLOCNOW,
      BUS_DMASYNC_PREREAD,
      BUS_DMASYNC_POSTREAD,
      BUS_DMASYNC_PREWRITE,
      BUS_DMASYNC_POSTWRITE,
      tag: zone.tag,
      busDmaTagCreate(limits, flags) {
        const tag = newTag(limits);
        if (fails('bus_dma_tag_create')) return [ENOMEM, tag];
        const isNow = (flags & BUS_DMA_ALLOCNOW) !== 0 && couldBounce(machine, tag);
        return [isNow ? zone.setUp(tag) : 0, tag];
      },
      busDmaTagDestroy: (tag) => (tag.mapCount > 0 ? EBUSY : 0),
      busDmamapCreate(tag) {
        const map = new BusDmamap();
        if (fails('bus_dmamap_create')) return [ENOMEM, map];
        if (couldBounce(machine, tag)) {
          const error = zone.addFor(tag);
          if (error !== 0) return [error, map];
          zone.mapCount += 1;
        }
        tag.mapCount += 1;
        return [0, map];
      },
      busDmamapDestroy(tag, map) {
        if (map.bounced.length > 0) return EBUSY;
        if (couldBounce(machine, tag)) zone.mapCount -= 1;
        tag.mapCount -= 1;
        return 0;
      },
      busDmamapLoad(tag, map, plist, callback, flags) {
        const isNow = (flags & BUS_DMA_NOWAIT) !== 0;
        if (!isNow) map.load = { tag, plist, callback };
        const load = { tag, plist, callback };
        if (!fails('bus_dmamap_load')) return loadMem(zone, here(), map, load, isNow);
        if (!isNow) {
          zone.ready.push(map);
          return EINPROGRESS;
        }
        callback([], ENOMEM);
        return ENOMEM;
      },
      busDmamapSync(_, map, op) {
        syncBounced(here(), map, op);
        const owner = (op & (BUS_DMASYNC_POSTREAD | BUS_DMASYNC_POSTWRITE)) !== 0 ? 'cpu' : 'device';
        for (const { dsAddr, dsLen } of map.mapped)
          zone.device.sync(here(), owner, dsAddr, dsLen, 'bidirectional');
      },
      busDmamapUnload(_, map) {
        unload(zone, here(), map);
        runReady(zone, here());
      },
      deviceWrite: (dsAddr, bytes) => {
        zone.device.write(dsAddr, bytes);
      },
      deviceRead: (dsAddr, lengthBytes) => zone.device.read(dsAddr, lengthBytes),
      *cvWait(condition) {
        runReady(zone, context);
        if (!condition()) yield* waitEvent(context, cv, condition);
      },
      cvBroadcast: () => {
        cv.wakeAll();
      },
      get counts() {
        return { total: zone.pages.length, free: zone.free, deferred: zone.deferred };
      },
    };
  },
  close(machine, zone) {
    const { device, tag, waiting, ready } = zone;
    const pending = waiting.length + ready.length;
    if (pending > 0) return `${String(pending)} loads of bus_dma still deferred`;
    if (device.liveMappings > 0) return `${String(device.liveMappings)} segments of bus_dma still loaded`;
    if (tag.mapCount > 0) return `${String(tag.mapCount)} maps of bus_dma not destroyed`;
    for (const page of zone.pages) machine.freePage(page);
    return undefined;
  },
});

function unload(zone: BounceZone, context: Context, map: BusDmamap): void {
  for (const { dsAddr, dsLen } of map.mapped.splice(0))
    zone.device.unmap(context, dsAddr, dsLen, 'bidirectional', { skipCpuSync: true });
  zone.give(map);
}

/** Whether there is memory that the device does not reach. */
function couldBounce({ hardware }: Machine, { lowaddr }: BusDmaTag): boolean {
  return lowaddr < hardware.memory.ramEnd * hardware.memory.pageSize - 1;
}

/** Loads a list, and calls back unless it is deferred. */
function loadMem(
  zone: BounceZone,
  context: Context,
  map: BusDmamap,
  load: BusDmaLoad,
  isNow: boolean,
): number {
  const segs: { dsAddr: number; dsLen: number }[] = [];
  let error = 0;
  for (const piece of load.plist) {
    error = loadPhys(zone, context, map, load.tag, piece, isNow, segs);
    if (error !== 0) break;
  }
  if (error === EFBIG) unload(zone, context, map);
  if (error === EINPROGRESS) return error;
  load.callback(error === 0 ? segs : [], error);
  return error === ENOMEM ? error : 0;
}

/** Loads contiguous physical memory. */
function loadPhys(
  zone: BounceZone,
  context: Context,
  map: BusDmamap,
  tag: BusDmaTag,
  { dsAddr, dsLen }: BusDmaSegment,
  isNow: boolean,
  segs: { dsAddr: number; dsLen: number }[],
): number {
  const { machine, device } = zone;
  const { memory } = machine.hardware;
  const chunks = [...chunksOf(tag, dsAddr, dsLen, memory.pageSize)];
  if (map.pagesNeeded === 0) map.pagesNeeded = chunks.filter(({ isFar }) => isFar).length;
  if (map.pagesNeeded > 0 && zone.reserve(map, !isNow) > 0) {
    if (!isNow) zone.waiting.push(map);
    else map.pagesNeeded = 0;
    return isNow ? ENOMEM : EINPROGRESS;
  }
  for (const { at, count, isFar } of chunks) {
    const data = memory.page(Math.floor(at / memory.pageSize));
    const offset = at % memory.pageSize;
    // As in FreeBSD: memory for which no bounce page was counted is given to the device as it is.
    const piece =
      isFar && map.pagesNeeded !== 0
        ? { page: zone.take(map, data, offset, count), offset: 0, length: count }
        : { page: data, offset, length: count };
    const made = device.map(context, [piece], 'bidirectional', { skipCpuSync: true });
    const [segment] = made.ok ? made.value : [];
    invariant(segment !== undefined, 'a device without a mask reaches all memory');
    if (!segment.isBusAddress) map.mapped.push({ dsAddr: segment.address, dsLen: count });
    if (!addSegment(tag, segs, segment.address, count)) return EFBIG;
  }
  return 0;
}

/** The pieces that get a segment each, before neighbours are joined. Memory that is bounced ends with its page. */
function* chunksOf(
  { lowaddr, maxsegsz }: BusDmaTag,
  from: number,
  lengthBytes: number,
  pageSize: number,
): Generator<{ readonly at: number; readonly count: number; readonly isFar: boolean }> {
  for (let done = 0; done < lengthBytes;) {
    const at = from + done;
    const isFar = at > lowaddr;
    const most = Math.min(maxsegsz, lengthBytes - done);
    const count = isFar ? Math.min(most, pageSize - (at % pageSize)) : most;
    yield { at, count, isFar };
    done += count;
  }
}

/** `_bus_dmamap_addseg`: joins bytes to the last segment if they follow it; returns false if there is no room. */
function addSegment(
  { nsegments, maxsegsz }: BusDmaTag,
  segs: { dsAddr: number; dsLen: number }[],
  dsAddr: number,
  dsLen: number,
): boolean {
  const last = segs.at(-1);
  if (last !== undefined && last.dsAddr + last.dsLen === dsAddr && last.dsLen + dsLen <= maxsegsz) {
    last.dsLen += dsLen;
    return true;
  }
  if (segs.length === nsegments) return false;
  segs.push({ dsAddr, dsLen });
  return true;
}

/** Copies between memory and its bounce pages. The CPU reaches the memory through a map of its own. */
function syncBounced(context: Context, map: BusDmamap, op: number): void {
  const { machine } = context;
  for (const { page, data, offset, count } of map.bounced) {
    if ((op & (BUS_DMASYNC_PREWRITE | BUS_DMASYNC_POSTREAD)) === 0) continue;
    const bounce = machine.physical(page).subarray(0, count);
    const mapped = kmapLocalPage(context, data);
    const bytes = new Uint8Array(count);
    if ((op & BUS_DMASYNC_PREWRITE) !== 0) {
      mapped.copyTo(bytes, offset);
      bounce.set(bytes);
    }
    if ((op & BUS_DMASYNC_POSTREAD) !== 0) mapped.copyFrom(bounce.slice(), offset);
    kunmapLocal(context, mapped);
    machine.hardware.ledger.bytesBounced += count;
  }
}

/** `busdma_swi`: does deferred loads again. Where no softirq may run, it runs as part of the present context. */
function runReady(zone: BounceZone, context: Context): void {
  if (zone.ready.length === 0 || zone.swi !== undefined) return;
  const run = (swi: Context) => {
    zone.swi = swi;
    try {
      for (let map = zone.ready.shift(); map !== undefined; map = zone.ready.shift())
        if (map.load !== undefined) loadMem(zone, swi, map, map.load, false);
    } finally {
      zone.swi = undefined;
    }
  };
  if (maySleep(context)) zone.machine.interrupt('softirq', run, { name: 'swi_busdma', cpu: context.cpu.id });
  else run(context);
}
