/**
 * The address space of a user: pages that are present, and a fault handler that brings others in.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkOptions } from '../../base/options.ts';
import { configWhole, requireWhole } from '../../base/whole.ts';
import { hex } from '../../base/units.ts';
import type { Hash } from '../../base/hash.ts';
import type { Page } from '../../machine/memory.ts';
import type { Context, Machine } from '../core/machine.ts';
import { RwSemaphore } from '../locking/rw-semaphore.ts';
import type { Sleeping } from '../parts/wait-queue.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { RamWindow } from '../window/ram-window.ts';
import type { Window } from '../window/window.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/** A page fault: the address of the page, and whether it was a store. */
export interface UserFault {
  readonly address: number;
  readonly write: boolean;
}

/**
 * Brings in the page of an address, or returns `undefined` if there is none. It may sleep and take locks; the address
 * space holds its `mmap_lock` for reading meanwhile.
 */
export type UserFaultHandler = (context: Context, fault: UserFault) => Sleeping<Page | undefined>;

/** The options of an address space. */
export interface UserSpaceOptions {
  /** Its name in reports. Default `mm`. */
  readonly name?: string;
  /** Brings in pages that are not present. Without it each such access fails. */
  readonly handleFault?: UserFaultHandler;
}

interface Entry {
  readonly page: Page;
  readonly isWritable: boolean;
}

/** Pages of a user. */
const BY_USER: Mechanism<Window> = {
  name: 'user page',
  unmapName: 'munmap',
  scope: 'global',
  pool: undefined,
  isAtomic: false,
  release: () => undefined,
};

/**
 * The address space of a user (`struct mm_struct`).
 *
 * @linux none; a struct mm_struct
 * @example
 * ```ts
 * const user = new UserSpace(machine);
 * user.map(0x1000, machine.allocPage({ zone: 'highmem' }));
 * const buffer = new Uint8Array(16);
 * const left = runAlone(task, copyFromUser(task, buffer, user, 0x1004));
 * ```
 */
export class UserSpace {
  readonly machine: Machine;
  readonly name: string;
  /** `mmap_lock`: a fault takes it for reading, and so sleeps while a writer holds it. */
  readonly mmapLock: RwSemaphore;
  private readonly handler: UserFaultHandler | undefined;
  readonly #entries = new Map<number, Entry>();

  constructor(machine: Machine, options: UserSpaceOptions = {}) {
    checkOptions('new UserSpace', options, { name: 'string', handleFault: 'function' });
    this.machine = machine;
    this.name = options.name ?? 'mm';
    this.mmapLock = new RwSemaphore(machine, `mmap_lock of ${this.name}`);
    this.handler = options.handleFault;
  }

  /** `TASK_SIZE`: the address after the last one that a user may have. */
  get end(): number {
    return this.machine.hardware.addresses.userEnd;
  }

  /** Makes a page present at an address; read-only if a store to it has to fault. */
  map(address: number, page: Page, isWritable = true): void {
    const { pageSize } = this.machine;
    configWhole('address of a user page', address, 0, this.end - pageSize);
    if (address % pageSize !== 0)
      throw new ConfigError(
        `a user page at ${hex(address)}; it must begin at a multiple of ${String(pageSize)}`,
      );
    this.machine.checkOwn(page);
    this.#flush(address / pageSize);
    this.#entries.set(address / pageSize, { page, isWritable });
    this.#changed(address / pageSize);
  }

  /** Takes away the page at an address, as reclaim does; the next access to it faults. */
  unmap(address: number): void {
    configWhole('address of a user page', address, 0, this.end - 1);
    const index = Math.floor(address / this.machine.pageSize);
    this.#flush(index);
    this.#entries.delete(index);
    this.#changed(index);
  }

  /** `access_ok`: whether a range of bytes is all below the end of the user's addresses. */
  accessOk(address: number, lengthBytes: number): boolean {
    return address >= 0 && lengthBytes >= 0 && address + lengthBytes <= this.end;
  }

  /**
   * A window of the page at an address, as the user's own mapping has it; `undefined` if an access would fault.
   * `isHandled` is for the trace: whether the caller then handles the fault.
   */
  windowAt(context: Context, address: number, write: boolean, isHandled = false): RamWindow | undefined {
    const { hardware, pageSize } = this.machine;
    this.machine.checkOwnContext(context);
    requireWhole('address', address);
    const index = Math.floor(address / pageSize);
    const entry = this.#entries.get(index);
    const isPresent = entry !== undefined && (entry.isWritable || !write);
    hardware.trace?.record({
      event: 'user-look',
      by: context.actor,
      space: this.name,
      index,
      isPresent,
      isHandled,
    });
    if (!isPresent) return undefined;
    const window = new RamWindow(hardware, entry.page, context);
    window.chunk = hardware.memory.touch(entry.page);
    window.base = entry.page.chunkOffset;
    window.lengthBytes = pageSize;
    window.area = 'user';
    window.slot = index;
    window.how = BY_USER;
    window.serial = Infinity;
    window.guard = this.machine.guard;
    window.begin();
    return window;
  }

  /**
   * Handles a fault: asks the handler for the page, with the lock held for reading, and makes it present. Returns
   * whether the access can be tried again.
   */
  fault(context: Context, fault: UserFault): Sleeping<boolean> {
    return sleepingCall(this.#fault(context, fault), 'fault');
  }

  *#fault(context: Context, fault: UserFault): Sleeping<boolean> {
    const { pageSize } = this.machine;
    const { address, write } = fault;
    requireWhole('address', address);
    const start = address - (address % pageSize);
    yield* this.mmapLock.downRead(context);
    try {
      if (this.handler === undefined) return false;
      const page = yield* this.handler(context, { address: start, write });
      if (page === undefined) return false;
      this.map(start, page, write || this.#entries.get(start / pageSize)?.isWritable !== false);
      return true;
    } finally {
      this.mmapLock.upRead(context);
    }
  }

  /** Adds what is present to a state key. */
  addTo(hash: Hash): void {
    this.mmapLock.addTo(hash);
    for (const [index, { page, isWritable }] of [...this.#entries].sort((a, b) => a[0] - b[0]))
      hash.add(index).add(page.pfn).add(Number(isWritable));
  }

  /** `flush_cache_page`: what the user stored at this address is in memory before the address is taken away. */
  #flush(index: number): void {
    const entry = this.#entries.get(index);
    if (entry !== undefined) this.machine.hardware.flushAlias(entry.page.pfn, index * this.machine.pageSize);
  }

  #changed(index: number): void {
    this.machine.hardware.trace?.record({ event: 'user-map', space: this.name, index });
  }
}
