/**
 * The bind of DMA handles in illumos: the caller says what is to be done if resources are missing, and may take a part.
 */
import { invariant } from '../../base/invariant.ts';
import type { Context, Machine } from '../../kernel/core/machine.ts';
import { maySleep, mightSleep } from '../../kernel/core/preempt.ts';
import { DmaDevice } from '../../kernel/dma/dma-device.ts';
import { kmapLocalPage, kunmapLocal } from '../../kernel/highmem/kmap-local.ts';
import { vmap, vunmap } from '../../kernel/highmem/vmap.ts';
import { waitEvent } from '../../kernel/locking/wait-event.ts';
import type { DmaDirection } from '../../kernel/parts/dma-mapping.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { Page } from '../../machine/memory.ts';
import type { SgEntry } from '../../scatterlist/list/sg-array.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { NULL } from '../err-ptr.ts';

const DDI_SUCCESS = 0;
const DDI_FAILURE = -1;

const DDI_DMA_MAPPED = 0;
const DDI_DMA_PARTIAL_MAP = 1;
const DDI_DMA_NORESOURCES = -1;
const DDI_DMA_TOOBIG = -3;
const DDI_DMA_BADATTR = -8;
const DDI_DMA_INUSE = -9;

/** The device reads the memory. */
const DDI_DMA_WRITE = 1;
/** The device writes the memory. */
const DDI_DMA_READ = 2;
/** A part of the object is enough for now. */
const DDI_DMA_PARTIAL = 8;

const DDI_DMA_SYNC_FORDEV = 0;
const DDI_DMA_SYNC_FORCPU = 1;

const DDI_DMA_CALLBACK_RUNOUT = 0;
const DDI_DMA_CALLBACK_DONE = 1;

/** Called in a softirq when resources may be there. It returns `DDI_DMA_CALLBACK_RUNOUT` to be called again. */
export type DdiCallback = () => number;

// In illumos these two are addresses of functions that do not exist.
const DDI_DMA_DONTWAIT: DdiCallback = () => DDI_DMA_CALLBACK_DONE;
const DDI_DMA_SLEEP: DdiCallback = () => DDI_DMA_CALLBACK_DONE;

/** `ddi_dma_attr`: what a device can do. */
export interface DdiDmaAttr {
  /** The highest address that it reaches. */
  readonly dmaAttrAddrHi: number;
  /** The most cookies of one transfer. */
  readonly dmaAttrSgllen: number;
}

/** `ddi_dma_cookie`: bytes at an address of the device. */
export interface DdiDmaCookie {
  readonly dmacLaddress: number;
  readonly dmacSize: number;
}

/** `struct buf` with `B_PAGEIO`: bytes in a list of pages, which follow each other if the buf is mapped. */
export class DdiBuf {
  readonly pages: readonly Page[];
  readonly offset: number;
  /** `b_bcount`. */
  readonly count: number;
  /** `b_un.b_addr`: the address of the first byte, or `NULL` if the buf is not mapped. */
  address: number = NULL;
  mapped: RamWindow | undefined = undefined;

  constructor(pages: readonly Page[], offset: number, count: number) {
    this.pages = pages;
    this.offset = offset;
    this.count = count;
  }
}

/** Contiguous memory of an object. */
interface Piece {
  readonly page: Page;
  readonly offset: number;
  readonly length: number;
  /** Whether the device does not reach it, so that it needs a page of the copy buffer. */
  readonly isFar: boolean;
}

/** A part of an object that the device can reach at once. */
interface DmaWindow {
  readonly offset: number;
  readonly pieces: Piece[];
}

/** `ddi_dma_handle_t`. */
export class DdiDmaHandle {
  readonly attr: DdiDmaAttr;
  isInUse = false;
  flags = 0;
  windows: DmaWindow[] = [];
  current = 0;
  copyBuffer: Page[] = [];
  cookies: DdiDmaCookie[] = [];

  constructor(attr: DdiDmaAttr) {
    this.attr = attr;
  }
}

