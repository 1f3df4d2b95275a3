/**
 * Listens to a machine's events while a step runs: notes what the step touches and what its actor
 * learns, and keeps the events if a report will need them.
 *
 * An event that is not known here counts as touching everything, so a new one makes exploration slower
 * and never wrong.
 */
import type { Machine } from '../kernel/core/machine.ts';
import { checkTouch } from '../kernel/core/page-lifetime.ts';
import { Window } from '../kernel/window/window.ts';
import { LIMITS } from '../machine/limits.ts';
import { Page } from '../machine/memory.ts';
import { Trace } from '../machine/trace.ts';
import type { TraceEvent } from '../machine/trace.ts';
import { Observed } from './execution/observed.ts';
import { Footprint } from './footprint.ts';
import type { Recorder } from './recorder.ts';
import { Hash } from '../base/hash.ts';
import type { SharedWatcher } from './shared-state.ts';
import type { Learnt } from './learnt.ts';
import { addCache, addStructure } from './structure.ts';

/** Numbers for the names of resources; one for all executions of a program. */
export class Resources {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  /** The numbers of frames and CPUs, which are asked for so often that their names are not made each time. */
  readonly #frames: number[] = [];
  readonly #cpus: number[] = [];
  #zeros = 0;
  #pageSize = 0;

  /** The number of a page frame. */
  frame(pfn: number): number {
    return (this.#frames[pfn] ??= this.id(`frame ${String(pfn)}`));
  }

  /** The number of a CPU. */
  cpu(cpu: number): number {
    return (this.#cpus[cpu] ??= this.id(`cpu ${String(cpu)}`));
  }

  /** The hash of a page of zeros. */
  hashOfZeros(pageSize: number): number {
    if (this.#pageSize !== pageSize) {
      this.#pageSize = pageSize;
      this.#zeros = new Hash().addBytes(new Uint8Array(pageSize)).value;
    }
    return this.#zeros;
  }

  /** The name of a number. */
  name(id: number): string {
    return this.#names[id] ?? '';
  }

  /** The number of a name. */
  id(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(name, id);
      this.#names.push(name);
    }
    return id;
  }
}

/** Events after which the key of the state tells all that can follow; see `hasHidden`. */
const PLAIN_EVENTS: ReadonlySet<string> = new Set([
  ...['map', 'unmap', 'load', 'store', 'local-set', 'local-clear', 'pkmap-set', 'pkmap-clear', 'refused'],
  ...['sleep', 'wake', 'acquire', 'release', 'atomic', 'switch', 'irq-enter', 'irq-exit', 'choose', 'note'],
  ...['flush-page', 'flush-range', 'flush-cache-kmaps', 'counts', 'shared-write', 'changed', 'interrupted'],
]);

/** What slots and pools of the state key are known of. */
const PLAIN_POOLS: ReadonlySet<string | undefined> = new Set([undefined, 'kmap pool']);

type MapEvent = Extract<TraceEvent, { readonly mechanism: string }>;
type DmaEvent = Extract<TraceEvent, { readonly event: 'dma' }>;
type AtomicEvent = Extract<TraceEvent, { readonly event: 'atomic' }>;
type AccessEvent = Extract<TraceEvent, { readonly serial: number; readonly lengthBytes: number }>;

/** Events kept of a schedule that is told. */
const KEPT_EVENTS = 2 ** 16;

/** The observer of one execution. */
export class Observer extends Trace implements SharedWatcher {
  /** What the step that is running has touched. */
  footprint: Footprint = new Footprint();
  /** What the actor that is running has learnt so far; `undefined` between steps. */
  learnt: Learnt | undefined = undefined;
  /** Pages whose bytes the running actor was given raw. */
  exposed: Set<Page> | undefined = undefined;
  /** What was observed so far. */
  readonly seen: Observed;
  /** False while steps are repeated that were observed before. */
  isOn = true;
  /** Whether local slots must be followed entry by entry; see `followsSlots`. */
  readonly followSlots: boolean;
  /** Whether it makes a difference which slot of the kmap pool a page has; see `followsPlaces`. */
  followPlaces = true;
  /** Told of each event that is kept, when it happens. */
  onEvent: ((event: TraceEvent) => void) | undefined = undefined;
  /** Listens too, where a schedule is told. */
  recorder: Recorder | undefined = undefined;
  private readonly machine: Machine;
  private readonly resources: Resources;
  private readonly keep: boolean;
  /** The hash of a page of zeros. */
  private readonly zeros: number;

