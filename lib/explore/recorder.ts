/**
 * What only a report needs: the line of each event, who wrote each byte and each shared property last, and what happened
 * without an event of its own. It listens while one schedule is run again to be told, never while exploring.
 */
import type { AddressSpaceDump } from '../kernel/core/address-dump.ts';
import type { Machine, Task } from '../kernel/core/machine.ts';
import { observedSite } from '../machine/call-site.ts';
import type { CallSite } from '../machine/call-site.ts';
import type { PlaceName } from '../machine/hardware.ts';
import type { Page } from '../machine/memory.ts';
import type { TraceEvent } from '../machine/trace.ts';
import type { Violation } from '../machine/violation.ts';
import { SharedObjects } from './shared-objects.ts';
import { valueText } from './value-text.ts';
import { MemoryWrites } from './memory-writes.ts';
import type { Write } from './memory-writes.ts';

/** Where an event happened. */
export interface Place {
  readonly site: CallSite | undefined;
  /** The step as the timeline numbers it; -1 before the first. */
  readonly step: number;
  /** What the program called the memory that it is about. */
  readonly name?: PlaceName | undefined;
}

/** What the final check looked at. */
export interface Looked {
  readonly bytes: readonly { readonly page: Page; readonly offset: number; readonly lengthBytes: number }[];
  /** Shared properties by place, with the value that was read. */
  readonly shared: ReadonlyMap<string, unknown>;
}

const COUNTS = {
  preempt: 'preemptCount',
  migrate: 'migrateDisabled',
  pagefault: 'pagefaultDisabled',
} as const;

/** Listens to one schedule. */
export class Recorder {
  private readonly machine: Machine;
  /** Adds an event to those that are told. */
  private readonly tell: (event: TraceEvent) => void;
  private readonly memory: MemoryWrites;
  #toldCheck = false;
  #objects: SharedObjects | undefined = undefined;
  #actor = 'setup';
  #step = -1;
  readonly #places = new WeakMap<TraceEvent, Place>();
  readonly #counts = new WeakMap<Task, Readonly<Record<string, number>>>();
  readonly #shared = new Map<string, Write>();
  #looked: { bytes: Looked['bytes'][number][]; shared: Map<string, unknown> } | undefined = undefined;

  #found: { readonly what: string; readonly addresses: AddressSpaceDump } | undefined = undefined;

  constructor(machine: Machine, tell: (event: TraceEvent) => void) {
    this.machine = machine;
    this.tell = tell;
    this.memory = new MemoryWrites(machine.hardware.memory, (pfn, offset, lengthBytes) => {
      this.tell({ event: 'changed', by: machine.executing.actor, pfn, offset, lengthBytes });
    });
  }

  /** What the actors share, as `setup` returned it. */
  shares(root: object): void {
    this.#objects = new SharedObjects(root);
    this.#settle();
  }

  /** From now on an actor acts, in a step. */
  acts(actor: string, step: number): void {
    this.#settle();
    this.#actor = actor;
    this.#step = step;
  }

  /** The step, and all that it did, has ended. */
  ends(): void {
    this.#tellCounts();
    this.#settle();
  }

  /** From now on what is read, the final check reads. */
  looks(): void {
    this.#looked = { bytes: [], shared: new Map() };
  }

  get looked(): Looked {
    return this.#looked ?? { bytes: [], shared: new Map() };
  }

  /** The line of the program that caused an event, and the step. */
  placeOf(event: TraceEvent): Place | undefined {
    return this.#places.get(event);
  }

  /** Tells an error that the program threw, which no check of the machine reported. */
  threw({ rule, what, foundAt }: Violation): void {
    const event: TraceEvent = { event: 'violation', rule, what };
    this.#places.set(event, { site: foundAt, step: this.#step });
    this.tell(event);
  }

  /** The kernel's addresses when a violation was reported, before the error ran through the program. */
  addressesAt({ what }: Violation): AddressSpaceDump | undefined {
    return this.#found?.what === what ? this.#found.addresses : undefined;
  }

  page(pfn: number): Page {
    return this.machine.hardware.memory.page(pfn);
  }

  /** What the program calls the place of a byte, if it has a name for it. */
  nameOf(page: Page, offset: number): PlaceName | undefined {
    return this.machine.hardware.names?.bytes(page.pfn, offset);
  }

  /** Who wrote a byte last. */
  writerOf(page: Page, offset: number): Write | undefined {
    return this.memory.writerOf(page, offset);
  }

  /** Who wrote a shared property last, or changed the object that it holds. */
  writerAt(place: string, value?: unknown): Write | undefined {
    const object = typeof value === 'object' && value !== null ? this.#objects?.writerOf(value) : undefined;
    return object ?? this.#shared.get(place);
  }

  /** The elements of an array of numbers that actors wrote, in order. */
  writtenIn(array: object): readonly number[] {
    return this.#objects?.writtenIn(array) ?? [];
  }

