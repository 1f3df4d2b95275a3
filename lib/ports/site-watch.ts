/**
 * Watches the events of a machine and collects what each mapping site of a port needs.
 */
import type { Context, ContextKind, Machine } from '../kernel/core/machine.ts';
import type { Window } from '../kernel/window/window.ts';
import type { CallSite } from '../machine/call-site.ts';
import { LIMITS } from '../machine/limits.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { Trace } from '../machine/trace.ts';
import type { Actor, TraceEvent } from '../machine/trace.ts';
import type { Needs, UserTouch } from './needs.ts';

/** What is collected of one site. */
interface Site {
  readonly site: CallSite | undefined;
  readonly mechanism: string | undefined;
  readonly isHelper: boolean;
  maps: number;
  readonly kinds: Set<MemoryKind>;
  readonly contexts: Set<ContextKind>;
  isAtomic: boolean;
  pages: number;
  heldAtOnce: number;
  heldOfBackendAtOnce: number;
  isReleasedInOrder: boolean;
  readonly usedBy: Set<string>;
  isUsedOnOtherCpu: boolean;
  readonly sleptOn: Set<string>;
  isFaulting: boolean;
  readonly userTouches: Set<UserTouch>;
  isPreemptible: boolean;
  readsCpu: boolean;
  readonly preemptedBy: Set<string>;
}

/** A live mapping. */
interface Held {
  readonly site: Site;
  readonly serial: number;
  readonly owner: Actor;
  /** Whether the map itself disables page faults and, except on PREEMPT_RT, preemption. */
  readonly isAtomic: boolean;
}

/** Takes the place of a machine's trace. */
export class SiteWatch extends Trace {
  private readonly machine: Machine;
  readonly #sites = new Map<string, Site>();
  readonly #held = new Map<number, Held>();
  #isBackend = false;
  /** A call that may sleep, until it is known whether it releases a mapping. */
  #call: Extract<TraceEvent, { event: 'may-sleep' }> | undefined = undefined;

  constructor(machine: Machine) {
    super(LIMITS.traceEvents);
    this.machine = machine;
  }

  /** Runs a map of the backend under test, so that its mapping is known as one. */
  asBackend<T>(map: () => T): T {
    this.#isBackend = true;
    try {
      return map();
    } finally {
      this.#isBackend = false;
    }
  }

  override record(event: TraceEvent): void {
    if (this.#call !== undefined) this.#settle(this.#call, event);
    switch (event.event) {
      case 'map':
        this.#mapped(event);
        return;
      case 'unmap':
        this.#used(event.serial);
        this.#released(event.serial);
        return;
      case 'load':
      case 'store':
        this.#used(event.serial);
        return;
      case 'sleep':
        this.#slept(event.by, event.on);
        return;
      case 'may-sleep':
        this.#call = event;
        return;
      case 'user-look':
        this.#touchedUser(event);
        return;
      case 'cpu-look':
        if (this.#canMove()) for (const { site } of this.#heldBy(event.by)) site.readsCpu = true;
        return;
      case 'switch':
        this.#switched(event.cpu, event.from, event.to);
        return;
      default:
    }
  }

  /** Whether the executing context holds a mapping. */
  get isMapped(): boolean {
    return this.#heldBy(this.machine.executing.actor).length > 0;
  }

  /** The needs of every site, in the order in which the sites first mapped; highmem pages are told as pages of a kind. */
  needs(highmemIs: MemoryKind = 'highmem'): readonly Needs[] {
    if (this.#call !== undefined) this.#slept(this.#call.by, this.#call.what);
    return [...this.#sites.values()].map((site) => {
      const { kinds, contexts, usedBy, sleptOn, userTouches, preemptedBy, ...facts } = site;
      return {
        ...facts,
        kinds: [...kinds].map((kind) => (kind === 'highmem' ? highmemIs : kind)),
        contexts: [...contexts],
        usedBy: [...usedBy],
        sleptOn: [...sleptOn],
        userTouches: [...userTouches],
        preemptedBy: [...preemptedBy],
      };
    });
  }

  #mapped({ serial, by, site: at, mechanism, isAtomic }: Extract<TraceEvent, { event: 'map' }>): void {
    const window = this.#newest(serial);
    if (window === undefined) return;
    const { executing, pageSize } = this.machine;
    const site = this.#siteOf(at, this.#isBackend ? undefined : mechanism);
    site.maps += 1;
    site.contexts.add(executing.kind);
    for (const page of window.frames()) site.kinds.add(page.kind);
    site.pages = Math.max(site.pages, Math.ceil((window.pageOffset + window.lengthBytes) / pageSize));
    this.#held.set(serial, { site, serial, owner: by, isAtomic });
    const own = this.#heldBy(by);
    const ofBackend = own.filter((held) => held.site.mechanism === undefined).length;
    for (const held of own) {
      held.site.heldAtOnce = Math.max(held.site.heldAtOnce, own.length);
      held.site.heldOfBackendAtOnce = Math.max(held.site.heldOfBackendAtOnce, ofBackend);
    }
    if (this.#isPreemptible()) site.isPreemptible = true;
    else site.isAtomic ||= executing.kind === 'task';
  }

  /** Whether another task could run on the CPU now, but for maps that disable preemption. */
  #isPreemptible(): boolean {
    return !this.#isAtomic() && !this.machine.executing.cpu.irqsDisabled;
  }

  /** Whether the task could be moved to another CPU now, but for its maps. */
  #canMove(): boolean {
    const { executing, config } = this.machine;
    const { task } = executing;
    const byMaps = task.localMaps.depth + (config.preemptRt ? this.#atomicMapsOf(executing) : 0);
    return this.#isPreemptible() && task.migrateDisabled <= byMaps;
  }

  /** `in_atomic`, but for maps that disable preemption. */
  #isAtomic(): boolean {
    const { executing, config } = this.machine;
    const { kind, task, cpu } = executing;
    const byMaps = config.preemptRt ? 0 : this.#atomicMapsOf(executing);
    return kind !== 'task' || task.preemptCount > byMaps || cpu.softirqDepth > 0;
  }

