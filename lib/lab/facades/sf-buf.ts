/**
 * `sf_buf` of FreeBSD: a page gets a buffer of a shared pool, and the caller holds the buffer, not the address.
 */
import { ConfigError, InvariantError } from '../../base/invariant.ts';
import { AddressSpace } from '../../kernel/address/address-space.ts';
import type { Context, Machine, Task } from '../../kernel/core/machine.ts';
import { migrateDisable, migrateEnable } from '../../kernel/core/preempt.ts';
import { checkRelease, releaserOf } from '../../kernel/core/release-checks.ts';
import { waitEvent } from '../../kernel/locking/wait-event.ts';
import { WaitQueue } from '../../kernel/parts/wait-queue.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Mechanism } from '../../kernel/window/mechanism.ts';
import type { RamWindow } from '../../kernel/window/ram-window.ts';
import type { Window } from '../../kernel/window/window.ts';
import type { Page } from '../../machine/memory.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';

/** Stop waiting when a signal arrives. */
const SFB_CATCH = 1;
/** The address is used on this CPU only. */
const SFB_CPUPRIVATE = 2;
/** Do not wait. */
const SFB_NOWAIT = 4;

/** Where `kva` lies in `struct sf_buf`, which a read through `NULL` touches. */
const KVA_OFFSET = 16;

const BY_SF_BUF: Mechanism<Window> = {
  name: 'sf_buf',
  unmapName: 'sf_buf_free',
  scope: 'global',
  pool: undefined,
  isAtomic: false,
  release: (window) => {
    releaserOf(window).machine.unmapped(window, releaserOf(window));
  },
};

/** `struct sf_buf *`: a buffer, or `NULL`. */
export interface SfBufBuffer {
  /** Its number; -1 for `NULL`. */
  readonly index: number;
}

const NULL: SfBufBuffer = { index: -1 };

/** `struct sf_buf`: one page of addresses, with the page that is mapped there. */
interface Buffer extends SfBufBuffer {
  /** Its page of the vmalloc area. */
  readonly slot: number;
  page: Page | undefined;
  references: number;
  window: RamWindow | undefined;
  /** The CPUs whose TLB has no old entry for the address. */
  cpus: ReadonlySet<number>;
}

/** The buffers of one machine. A class, so that the explorer compares it before and after each step. */
class Pool {
  readonly first: number;
  readonly buffers: readonly Buffer[];
  /** The buffers without a reference, the one that was freed first at the front. They keep their pages. */
  readonly free: Buffer[];
  readonly queue: WaitQueue = new WaitQueue('sf_buf_freelist');
  readonly signalled: Set<Task> = new Set();
  peak = 0;

  constructor(machine: Machine) {
    const { pkmapSlots } = machine.config;
    this.first = machine.vmalloc.take(pkmapSlots);
    if (this.first < 0)
      throw new ConfigError(
        `sf-buf needs ${String(pkmapSlots)} pages of the vmalloc area, one for each buffer`,
      );
    this.buffers = Array.from({ length: pkmapSlots }, (_, index) => ({
      index,
      slot: this.first + index,
      page: undefined,
      references: 0,
      window: undefined,
      cpus: new Set<number>(),
    }));
    this.free = [...this.buffers];
  }

  get used(): number {
    return this.buffers.length - this.free.length;
  }
}

/** The functions of `sf_buf`, and what its callers need besides. */
export interface SfBuf {
  readonly SFB_CATCH: number;
  readonly SFB_CPUPRIVATE: number;
  readonly SFB_NOWAIT: number;
  readonly NULL: SfBufBuffer;
  /** `PHYS_TO_VM_PAGE`. */
  physToVmPage(phys: number): Page;
  /** `sf_buf_alloc`: `NULL` only with `SFB_NOWAIT` or `SFB_CATCH`; else it waits for a buffer. */
  sfBufAlloc(page: Page, flags: number): Sleeping<SfBufBuffer>;
  /** `sf_buf_ref`: one more reference to a buffer that has one. */
  sfBufRef(sf: SfBufBuffer): void;
  /** `sf_buf_free`: one reference less. */
  sfBufFree(sf: SfBufBuffer): void;
  /** `sf_buf_kva`: the address of the page. */
  sfBufKva(sf: SfBufBuffer): number;
  /** `sf_buf_page`. */
  sfBufPage(sf: SfBufBuffer): Page | undefined;
  /** `sched_pin`: the caller stays on its CPU. */
  schedPin(): void;
  /** `sched_unpin`. */
  schedUnpin(): void;
  /** `psignal`: a signal for a task, which ends its wait in `SFB_CATCH`. */
  psignal(task: Task): void;
  /** `kern.ipc.nsfbufs`, `nsfbufsused` and `nsfbufspeak`. */
  readonly counts: { readonly nsfbufs: number; readonly nsfbufsused: number; readonly nsfbufspeak: number };
}