  /** Who wrote an element of a shared array last. */
  writerIn(array: ArrayLike<number>, index: number): Write | undefined {
    const before = this.#looked;
    this.looks();
    // A plain array is watched, so reading the element tells its place.
    void array[index];
    const [place = ''] = [...this.looked.shared.keys()].slice(-1);
    this.#looked = before;
    return this.#objects?.writerIn(array, index) ?? this.#shared.get(place);
  }

  /** Called before an event is kept. */
  before(event: TraceEvent): void {
    if (event.event === 'violation')
      this.#found = { what: event.what, addresses: this.machine.dumpAddressSpace() };
    if (this.#looked !== undefined) {
      this.looksAt(event);
      if (event.event !== 'violation') this.#tellCheck();
      this.#places.set(event, { site: observedSite(), step: this.#step, name: this.#nameOf(event) });
      return;
    }
    this.#tellCounts();
    const site = observedSite();
    this.#places.set(event, { site, step: this.#step, name: this.#nameOf(event) });
    const write = (how: Write['how']): Write => ({ actor: this.#actor, step: this.#step, site, how });
    const { memory } = this;
    switch (event.event) {
      case 'store':
        memory.stored(event.pfn, event.offset, event.lengthBytes, write('store'));
        return;
      case 'alloc':
      case 'free':
        memory.stored(event.pfn, 0, this.machine.pageSize, write('alloc'));
        return;
      case 'physical':
      case 'bytes':
        memory.watch(event.pfn, write('array'));
        return;
      case 'map':
        // Device memory has no stores of its own.
        if (this.page(event.pfn).zone.region !== undefined) memory.watch(event.pfn, write('array'));
        return;
      case 'atomic':
        if (event.isWrite) this.#shared.set(`.atomic ${event.name}`, write('store'));
        return;
      case 'io-write':
        memory.writesNext(write('array'));
        return;
      case 'dma':
        for (const frame of event.frames) memory.watch(frame, write('array'));
        return;
      case 'dcache':
      case 'flush-dcache-page':
        memory.moves(event.pfn);
        return;
      default:
    }
  }

  sharedWrite(place: string, value: unknown): void {
    // The list of the properties of an object is no property, and what stands for a structure in C says nothing new.
    if (place.endsWith('.*') || place.includes('.@') || this.#looked !== undefined) return;
    const site = observedSite();
    const event: TraceEvent = {
      event: 'shared-write',
      by: { name: this.#actor, cpu: this.machine.executing.cpu.id },
      place: place.slice(1),
      value: valueText(value),
    };
    this.#places.set(event, { site, step: this.#step });
    this.tell(event);
    this.#shared.set(place, { actor: this.#actor, step: this.#step, site, how: 'store' });
    this.#objects?.mayHaveNew();
  }

  sharedRead(place: string, value: unknown): void {
    if (!place.endsWith('.*')) this.#looked?.shared.set(place, value);
  }

  /** Notes bytes that the final check read. */
  read(page: Page, offset: number, lengthBytes: number): void {
    this.#looked?.bytes.push({ page, offset, lengthBytes });
  }

  /** Notes an event of the final check, which is no part of what is told. */
  looksAt(event: TraceEvent): void {
    if (event.event === 'atomic') this.sharedRead(`.atomic ${event.name}`, event.value);
    else if (event.event === 'load') this.read(this.page(event.pfn), event.offset, event.lengthBytes);
    else if (event.event === 'bytes' || event.event === 'physical')
      this.read(this.page(event.pfn), 0, this.machine.pageSize);
  }

  /** Tells once where the events of the last actor end and those of the final check begin. */
  #tellCheck(): void {
    if (this.#toldCheck) return;
    this.#toldCheck = true;
    this.tell({ event: 'note', by: this.machine.executing.actor, text: 'the final check runs' });
  }

  #nameOf(event: TraceEvent): PlaceName | undefined {
    const { names } = this.machine.hardware;
    if (names === undefined) return undefined;
    if (event.event === 'load' || event.event === 'store') return names.bytes(event.pfn, event.offset);
    if (event.event !== 'map' && event.event !== 'unmap' && event.event !== 'alloc' && event.event !== 'free')
      return undefined;
    const text = names.page(event.pfn);
    return text === undefined ? undefined : { text, base: text, offset: 0 };
  }

  #tellCounts(): void {
    const { actor: by, task } = this.machine.executing;
    const before = this.#counts.get(task) ?? {};
    const now = Object.fromEntries(Object.entries(COUNTS).map(([name, key]) => [name, task[key]]));
    const changed = Object.entries(now).filter(([name, count]) => count !== (before[name] ?? 0));
    if (changed.length === 0) return;
    this.#counts.set(task, now);
    this.tell({ event: 'counts', by, now: Object.fromEntries(changed) });
  }

  /** Finds what changed without an event since the last time, and holds the acting actor for its writer. */
  #settle(): void {
    const write: Write = { actor: this.#actor, step: this.#step, site: undefined, how: 'array' };
    this.memory.settle(write);
    const by = this.machine.executing.actor;
    this.#objects?.settle(write, (place, value) => {
      this.tell({ event: 'shared-write', by, place: place.slice(1), value });
    });
  }
}