  /** With `seen`, it goes on from what was observed before, of another machine that did the same. */
  constructor(
    machine: Machine,
    resources: Resources,
    keep: boolean,
    followSlots: boolean,
    seen: Observed = new Observed(false),
  ) {
    super(keep ? KEPT_EVENTS : LIMITS.traceEvents);
    this.machine = machine;
    this.resources = resources;
    this.keep = keep;
    this.followSlots = followSlots;
    this.seen = seen;
    this.zeros = resources.hashOfZeros(machine.pageSize);
  }

  /** The number of a resource by its name. */
  id(name: string): number {
    return this.resources.id(name);
  }

  override record(event: TraceEvent): void {
    if (!this.isOn) return;
    // A call that did not sleep is no event for a program, and every lock makes one.
    if (event.event === 'may-sleep') return;
    // A condition or a check reads it; that is no part of a step.
    if (event.event === 'atomic' && this.learnt === undefined && !event.isWrite) {
      this.recorder?.looksAt(event);
      return;
    }
    this.recorder?.before(event);
    if (this.keep) this.tell(event);
    this.#observe(event);
  }

  /** Adds what only a report shows. */
  tell(event: TraceEvent): void {
    super.record(event);
    this.onEvent?.(event);
  }

  sharedRead(place: string, value: unknown): void {
    this.recorder?.sharedRead(place, value);
    if (this.learnt === undefined || !this.isOn) return;
    this.footprint.read(this.id(`shared ${place}`));
    // An object's content is learnt property by property; here only that there is one, and of memory which. Which
    // function it is, the state of all that is shared says.
    if (value instanceof Page || value instanceof Window) addStructure(this.learnt, value);
    else if (typeof value === 'object' && value !== null) this.learnt.add(1);
    else addStructure(this.learnt, value);
  }

  sharedWrite(place: string, value?: unknown): void {
    if (this.learnt === undefined || !this.isOn) return;
    this.recorder?.sharedWrite(place, value);
    this.footprint.write(this.id(`shared ${place}`));
  }

  queueUsed(name: string): void {
    if (this.learnt !== undefined && this.isOn) this.footprint.write(this.id(`queue ${name}`));
  }

  /** Notes a page whose bytes the running actor can read and write unseen. */
  expose(page: Page): void {
    if (this.learnt === undefined) {
      this.seen.writes(page.pfn);
      return;
    }
    const { dataCache, memory } = this.machine.hardware;
    this.learnt.add(page.pfn).addBytes(memory.bytesOf(page));
    if (dataCache !== undefined) {
      this.footprint.everything = true;
      addCache(this.learnt, dataCache);
    }
    this.#range(page, 0, this.machine.pageSize, true);
  }