/** What all drivers of a machine share. A class, so that the explorer compares it before and after each step. */
class Rootnex {
  readonly device: DmaDevice;
  /** The attributes of that device; it reaches lowmem only. */
  readonly attr: DdiDmaAttr;
  readonly pages: readonly Page[];
  readonly free: Page[];
  /** `rootnex_max_copybuf_size`, in pages. */
  readonly mostPages: number;
  readonly queue: WaitQueue = new WaitQueue('copy buffers');
  readonly addresses: WaitQueue = new WaitQueue('heap_arena');
  callbacks: DdiCallback[] = [];
  /** The soft interrupt, while it runs. */
  softcall: Context | undefined = undefined;
  handles = 0;

  constructor(machine: Machine) {
    const { pageSize, config } = machine;
    const count = Math.max(1, Math.floor((config.bounceSlots * LIMITS.bounceSlotBytes) / pageSize));
    this.device = new DmaDevice(machine, { name: 'controller' });
    this.attr = { dmaAttrAddrHi: config.lowmemPages * pageSize - 1, dmaAttrSgllen: 4 };
    this.pages = machine.allocPages(count, { zone: 'lowmem' });
    this.free = [...this.pages];
    this.mostPages = Math.max(1, Math.floor(count / 4));
  }
}

/** The functions of the design, the device of the driver, and maps for the CPU. */
export interface IllumosBind {
  readonly DDI_SUCCESS: number;
  readonly DDI_FAILURE: number;
  readonly DDI_DMA_MAPPED: number;
  readonly DDI_DMA_PARTIAL_MAP: number;
  readonly DDI_DMA_NORESOURCES: number;
  readonly DDI_DMA_TOOBIG: number;
  readonly DDI_DMA_BADATTR: number;
  readonly DDI_DMA_INUSE: number;
  readonly DDI_DMA_WRITE: number;
  readonly DDI_DMA_READ: number;
  readonly DDI_DMA_PARTIAL: number;
  readonly DDI_DMA_SYNC_FORDEV: number;
  readonly DDI_DMA_SYNC_FORCPU: number;
  readonly DDI_DMA_CALLBACK_RUNOUT: number;
  readonly DDI_DMA_CALLBACK_DONE: number;
  readonly DDI_DMA_DONTWAIT: DdiCallback;
  readonly DDI_DMA_SLEEP: DdiCallback;
  /** The attributes of the device. */
  readonly attr: DdiDmaAttr;
  /** The pages of an entry, from that of its first byte, or of the byte at an offset, to that of its last. */
  pagesOf(sg: SgEntry, from?: number): readonly Page[];
  /** A buf with `B_PAGEIO` over bytes of pages; a larger offset than a page counts from the page that it leads to. */
  pageioBuf(pages: readonly Page[], offset: number, count: number): DdiBuf;
  /** `ddi_dma_alloc_handle`. */
  ddiDmaAllocHandle(attr: DdiDmaAttr, waitfp: DdiCallback): readonly [status: number, handle: DdiDmaHandle];
  /** `ddi_dma_free_handle`. */
  ddiDmaFreeHandle(handle: DdiDmaHandle): void;
  /** `ddi_dma_buf_bind_handle`: sleeps only with `DDI_DMA_SLEEP`. */
  ddiDmaBufBindHandle(
    handle: DdiDmaHandle,
    bp: DdiBuf,
    flags: number,
    callback: DdiCallback,
  ): Sleeping<number>;
  /** `ddi_dma_unbind_handle`: syncs the present window, frees the resources and has callbacks called. */
  ddiDmaUnbindHandle(handle: DdiDmaHandle): number;
  /** `ddi_dma_numwin`. */
  ddiDmaNumwin(handle: DdiDmaHandle): number;
  /** `ddi_dma_getwin`: moves to another window, with the syncs that this needs; its place in the object is returned. */
  ddiDmaGetwin(
    handle: DdiDmaHandle,
    win: number,
  ): readonly [status: number, offset: number, lengthBytes: number];
  /** `ddi_dma_cookie_iter`: the cookies of the present window. */
  ddiDmaCookieIter(handle: DdiDmaHandle): readonly DdiDmaCookie[];
  /** `ddi_dma_sync` of the present window; fails if the direction of the bind does not allow it. */
  ddiDmaSync(handle: DdiDmaHandle, type: number): number;
  /** The device writes memory, by an address of a cookie. */
  deviceWrite(dmacLaddress: number, bytes: Uint8Array): void;
  /** The device reads memory. */
  deviceRead(dmacLaddress: number, lengthBytes: number): Uint8Array;
  /** `bp_mapin`: maps a buf for the CPU, contiguously; waits for addresses. A mapped buf stays as it is. */
  bpMapin(bp: DdiBuf): Sleeping<void>;
  /** `bp_mapout`: ends that, no matter how often the buf was mapped. */
  bpMapout(bp: DdiBuf): void;
}

