/**
 * Watches the events of a machine and collects what each mapping site of a port needs.
 */
import type { ContextKind, Machine } from '../kernel/core/machine.ts';
import type { Window } from '../kernel/window/window.ts';
import type { CallSite } from '../machine/call-site.ts';
import { LIMITS } from '../machine/limits.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { Trace } from '../machine/trace.ts';
import type { Actor, TraceEvent } from '../machine/trace.ts';
import type { Needs } from './needs.ts';

/** What is collected of one site. */
interface Site {
  readonly site: CallSite | undefined;
  readonly mechanism: string | undefined;
  maps: number;
  readonly kinds: Set<MemoryKind>;
  readonly contexts: Set<ContextKind>;
  isAtomic: boolean;
  pages: number;
  heldAtOnce: number;
  isReleasedInOrder: boolean;
  readonly usedBy: Set<string>;
  isUsedOnOtherCpu: boolean;
  readonly sleptOn: Set<string>;
  isFaulting: boolean;
}

/** A live mapping. */
interface Held {
  readonly site: Site;
  readonly serial: number;
  readonly owner: Actor;
}

/** Takes the place of a machine's trace. */
export class SiteWatch extends Trace {
  private readonly machine: Machine;
  readonly #sites = new Map<string, Site>();
  readonly #held = new Map<number, Held>();
  #isBackend = false;

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
    switch (event.event) {
      case 'map':
        this.#mapped(event.serial, event.by, event.site, event.mechanism);
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
        this.#slept(event.by, event.what);
        return;
      case 'user-look':
        if (!event.isPresent) for (const { site } of this.#heldBy(event.by)) site.isFaulting = true;
        return;
      default:
    }
  }

  /** The needs of every site, in the order in which the sites first mapped; highmem pages are told as pages of a kind. */
  needs(highmemIs: MemoryKind = 'highmem'): readonly Needs[] {
    return [...this.#sites.values()].map(({ kinds, contexts, usedBy, sleptOn, ...facts }) => ({
      ...facts,
      kinds: [...kinds].map((kind) => (kind === 'highmem' ? highmemIs : kind)),
      contexts: [...contexts],
      usedBy: [...usedBy],
      sleptOn: [...sleptOn],
    }));
  }

  #mapped(serial: number, by: Actor, at: CallSite | undefined, mechanism: string): void {
    const window = this.#newest(serial);
    if (window === undefined) return;
    const { executing, pageSize } = this.machine;
    const site = this.#siteOf(at, this.#isBackend ? undefined : mechanism);
    site.maps += 1;
    site.contexts.add(executing.kind);
    const { task, cpu } = executing;
    site.isAtomic ||= executing.kind === 'task' && (task.preemptCount > 0 || cpu.irqsDisabled);
    for (const page of window.frames()) site.kinds.add(page.kind);
    site.pages = Math.max(site.pages, Math.ceil((window.pageOffset + window.lengthBytes) / pageSize));
    this.#held.set(serial, { site, serial, owner: by });
    const own = this.#heldBy(by);
    for (const held of own) held.site.heldAtOnce = Math.max(held.site.heldAtOnce, own.length);
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
        isReleasedInOrder: true,
        usedBy: new Set(),
        isUsedOnOtherCpu: false,
        sleptOn: new Set(),
        isFaulting: false,
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
    if (executing.cpu.id !== held.owner.cpu) held.site.isUsedOnOtherCpu = true;
  }

  #released(serial: number): void {
    const held = this.#held.get(serial);
    if (held === undefined) return;
    const newest = this.#heldBy(held.owner).at(-1);
    if (newest !== held) held.site.isReleasedInOrder = false;
    this.#held.delete(serial);
  }

  #slept(by: Actor, on: string): void {
    for (const { site } of this.#heldBy(by)) site.sleptOn.add(on);
  }
}