  #observe(event: TraceEvent): void {
    if (!PLAIN_EVENTS.has(event.event)) this.#hides();
    switch (event.event) {
      case 'map':
        this.#movesLines();
        this.#map(event);
        return;
      case 'unmap':
        this.#movesLines();
        this.#unmap(event);
        return;
      case 'load':
      case 'store':
        this.#access(event);
        return;
      case 'local-set':
      case 'local-clear':
        if (this.followSlots)
          this.footprint.write(this.id(`local slots ${String(this.machine.executing.cpu.id)}`));
        return;
      case 'user-map':
        this.#movesLines();
        this.footprint.write(this.id(`page ${String(event.index)} of user ${event.space}`));
        return;
      case 'user-look':
        this.footprint.read(this.id(`page ${String(event.index)} of user ${event.space}`));
        this.learnt?.add(Number(event.isPresent));
        return;
      case 'cpu-look':
        this.learnt?.add(event.by.cpu);
        return;
      case 'pkmap-set':
      case 'pkmap-clear':
        this.#pool();
        return;
      case 'refused':
        this.#asked(event.what);
        this.learnt?.addText(event.what);
        return;
      case 'alloc':
        this.#changesHands(event.pfn);
        // Its bytes are zero, so they need not be looked at, for which the page would have to be given some.
        this.seen.allocates(event.pfn, this.zeros);
        this.learnt?.add(event.pfn);
        return;
      case 'free':
        this.seen.frees(event.pfn);
        this.#changesHands(event.pfn);
        return;
      case 'bytes':
        this.expose(this.machine.hardware.memory.page(event.pfn));
        return;
      case 'physical':
        this.#physical(event.pfn);
        return;
      case 'sleep':
      case 'wake':
        this.footprint.write(this.id(`queue ${event.on}`));
        return;
      case 'acquire':
      case 'release':
        this.footprint.write(this.id(`queue ${event.lock}`));
        return;
      case 'atomic':
        this.#atomic(event);
        return;
      case 'bounce-map':
      case 'bounce-unmap':
      case 'bounce-sync':
        this.#asked('bounce pool');
        this.seen.history.addText(event.event).add(event.slot);
        this.learnt?.add(event.slot);
        return;
      case 'dma':
        this.#dma(event);
        return;
      case 'dcache':
      case 'flush-dcache-page':
        this.footprint.everything = true;
        this.seen.writes(event.pfn);
        return;
      case 'flush-cache-kmaps':
        // A pass that frees no slot has looked at all of them.
        this.#pool();
        this.#movesLines();
        return;
      case 'switch':
        this.#movesLines();
        return;
      case 'flush-page':
      case 'flush-range':
      case 'irq-enter':
      case 'irq-exit':
      case 'key':
      case 'choose':
      case 'note':
      case 'violation':
      case 'counts':
      case 'shared-write':
      case 'changed':
      case 'interrupted':
        // Seen through what caused them.
        return;
      default:
        this.footprint.everything = true;
        this.seen.history.addText(event.event);
    }
  }

