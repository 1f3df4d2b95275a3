/**
 * `address_space_map` of QEMU: memory that cannot be reached directly is copied into a bounce buffer, from a budget that
 * all maps share.
 */
import { InvariantError } from '../../base/invariant.ts';
import { physAddr } from '../../base/units.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import { physToVirt } from '../../kernel/address/linear-address.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import { waitEvent } from '../../kernel/locking/wait-event.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import { LIMITS } from '../../machine/limits.ts';
import type { Page } from '../../machine/memory.ts';
import type { SgTable } from '../../scatterlist/list/sg-table.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';
import { NULL } from '../err-ptr.ts';
import { readPhysical, writePhysical } from '../parts/physical-copy.ts';

/** `DEFAULT_MAX_BOUNCE_BUFFER_SIZE`. */
const DEFAULT_BOUNCE_BYTES = 4096;
const NO_MAGIC = 'assertion failed: bounce->magic == BOUNCE_BUFFER_MAGIC';
const MEMTX_OK = 0;
const MEMTX_DECODE_ERROR = 2;

/** An entry of a `QEMUSGList`, by its physical address. */
export interface ScatterGatherEntry {
  readonly base: number;
  readonly len: number;
}

/** A length that a function takes and returns: `hwaddr *plen`. */
export interface Plen {
  value: number;
}

/** The functions of QEMU. An address that they return is one of system memory, whatever it stands for. */
export interface QemuMap {
  readonly MEMTX_OK: number;
  /** `qemu_sglist_add` for each entry of a list. */
  qemuSglist(list: SgTable): readonly ScatterGatherEntry[];
  /**
   * `address_space_map`: may map less than asked for, which `plen` tells, and returns `NULL` if the budget is used up. For
   * reads or for writes, not for both: a bounce buffer for writes begins as zeros.
   */
  addressSpaceMap(address: number, plen: Plen, isWrite: boolean): number;
  /** `address_space_unmap`: writes back the first `accessLen` bytes of a map for writes. */
  addressSpaceUnmap(buffer: number, len: number, isWrite: boolean, accessLen: number): void;
  /** `address_space_register_map_client`: the function is called once when a map may succeed again, perhaps at once. */
  addressSpaceRegisterMapClient(bottomHalf: () => void): void;
  /** `address_space_unregister_map_client`. */
  addressSpaceUnregisterMapClient(bottomHalf: () => void): void;
  /** What a coroutine does after `NULL`: registers a bottom half that wakes it, and yields. */
  coWaitForMapClient(): Sleeping<void>;
  /** `address_space_read`: copies; returns `MEMTX_OK`, or another number where there is no memory. */
  addressSpaceRead(address: number, target: Uint8Array): number;
  /** `address_space_write`. */
  addressSpaceWrite(address: number, source: Uint8Array): number;
}

/** `BounceBuffer`. */
interface Bounce {
  /** Where its bytes are. */
  readonly buffer: number;
  readonly pages: readonly Page[];
  /** The end of its pages. */
  readonly end: number;
  /** The physical address of the memory that it stands for. */
  readonly address: number;
  readonly len: number;
}

/** What all users of the address space share. */
interface QemuAddressSpace {
  readonly maxBounceBytes: number;
  bounceBytes: number;
  readonly bounces: Map<number, Bounce>;
  /** Buffers that were given back: their magic number is inverted. */
  readonly former: Set<number>;
  /** The newest first. */
  readonly clients: (() => void)[];
  readonly coroutines: WaitQueue;
}

