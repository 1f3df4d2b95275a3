/**
 * The mappings of a machine: the windows to make them with, those that are live, and what is reported of those that
 * are left.
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
import { RamWindow } from '../window/ram-window.ts';
import type { Guard, Window, WindowOwner } from '../window/window.ts';

/** What is known of a context that makes mappings. */
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
  /** Windows to use again; only direct machines reuse them. */
  readonly spare: RamWindow[] = [];
  private readonly hardware: Hardware;
  private readonly localSlots: LocalSlots;
  #serial = 0;
  /** The line that called the helper that runs now. */
  #helperSite: CallSite | undefined = undefined;

  constructor(hardware: Hardware, localSlots: LocalSlots) {
    this.hardware = hardware;
    this.localSlots = localSlots;
  }

  /** Mappings that have been made and not released, by count. */
  get count(): number {
    const { maps, unmaps } = this.hardware.ledger.snapshot();
    return maps - unmaps;
  }

  /** Returns a number that is higher than those of everything made before. */
  stamp(): number {
    this.#serial += 1;
    return this.#serial;
  }

  /** The line that is to be kept for what happens now; undefined if the machine keeps no lines. */
  site(): CallSite | undefined {
    return this.hardware.config.callSites ? (this.#helperSite ?? callSite()) : undefined;
  }

  /** Runs a helper that makes and releases its own mappings: they all carry the line of its caller. */
  withCallSite<T>(work: () => T): T {
    if (!this.hardware.config.callSites || this.#helperSite !== undefined) return work();
    this.#helperSite = callSite();
    try {
      return work();
    } finally {
      this.#helperSite = undefined;
    }
  }

  /** A window to fill in: a used one on a direct machine, a new one where tokens must stay apart. */
  ramWindow(context: Mapper, page: Page, pageOffset: number, lengthBytes: number): RamWindow {
    const window = this.spare.pop() ?? new RamWindow(this.hardware, page, context);
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

  /** Keeps a window that is about to become live, on a checked machine. */
  add(window: Window, context: Mapper, guard: Guard): void {
    window.serial = this.stamp();
    window.guard = guard;
    window.mappedAt = this.site();
    this.windows.add(window);
    this.#trace('map', window, context);
  }

  /** Ends a window and keeps it no longer, on a checked machine. */
  delete(window: Window, context: Mapper, guard: Guard): void {
    // Once before, so that the last writes arrive; once after, so that later ones are found.
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

  /** Reports a context that ends with mappings: those given, or the slots that it left in use. */
  reportLeak(context: Mapper, window: Window | undefined, when = 'at its end'): void {
    const owner = window?.owner ?? context;
    // At least one: a direct machine keeps the slots, but not the windows.
    const held = Math.max(1, this.heldBy(owner).length);
    this.hardware.violate({
      rule: 'leak',
      what: `${owner.state().kind} "${owner.name}" still holds ${String(held)} mapping${held > 1 ? 's' : ''} ${when}`,
      context: context.state(),
      mapping: window?.describe(),
      details: [this.localSlots.dump(context.task, context.cpu)],
    });
  }

  /** Reports the mappings still live, of whichever context: by window, or by count if no window is kept. */
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