  #atomic({ name, id, before, value, isWrite }: AtomicEvent): void {
    const resource = this.id(`atomic ${name}`);
    if (isWrite) {
      this.footprint.write(resource);
      this.seen.setsAtomic(id, value);
    } else this.footprint.read(resource);
    this.learnt?.add(before);
  }

  // What setup does is the same in each schedule.
  #hides(): void {
    if (this.learnt !== undefined) this.seen.hasHidden = true;
  }

  // Where the data cache has aliases, the kernel writes lines back, and which there are depends on all that was done.
  #movesLines(): void {
    if (this.machine.config.dcacheColours > 1) this.footprint.everything = true;
  }

  // A page that is freed or allocated is filled, and whether it is mapped, or may be touched, depends on when.
  #changesHands(pfn: number): void {
    this.#asked('pages');
    const { memory, dataCache } = this.machine.hardware;
    if (dataCache !== undefined) this.footprint.everything = true;
    this.footprint.write(this.resources.frame(pfn));
    this.#range(memory.page(pfn), 0, memory.pageSize, true);
  }

  // What is mapped for devices follows from all that was asked for, in order.
  #dma({ device, verb, direction, address, lengthBytes, frames }: DmaEvent): void {
    this.footprint.everything = true;
    // What it sees follows from what was done before, and it changes nothing.
    if (verb === 'look') {
      this.learnt?.add(this.seen.history.value);
      return;
    }
    this.seen.history.addText(device).addText(verb).addText(direction).add(address).add(lengthBytes);
    for (const frame of frames) {
      this.seen.history.add(frame);
      this.seen.writes(frame);
    }
    this.learnt?.add(address).add(lengthBytes);
  }

  #pool(): void {
    this.seen.poolUsed = true;
    this.footprint.write(this.id('kmap pool'));
  }

  #asked(what: string): void {
    if (!PLAIN_POOLS.has(what)) this.#hides();
    if (what === 'kmap pool') this.#pool();
    else this.footprint.write(this.id(what));
  }

  #map(event: MapEvent): void {
    const { pool } = event;
    if (pool !== undefined) this.#asked(pool);
    const ordinal = this.seen.nextOrdinal(event.by.name);
    const frames = this.#framesOf(event);
    for (const frame of frames) this.footprint.read(this.resources.frame(frame));
    this.seen.maps(event.serial, {
      resource: this.id(`mapping ${event.by.name} ${String(ordinal)}`),
      frames,
      pool: pool === undefined ? undefined : this.id(pool),
      mayBeTaken: this.followPlaces || pool !== 'kmap pool',
    });
    if (pool === 'kmap pool') this.learnt?.add(event.pfn).addPlace(event.vaddr);
    else this.learnt?.add(event.vaddr).add(event.pfn);
  }

  #framesOf({ serial, pfn }: MapEvent): readonly number[] {
    for (const window of this.machine.live)
      if (window.serial === serial) return window.frames().map((page) => page.pfn);
    return [pfn];
  }

  #unmap(event: MapEvent): void {
    const mapped = this.seen.mapped(event.serial);
    if (mapped === undefined) {
      this.footprint.everything = true;
      return;
    }
    this.footprint.write(mapped.resource);
    this.seen.maps(event.serial, { ...mapped, mayBeTaken: true });
    for (const frame of mapped.frames) this.footprint.read(this.resources.frame(frame));
    const { pool } = event;
    if (pool !== undefined) this.#asked(pool);
  }

  #access(event: AccessEvent): void {
    const mapped = this.seen.mapped(event.serial);
    if (mapped === undefined) {
      // An address of the linear map is no mapping, and always leads to the same page.
      if (event.serial !== Infinity) this.footprint.everything = true;
    } else {
      this.footprint.read(mapped.resource);
      if (mapped.pool !== undefined && mapped.mayBeTaken) this.footprint.read(mapped.pool);
    }
    const { memory } = this.machine.hardware;
    const page = memory.page(event.pfn);
    if (page.zone.region !== undefined) {
      this.#device(page);
      return;
    }
    const isWrite = event.event === 'store';
    // What a load finds in the cache, and what a later write-back does, depends on the state of the whole cache.
    const { dataCache } = this.machine.hardware;
    if (dataCache !== undefined) {
      this.footprint.everything = true;
      if (this.learnt !== undefined) addCache(this.learnt, dataCache);
    } else if (!isWrite) {
      const bytes = memory.bytesOf(page);
      this.learnt?.addBytes(bytes.subarray(event.offset, event.offset + event.lengthBytes));
    }
    this.#range(page, event.offset, event.lengthBytes, isWrite);
  }

  // The state of a device with handlers belongs to the author of the test and cannot be seen here; plain device
  // memory counts as read and written as a whole.
  #device(page: Page): void {
    this.#hides();
    const { region } = page.zone;
    if (region?.handlers !== undefined) {
      this.footprint.everything = true;
      this.seen.history.addText('device');
      this.learnt?.add(this.seen.history.value);
      return;
    }
    const { memory } = this.machine.hardware;
    for (let i = 0; i < page.zone.pages; i += 1) {
      const part = memory.page(page.zone.firstPfn + i);
      this.learnt?.addBytes(memory.bytesOf(part));
      this.#range(part, 0, memory.pageSize, true);
    }
  }

  #physical(pfn: number): void {
    const page = this.machine.hardware.memory.page(pfn);
    // Actors are no observers: one that takes the bytes, as a device does, touches them.
    if (this.learnt !== undefined)
      checkTouch(this.machine, page, { verb: 'an access past all mappings', since: Infinity, write: true });
    this.exposed?.add(page);
    this.expose(page);
  }

  #range(page: Page, offset: number, lengthBytes: number, isWrite: boolean): void {
    const from = page.pfn * this.machine.pageSize + offset;
    this.footprint.range(from, from + lengthBytes, isWrite);
    if (isWrite) this.seen.writes(page.pfn);
  }
}
