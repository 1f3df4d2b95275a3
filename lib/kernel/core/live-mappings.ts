/**
 * The mappings of a machine: spare window objects, the live windows, and the reports of mappings that were not
 * released.
 *
 * A direct machine counts maps and unmaps and keeps no window. A checked machine keeps each live window, with the line
 * that made it.
 */
import { callSite } from '../../machine/call-site.ts';
import type { CallSite } from '../../machine/call-site.ts';
import type { Cpu } from '../../machine/cpu.ts';
import type { Hardware } from '../../machine/hardware.ts';
import type { Page } from '../../machine/memory.ts';
import type { Actor } from '../../machine/trace.ts';
import type { LocalSlots, SlotUser } from '../parts/local-slots.ts';
import { poolDetail } from './pool-detail.ts';
import type { Pools } from './pool-detail.ts';
import type { Mechanism } from '../window/mechanism.ts';
import { RamWindow } from '../window/ram-window.ts';
import type { Guard, Window, WindowOwner } from '../window/window.ts';

/** The part of a context that is used here. */
export interface Mapper extends WindowOwner {
  readonly cpu: Cpu;
  /** The task whose slots it uses. */
  readonly task: SlotUser;
  /** Its name in the trace. */
  readonly actor: Actor;
}

/** The mappings of one machine. */
export class LiveMappings {
  /** Live windows, oldest first; kept on checked machines. */
  readonly windows: Set<Window> = new Set<Window>();
  /** Released window objects that can be used again; only direct machines reuse them. */
  readonly spare: RamWindow[] = [];
  private readonly hardware: Hardware;
  private readonly localSlots: LocalSlots;
  private readonly pools: Pools;
  /** All window objects of a direct machine, which uses them again. */
  readonly #made: RamWindow[] = [];
  #serial = 0;
  /** The call site of the helper that is running. */
  #helperSite: CallSite | undefined = undefined;

  constructor(hardware: Hardware, localSlots: LocalSlots, pools: Pools) {
    this.hardware = hardware;
    this.localSlots = localSlots;
    this.pools = pools;
  }

  /** The number of mappings that have been made and not released. */
  get count(): number {
    const { maps, unmaps } = this.hardware.ledger.snapshot();
    return maps - unmaps;
  }

  /** Returns a number that is higher than those of everything made before. */
  stamp(): number {
    this.#serial += 1;
    return this.#serial;
  }

  /** The call site to record now; `undefined` if the machine records none. */
  site(): CallSite | undefined {
    return this.hardware.config.callSites ? (this.#helperSite ?? callSite()) : undefined;
  }

  /** Whether a helper that makes and releases its own mappings is running; known where call sites are recorded. */
  get isInHelper(): boolean {
    return this.#helperSite !== undefined;
  }

  /** Runs a helper that makes and releases its own mappings. All of them get the call site of the helper. */
  withCallSite<T>(work: () => T): T {
    if (!this.hardware.config.callSites || this.#helperSite !== undefined) return work();
    this.#helperSite = callSite();
    try {
      return work();
    } finally {
      this.#helperSite = undefined;
    }
  }

  /** Returns a window object: a used one on a direct machine, a new one on a checked machine. */
  ramWindow(context: Mapper, page: Page, pageOffset: number, lengthBytes: number): RamWindow {
    const window = this.spare.pop() ?? this.#newWindow(page, context);
    const chunk = page.chunk ?? this.hardware.memory.touch(page);
    window.page = page;
    window.owner = context;
    window.cpu = context.cpu.id;
    window.pageOffset = pageOffset;
    window.lengthBytes = lengthBytes;
    window.chunk = chunk;
    window.base = page.chunkOffset + pageOffset;
    window.pages = undefined;
    window.area = 'direct';
    window.slot = -1;
    return window;
  }

  #newWindow(page: Page, context: Mapper): RamWindow {
    const window = new RamWindow(this.hardware, page, context);
    if (this.hardware.config.mode === 'direct') this.#made.push(window);
    return window;
  }

  /**
   * Makes each live window of a direct machine choose again how it accesses memory. While an array of pages that lie
   * apart is handed out, windows that are older than the array have to synchronise it, too.
   */
  chooseAccess(): void {
    for (const window of this.#made) if (window.live) window.begin();
  }

  /** On a direct machine, the live window that a context made in a page without a slot: what a release by address means. */
  withoutSlot(owner: WindowOwner, page: number, by: Mechanism<Window>): RamWindow | undefined {
    return this.#made.find(
      (window) =>
        window.live &&
        window.owner === owner &&
        window.area === 'direct' &&
        window.isBy(by) &&
        window.vaddr - window.pageOffset === page,
    );
  }

  /** On a checked machine, records a window that is about to become live. */
  add(window: Window, context: Mapper, guard: Guard): void {
    window.serial = this.stamp();
    window.guard = guard;
    window.mappedAt = this.site();
    this.windows.add(window);
    this.#trace('map', window, context);
  }

  /** On a checked machine, ends a window and removes its record. */
  delete(window: Window, context: Mapper, guard: Guard): void {
    // Synchronised before, so that the last writes reach memory, and after, so that later writes are found.
    guard.syncArrays();
    window.end();
    guard.syncArrays();
    window.unmappedAt = this.site();
    this.windows.delete(window);
    this.#trace('unmap', window, context);
  }

  /** The live windows that a context made, oldest first. */
  heldBy(owner: WindowOwner): readonly Window[] {
    return [...this.windows].filter((window) => window.owner === owner);
  }

  /**
   * Reports a context that has live mappings, or slots in use. At its end, without `when`, mappings that every context may
   * use do not count, because another context may release them.
   */
  reportLeak(context: Mapper, window: Window | undefined, when?: string): void {
    const owner = window?.owner ?? context;
    const isEnd = when === undefined;
    const windows = this.heldBy(owner).filter(({ scope }) => !isEnd || scope !== 'global');
    // At least one, because a direct machine counts the slots but does not record the windows.
    const held = Math.max(1, windows.length);
    const pool = window === undefined ? undefined : poolDetail(this.pools, window);
    this.hardware.violate({
      rule: 'leak',
      what: `${owner.state().kind} "${owner.name}" still holds ${String(held)} mapping${held > 1 ? 's' : ''} ${when ?? 'at its end'}`,
      context: context.state(),
      mapping: window?.describe(),
      details: [pool ?? this.localSlots.dump(context.task, context.cpu)],
    });
  }

  /** Reports the live mappings of all contexts: each window, or only their number if no windows are recorded. */
  checkLeaks(executing: Mapper, guard: Guard | undefined): void {
    const [first] = this.windows;
    if (first !== undefined) this.reportLeak(executing, first, 'at a check');
    if (guard === undefined && this.count !== 0) {
      this.hardware.violate({
        rule: 'leak',
        what: `${String(this.count)} mappings are still live`,
        context: executing.state(),
      });
    }
  }

  #trace(event: 'map' | 'unmap', window: Window, context: Mapper): void {
    const { trace } = this.hardware;
    if (trace === undefined) return;
    const by = context.actor;
    const { name: mechanism, pool, isAtomic } = window.how;
    const { vaddr, serial } = window;
    const { pfn } = window.page;
    const slot = window.slot < 0 ? undefined : window.slot;
    const site = event === 'map' ? window.mappedAt : window.unmappedAt;
    trace.record({ event, by, mechanism, pool, isAtomic, pfn, vaddr, slot, serial, site });
  }
}