/** `address_space_map` of QEMU. */
export const qemuMap: Facade<QemuMap> = defineFacade({
  name: 'qemu-map',
  title: 'address_space_map of QEMU',
  source: 'system/physmem.c of QEMU 10, with the budget that Mattias Nissler added in 2024',
  simplifies:
    'The address space is the physical memory of the machine. Memory in the linear map is direct, as RAM of the guest is in QEMU; highmem and device memory are not. The budget is that of the bounce slots of the machine, 2 KiB each: the jobs give it the default of 4096 bytes. Each bounce buffer has pages of its own. A bottom half is called at once; a coroutine that waits for one lets others run first. Memory that was written is not marked dirty.',
  machine: { bounceSlots: DEFAULT_BOUNCE_BYTES / LIMITS.bounceSlotBytes },
  shared: ({ config }): QemuAddressSpace => ({
    maxBounceBytes: config.bounceSlots * LIMITS.bounceSlotBytes,
    bounceBytes: 0,
    bounces: new Map(),
    former: new Set(),
    clients: [],
    coroutines: new WaitQueue('map clients'),
  }),
  open: ({ context, machine, shared, fails, refuse }) => {
    const { addresses, memory } = machine.hardware;
    const mem = new AddressSpace(context);
    const write = (address: number, source: Uint8Array): number =>
      writePhysical(context, address, source) ? MEMTX_OK : MEMTX_DECODE_ERROR;
    const bounceMap = (address: number, plen: Plen, isWrite: boolean): number => {
      const room = fails('address_space_map') ? 0 : shared.maxBounceBytes - shared.bounceBytes;
      const want = fails('address_space_map, short') ? Math.ceil(plen.value / 2) : plen.value;
      const len = Math.min(want, room);
      plen.value = len;
      if (len === 0) return NULL;
      const bytes = new Uint8Array(len);
      if (!isWrite) readPhysical(context, address, bytes);
      const bounce = newBounce(machine, address, len);
      shared.bounceBytes += len;
      shared.bounces.set(bounce.buffer, bounce);
      shared.former.delete(bounce.buffer);
      mem.copyFrom(bytes, bounce.buffer);
      return bounce.buffer;
    };
    return {
      MEMTX_OK,
      qemuSglist: (list) =>
        [...list].map(({ page, offset, length }) => ({ base: (page?.phys ?? 0) + offset, len: length })),
      addressSpaceMap(address, plen, isWrite) {
        if (plen.value === 0) return NULL;
        const page = memory.pageAt(Math.floor(address / memory.pageSize));
        if (page !== undefined) plen.value = Math.min(plen.value, endOf(page) - address);
        if (page === undefined || !memory.isDirect(page)) return bounceMap(address, plen, isWrite);
        return physToVirt(machine, physAddr(address));
      },
      addressSpaceUnmap(buffer, _len, isWrite, accessLen) {
        const bounce = shared.bounces.get(buffer);
        if (bounce === undefined) {
          if (isOfBounce(shared, buffer)) return refuse(NO_MAGIC);
          if (buffer >= addresses.pageOffset && buffer < addresses.directEnd) return;
          // QEMU looks for the magic number at the address.
          mem.load8(buffer);
          return refuse(NO_MAGIC);
        }
        if (isWrite) {
          const bytes = new Uint8Array(accessLen);
          mem.copyTo(bytes, buffer);
          write(bounce.address, bytes);
        }
        shared.bounces.delete(buffer);
        shared.former.add(buffer);
        shared.bounceBytes -= bounce.len;
        for (const page of bounce.pages) machine.freePage(page);
        notifyClients(shared);
      },
      addressSpaceRegisterMapClient(bottomHalf) {
        registerClient(shared, bottomHalf);
      },
      addressSpaceUnregisterMapClient(bottomHalf) {
        const at = shared.clients.indexOf(bottomHalf);
        if (at >= 0) shared.clients.splice(at, 1);
      },
      *coWaitForMapClient() {
        const state = { isWoken: false };
        registerClient(shared, () => {
          state.isWoken = true;
          shared.coroutines.wakeAll();
        });
        yield* waitEvent(context, shared.coroutines, () => state.isWoken);
        // The bottom half runs in the next turn of the loop, so that others run before.
        yield;
      },
      addressSpaceRead: (address, target) =>
        readPhysical(context, address, target) ? MEMTX_OK : MEMTX_DECODE_ERROR,
      addressSpaceWrite: write,
    };
  },
  close: (_machine, { bounceBytes }) =>
    bounceBytes > 0 ? `${String(bounceBytes)} bytes of bounce buffers` : undefined,
});

/** The physical address where the memory of one kind that holds a page ends. */
function endOf({ zone }: Page): number {
  return (zone.firstPfn + zone.pages) * zone.memory.pageSize;
}

function newBounce(machine: Machine, address: number, len: number): Bounce {
  const pages = machine.allocPages(Math.ceil(len / machine.pageSize), { zone: 'lowmem' });
  const [first] = pages;
  if (first === undefined) throw new InvariantError('a bounce buffer without a page');
  const buffer = physToVirt(machine, first.phys);
  return { buffer, pages, end: buffer + pages.length * machine.pageSize, address, len };
}

/** Whether an address lies in a bounce buffer, or was that of one. */
function isOfBounce({ bounces, former }: QemuAddressSpace, address: number): boolean {
  if (former.has(address)) return true;
  return [...bounces.values()].some(({ buffer, end }) => address >= buffer && address < end);
}

function registerClient(shared: QemuAddressSpace, bottomHalf: () => void): void {
  shared.clients.unshift(bottomHalf);
  if (shared.bounceBytes < shared.maxBounceBytes) notifyClients(shared);
}

/** `address_space_notify_map_clients`: wakes all of them, and empties the list. */
function notifyClients({ clients }: QemuAddressSpace): void {
  for (let client = clients.shift(); client !== undefined; client = clients.shift()) client();
}