/** The bind of illumos. */
export const illumosBind: Facade<IllumosBind> = defineFacade({
  name: 'illumos-bind',
  title: 'DMA bind of illumos',
  source:
    'ddi_dma_buf_bind_handle(9F), ddi_dma_getwin(9F) and bp_mapin(9F) of illumos: usr/src/uts/i86pc/io/rootnex.c and usr/src/uts/common/os/bp_map.c',
  simplifies:
    'Attributes are the highest address and the number of cookies; there is no granularity, alignment or longest transfer. Copy buffers come from a pool with the bytes of the bounce slots, and one bind gets at most a quarter. Callbacks follow a failed bind as the manual says; rootnex.c registers them for handles only. The device is part of the design: it reads and writes by the addresses of cookies.',
  shared: (machine) => new Rootnex(machine),
  open: ({ context, machine, shared: nexus, fails, refuse }) => {
    const here = () => nexus.softcall ?? context;
    const isFunction = (callback: DdiCallback) => callback !== DDI_DMA_DONTWAIT && callback !== DDI_DMA_SLEEP;
    const noResources = (callback: DdiCallback): number => {
      if (isFunction(callback) && !nexus.callbacks.includes(callback)) nexus.callbacks.push(callback);
      return DDI_DMA_NORESOURCES;
    };
    return {
      DDI_SUCCESS,
      DDI_FAILURE,
      DDI_DMA_MAPPED,
      DDI_DMA_PARTIAL_MAP,
      DDI_DMA_NORESOURCES,
      DDI_DMA_TOOBIG,
      DDI_DMA_BADATTR,
      DDI_DMA_INUSE,
      DDI_DMA_WRITE,
      DDI_DMA_READ,
      DDI_DMA_PARTIAL,
      DDI_DMA_SYNC_FORDEV,
      DDI_DMA_SYNC_FORCPU,
      DDI_DMA_CALLBACK_RUNOUT,
      DDI_DMA_CALLBACK_DONE,
      DDI_DMA_DONTWAIT,
      DDI_DMA_SLEEP,
      attr: nexus.attr,
      pagesOf({ page, offset, length }, from = 0) {
        if (page === null) return refuse('a buf of an entry without a page');
        const { memory } = machine.hardware;
        const { pageSize } = memory;
        const first = Math.floor((offset + from) / pageSize);
        const count = Math.ceil((offset + length) / pageSize) - first;
        return Array.from({ length: count }, (_, i) => memory.nthPage(page, first + i));
      },
      pageioBuf: (pages, offset, count) => new DdiBuf(pages, offset % machine.pageSize, count),
      ddiDmaAllocHandle(attr, waitfp) {
        const handle = new DdiDmaHandle(attr);
        if (attr.dmaAttrSgllen <= 0 || attr.dmaAttrAddrHi <= 0) return [DDI_DMA_BADATTR, handle];
        if (waitfp !== DDI_DMA_SLEEP && fails('ddi_dma_alloc_handle')) return [noResources(waitfp), handle];
        nexus.handles += 1;
        return [DDI_SUCCESS, handle];
      },
      ddiDmaFreeHandle(handle) {
        if (handle.isInUse) refuse('ddi_dma_free_handle: ASSERT(!dma->dp_inuse)');
        nexus.handles -= 1;
        runCallbacks(nexus, here());
      },
      *ddiDmaBufBindHandle(handle, bp, flags, callback) {
        if (handle.isInUse) return DDI_DMA_INUSE;
        const maySleepHere = callback === DDI_DMA_SLEEP;
        if (maySleepHere) mightSleep(here(), 'ddi_dma_buf_bind_handle(DDI_DMA_SLEEP)');
        else if (fails('ddi_dma_buf_bind_handle')) return noResources(callback);
        const pieces = piecesOf(bp, handle.attr, machine.pageSize);
        const windows = windowsOf(pieces, handle.attr, nexus.mostPages);
        if (windows.length > 1 && (flags & DDI_DMA_PARTIAL) === 0) return DDI_DMA_TOOBIG;
        const needed = Math.max(...windows.map((one) => one.pieces.filter(({ isFar }) => isFar).length));
        if (nexus.free.length < needed) {
          if (!maySleepHere) return noResources(callback);
          machine.hardware.ledger.lockWaits += 1;
          yield* waitEvent(context, nexus.queue, () => nexus.free.length >= needed);
        }
        handle.isInUse = true;
        handle.flags = flags;
        handle.copyBuffer = nexus.free.splice(0, needed);
        handle.windows = windows;
        handle.current = 0;
        openWindow(nexus, here(), handle);
        return windows.length > 1 ? DDI_DMA_PARTIAL_MAP : DDI_DMA_MAPPED;
      },
      ddiDmaUnbindHandle(handle) {
        if (handle.isInUse) closeWindow(nexus, here(), handle);
        handle.isInUse = false;
        handle.windows = [];
        nexus.free.push(...handle.copyBuffer.splice(0));
        if (nexus.queue.active) nexus.queue.wakeAll();
        runCallbacks(nexus, here());
        return DDI_SUCCESS;
      },
      ddiDmaNumwin: (handle) => handle.windows.length,
      ddiDmaGetwin(handle, win) {
        const to = handle.windows[win];
        if (to === undefined) return [DDI_FAILURE, 0, 0];
        closeWindow(nexus, here(), handle);
        handle.current = win;
        openWindow(nexus, here(), handle);
        return [DDI_SUCCESS, to.offset, to.pieces.reduce((sum, { length }) => sum + length, 0)];
      },
      ddiDmaCookieIter: (handle) => handle.cookies,
      ddiDmaSync(handle, type) {
        const needed = type === DDI_DMA_SYNC_FORDEV ? DDI_DMA_WRITE : DDI_DMA_READ;
        if ((handle.flags & needed) === 0) return DDI_FAILURE;
        copyWindow(here(), handle, type);
        const owner = type === DDI_DMA_SYNC_FORDEV ? 'device' : 'cpu';
        for (const { dmacLaddress, dmacSize } of handle.cookies)
          nexus.device.sync(here(), owner, dmacLaddress, dmacSize, directionOf(handle));
        return DDI_SUCCESS;
      },
      deviceWrite: (dmacLaddress, bytes) => {
        nexus.device.write(dmacLaddress, bytes);
      },
      deviceRead: (dmacLaddress, lengthBytes) => nexus.device.read(dmacLaddress, lengthBytes),
      *bpMapin(bp) {
        if (bp.mapped !== undefined || bp.count === 0) return;
        for (;;) {
          const made = vmap(context, bp.pages);
          if (made.ok) {
            bp.mapped = made.value;
            bp.address = made.value.vaddr + bp.offset;
            return;
          }
          const needed = bp.pages.length;
          yield* waitEvent(context, nexus.addresses, () => machine.vmalloc.largestRunPages >= needed);
        }
      },
      bpMapout(bp) {
        if (bp.mapped === undefined) return;
        vunmap(here(), bp.mapped);
        bp.mapped = undefined;
        bp.address = bp.offset;
        if (nexus.addresses.active) nexus.addresses.wakeAll();
      },
    };
  },
  close(machine, nexus) {
    const used = nexus.pages.length - nexus.free.length;
    if (nexus.callbacks.length > 0) return `${String(nexus.callbacks.length)} callbacks never answered DONE`;
    if (used > 0) return `${String(used)} pages of copy buffers still bound`;
    if (nexus.device.liveMappings > 0) return `${String(nexus.device.liveMappings)} cookies still bound`;
    if (nexus.handles > 0) return `${String(nexus.handles)} DMA handles not freed`;
    for (const page of nexus.pages) machine.freePage(page);
    return undefined;
  },
});