/** `sf_buf` of FreeBSD. */
export const sfBuf: Facade<SfBuf> = defineFacade({
  name: 'sf-buf',
  title: 'sf_buf of FreeBSD',
  source: 'Alan Cox, sf_buf(9) of FreeBSD: sys/kern/subr_sfbuf.c and sys/i386/i386/vm_machdep.c',
  simplifies:
    'The pool has as many buffers as the machine has kmap slots. Pages of lowmem take a buffer too, as on i386; there is no direct map of all memory. A softirq stands for an interrupt thread. The lock of the pool costs nothing.',
  shared: (machine) => new Pool(machine),
  open: ({ context, machine, shared: pool, fails, refuse }) => ({
    SFB_CATCH,
    SFB_CPUPRIVATE,
    SFB_NOWAIT,
    NULL,
    physToVmPage: (phys) => machine.hardware.memory.page(Math.floor(phys / machine.pageSize)),
    *sfBufAlloc(page, flags) {
      const { task } = context;
      machine.enter(context);
      if ((flags & SFB_CPUPRIVATE) !== 0 && task.migrateDisabled === 0)
        refuse('sf_buf_alloc(SFB_CPUPRIVATE): curthread not pinned');
      const mayFail = (flags & (SFB_NOWAIT | SFB_CATCH)) !== 0;
      if (mayFail && fails('sf_buf_alloc')) return NULL;
      const known = pool.buffers.find((one) => one.page === page);
      if (known !== undefined) return addReference(context, pool, known, flags);
      if (pool.free.length === 0) {
        if ((flags & SFB_NOWAIT) !== 0) return NULL;
        const isCaught = () => (flags & SFB_CATCH) !== 0 && pool.signalled.has(task);
        machine.hardware.ledger.lockWaits += 1;
        yield* waitEvent(context, pool.queue, () => pool.free.length > 0 || isCaught());
        // As in FreeBSD, a task that got a signal takes no buffer, even if one is free by now.
        if (isCaught() && pool.signalled.delete(task)) return NULL;
      }
      const sf = pool.free.shift();
      if (sf === undefined) return NULL;
      sf.page = page;
      sf.references = 1;
      pool.peak = Math.max(pool.peak, pool.used);
      machine.hardware.pageTable.vmalloc.set(sf.slot, page.pfn);
      machine.hardware.ledger.pteWrites += 1;
      sf.cpus = new Set();
      enter(context, sf, flags);
      return sf;
    },
    sfBufRef(pointer) {
      const sf = follow(context, pool, pointer);
      if (sf.references <= 0) refuse('sf_buf_ref: sf not allocated');
      sf.references += 1;
    },
    sfBufFree(pointer) {
      const sf = follow(context, pool, pointer);
      machine.enter(context);
      if (sf.window !== undefined && !checkRelease(context, sf.window, BY_SF_BUF)) return;
      sf.references -= 1;
      if (sf.references !== 0) return;
      pool.free.push(sf);
      if (sf.window !== undefined) machine.unmapped(sf.window, context);
      // A machine without checks uses window objects again.
      if (machine.guard === undefined) sf.window = undefined;
      if (pool.queue.active) pool.queue.wakeAll();
    },
    sfBufKva: (sf) => machine.hardware.addresses.vmalloc(follow(context, pool, sf).slot),
    sfBufPage: (sf) => follow(context, pool, sf).page,
    schedPin: () => {
      migrateDisable(context);
    },
    schedUnpin: () => {
      migrateEnable(context);
    },
    psignal(task) {
      pool.signalled.add(task);
      pool.queue.wakeAll();
    },
    get counts() {
      return { nsfbufs: pool.buffers.length, nsfbufsused: pool.used, nsfbufspeak: pool.peak };
    },
  }),
  close(machine, pool) {
    const held = pool.buffers.filter(({ references }) => references > 0);
    if (held.length > 0) return `${String(held.length)} sf_buf still in use`;
    for (const { slot } of pool.buffers) machine.hardware.pageTable.vmalloc.clear(slot);
    machine.vmalloc.give(pool.first);
    return undefined;
  },
});

/** The buffer behind a pointer. Through `NULL`, the processor reads a field at an address that leads nowhere. */
function follow(context: Context, pool: Pool, { index }: SfBufBuffer): Buffer {
  const sf = pool.buffers[index];
  if (sf !== undefined) return sf;
  new AddressSpace(context).load32(KVA_OFFSET);
  throw new InvariantError('a read through NULL was not reported');
}

/** A buffer that has the page already: in use by others, or free and not yet used for another page. */
function addReference(context: Context, pool: Pool, sf: Buffer, flags: number): Buffer {
  sf.references += 1;
  if (sf.references > 1) flushFor(context, sf, flags);
  else {
    pool.free.splice(pool.free.indexOf(sf), 1);
    pool.peak = Math.max(pool.peak, pool.used);
    enter(context, sf, flags);
  }
  return sf;
}

function enter(context: Context, sf: Buffer, flags: number): void {
  const { machine } = context;
  if (sf.page === undefined) return;
  const window = machine.ramWindow(context, sf.page, 0, machine.pageSize);
  window.pages = [sf.page];
  window.slot = sf.slot;
  window.area = 'vmalloc';
  window.mapBy(BY_SF_BUF);
  sf.window = window;
  flushFor(context, sf, flags);
  machine.mapped(window, context);
}

/** `sf_buf_shootdown`: flushes the address from the TLBs of the CPUs that are to use it, if they may have an old entry. */
function flushFor(context: Context, sf: Buffer, flags: number): void {
  const { hardware, pageSize } = context.machine;
  const address = hardware.addresses.vmalloc(sf.slot);
  const { id } = context.cpu;
  if (!sf.cpus.has(id)) {
    hardware.flushPageLocal(context.cpu, address);
    sf.cpus = new Set([...sf.cpus, id]);
  }
  if ((flags & SFB_CPUPRIVATE) !== 0 || sf.cpus.size === hardware.cpus.length) return;
  hardware.flushRangeGlobal(address, address + pageSize);
  sf.cpus = new Set(hardware.cpus.map((cpu) => cpu.id));
}