  #atomicMapsOf({ actor }: Context): number {
    return this.#heldBy(actor).filter(({ isAtomic }) => isAtomic).length;
  }

  #newest(serial: number): Window | undefined {
    let newest: Window | undefined;
    for (const window of this.machine.live) if (window.serial === serial) newest = window;
    return newest;
  }

  #siteOf(at: CallSite | undefined, mechanism: string | undefined): Site {
    const key = `${at?.file ?? ''}:${String(at?.line)}:${String(at?.column)} ${mechanism ?? ''}`;
    let site = this.#sites.get(key);
    if (site === undefined) {
      site = {
        site: at,
        mechanism,
        maps: 0,
        kinds: new Set(),
        contexts: new Set(),
        isAtomic: false,
        pages: 0,
        heldAtOnce: 0,
        heldOfBackendAtOnce: 0,
        isReleasedInOrder: true,
        usedBy: new Set(),
        isUsedOnOtherCpu: false,
        sleptOn: new Set(),
        isFaulting: false,
        isHelper: this.machine.mappings.isInHelper,
        userTouches: new Set(),
        isPreemptible: false,
        readsCpu: false,
        preemptedBy: new Set(),
      };
      this.#sites.set(key, site);
    }
    return site;
  }

  #heldBy({ name }: Actor): readonly Held[] {
    return [...this.#held.values()].filter(({ owner }) => owner.name === name);
  }

  #used(serial: number): void {
    const held = this.#held.get(serial);
    if (held === undefined) return;
    const { executing } = this.machine;
    if (executing.name !== held.owner.name) held.site.usedBy.add(`${executing.kind} "${executing.name}"`);
    else held.site.isPreemptible ||= this.#isPreemptible();
    if (executing.cpu.id !== held.owner.cpu) held.site.isUsedOnOtherCpu = true;
  }

  #released(serial: number): void {
    const held = this.#held.get(serial);
    if (held === undefined) return;
    const newest = this.#heldBy(held.owner).at(-1);
    if (newest !== held) held.site.isReleasedInOrder = false;
    this.#held.delete(serial);
  }

  /** The function that releases a mapping may sleep; that mapping is then not held across it, older ones are. */
  #settle({ by, what }: Extract<TraceEvent, { event: 'may-sleep' }>, event: TraceEvent): void {
    if (!('by' in event) || event.event === 'acquire' || event.event === 'release') return;
    this.#call = undefined;
    this.#slept(by, what, event.event === 'unmap' && event.by.name === by.name ? event.serial : undefined);
  }

  #slept(by: Actor, on: string, released?: number): void {
    for (const { site, serial } of this.#heldBy(by)) if (serial !== released) site.sleptOn.add(on);
  }

  #touchedUser({ by, isPresent, isHandled }: Extract<TraceEvent, { event: 'user-look' }>): void {
    const own = this.#heldBy(by);
    const { executing } = this.machine;
    const isDisabled = this.#isAtomic() || executing.task.pagefaultDisabled > this.#atomicMapsOf(executing);
    const touch = isDisabled ? 'disabled' : isHandled ? 'faulting' : 'inatomic';
    for (const { site } of own) {
      site.userTouches.add(touch);
      site.isFaulting ||= !isPresent;
    }
  }

  /** A task that did not go to sleep lost its CPU. */
  #switched(cpu: number, from: string, to: string): void {
    const { tasks } = this.machine;
    const left = tasks.find(({ name }) => name === from);
    if (left === undefined || left.asleepOn !== undefined || !tasks.some(({ name }) => name === to)) return;
    for (const { site, owner } of this.#heldBy(left.actor)) if (owner.cpu === cpu) site.preemptedBy.add(to);
  }
}