function directionOf({ flags }: DdiDmaHandle): DmaDirection {
  if ((flags & DDI_DMA_READ) === 0) return 'toDevice';
  return (flags & DDI_DMA_WRITE) === 0 ? 'fromDevice' : 'bidirectional';
}

/** `rootnex_get_sgl`: pages that follow each other in memory are one piece, except those that need the copy buffer. */
function piecesOf({ pages, offset, count }: DdiBuf, attr: DdiDmaAttr, pageSize: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  for (const page of pages) {
    if (done === count) break;
    const at = done === 0 ? offset : 0;
    const length = Math.min(count - done, pageSize - at);
    const isFar = page.phys + at + length - 1 > attr.dmaAttrAddrHi;
    const last = pieces.at(-1);
    const isNext = last !== undefined && last.page.phys + last.offset + last.length === page.phys + at;
    if (isNext && !isFar && !last.isFar) pieces.splice(-1, 1, { ...last, length: last.length + length });
    else pieces.push({ page, offset: at, length, isFar });
    done += length;
  }
  return pieces;
}

/** `rootnex_bind_slowpath`: a window ends where the copy buffer, or the list of the device, has no room for more. */
function windowsOf(pieces: readonly Piece[], attr: DdiDmaAttr, mostPages: number): DmaWindow[] {
  const windows: DmaWindow[] = [];
  let done = 0;
  let copied = 0;
  for (const piece of pieces) {
    const last = windows.at(-1);
    copied += piece.isFar ? 1 : 0;
    if (last === undefined || last.pieces.length === attr.dmaAttrSgllen || copied > mostPages) {
      windows.push({ offset: done, pieces: [piece] });
      copied = piece.isFar ? 1 : 0;
    } else last.pieces.push(piece);
    done += piece.length;
  }
  return windows;
}

/** Makes the present window reachable for the device, and gives it the bytes that it is to read. */
function openWindow(nexus: Rootnex, context: Context, handle: DdiDmaHandle): void {
  if ((handle.flags & DDI_DMA_WRITE) !== 0) copyWindow(context, handle, DDI_DMA_SYNC_FORDEV);
  let used = 0;
  handle.cookies = (handle.windows[handle.current]?.pieces ?? []).map(({ page, offset, length, isFar }) => {
    const buffer = isFar ? handle.copyBuffer[used++] : undefined;
    const piece = { page: buffer ?? page, offset, length };
    const made = nexus.device.map(context, [piece], directionOf(handle));
    const [segment] = made.ok ? made.value : [];
    invariant(segment !== undefined, 'a device without a mask reaches all memory');
    return { dmacLaddress: segment.address, dmacSize: length };
  });
}

/** Ends the present window, and gives the CPU the bytes that the device wrote. */
function closeWindow(nexus: Rootnex, context: Context, handle: DdiDmaHandle): void {
  for (const { dmacLaddress, dmacSize } of handle.cookies)
    nexus.device.unmap(context, dmacLaddress, dmacSize, directionOf(handle));
  handle.cookies = [];
  if ((handle.flags & DDI_DMA_READ) !== 0) copyWindow(context, handle, DDI_DMA_SYNC_FORCPU);
}

/** `rootnex_dma_sync`: copies between memory and the copy buffer. */
function copyWindow(context: Context, handle: DdiDmaHandle, type: number): void {
  const { machine } = context;
  const far = (handle.windows[handle.current]?.pieces ?? []).filter(({ isFar }) => isFar);
  for (const [i, { page, offset, length }] of far.entries()) {
    const copy = handle.copyBuffer[i];
    invariant(copy !== undefined, 'a copy buffer has a page for each far page of a window');
    const buffer = machine.physical(copy).subarray(offset, offset + length);
    const mapped = kmapLocalPage(context, page);
    if (type === DDI_DMA_SYNC_FORDEV) {
      const bytes = new Uint8Array(length);
      mapped.copyTo(bytes, offset);
      buffer.set(bytes);
    } else mapped.copyFrom(buffer.slice(), offset);
    kunmapLocal(context, mapped);
    machine.hardware.ledger.bytesBounced += length;
  }
}

/** `ddi_run_callback`: calls each callback once; one that lacks resources again stays on the list. */
function runCallbacks(nexus: Rootnex, context: Context): void {
  if (nexus.callbacks.length === 0 || nexus.softcall !== undefined) return;
  const run = (softcall: Context) => {
    nexus.softcall = softcall;
    try {
      for (const callback of nexus.callbacks.splice(0))
        if (callback() === DDI_DMA_CALLBACK_RUNOUT && !nexus.callbacks.includes(callback))
          nexus.callbacks.push(callback);
    } finally {
      nexus.softcall = undefined;
    }
  };
  if (maySleep(context)) context.machine.interrupt('softirq', run, { name: 'softcall', cpu: context.cpu.id });
  else run(context);
}
