/**
 * The event trace: a record of what the machine did, in order.
 */
import type { CallSite } from './call-site.ts';

/** The context that caused an event: its name and CPU. */
export interface Actor {
  readonly name: string;
  readonly cpu: number;
}

/** What happens to memory that is mapped for a device. */
export type DmaVerb = 'map' | 'unmap' | 'sync-for-cpu' | 'sync-for-device' | 'read' | 'write' | 'look';

/** One event. Frame numbers, slots and addresses are plain numbers here: a trace is data. */
export type TraceEvent =
  | {
      readonly event: 'map';
      readonly by: Actor;
      readonly mechanism: string;
      /** The shared part of the machine that the mapping takes from, if any. */
      readonly pool: string | undefined;
      /** Whether it lives in a section with preemption disabled. */
      readonly isAtomic: boolean;
      readonly pfn: number;
      readonly vaddr: number;
      readonly slot: number | undefined;
      readonly serial: number;
      /** Where the driver called, if the machine keeps call sites. */
      readonly site: CallSite | undefined;
    }
  | {
      readonly event: 'unmap';
      readonly by: Actor;
      readonly mechanism: string;
      /** The shared part of the machine that the mapping takes from, if any. */
      readonly pool: string | undefined;
      /** Whether it lives in a section with preemption disabled. */
      readonly isAtomic: boolean;
      readonly pfn: number;
      readonly vaddr: number;
      readonly slot: number | undefined;
      readonly serial: number;
      /** Where the driver called, if the machine keeps call sites. */
      readonly site: CallSite | undefined;
    }
  /** A release by an address that none of the context's maps covers. */
  | { readonly event: 'unmap-astray'; readonly by: Actor; readonly vaddr: number }
  /** An access by a bare address for which the context has no mapping. */
  | { readonly event: 'access-astray'; readonly by: Actor; readonly vaddr: number }
  /** A page of a user's address space was made present or taken away. */
  | { readonly event: 'user-map'; readonly space: string; readonly index: number }
  /** A copy looked whether a page of a user is present. */
  | {
      readonly event: 'user-look';
      readonly by: Actor;
      readonly space: string;
      readonly index: number;
      readonly isPresent: boolean;
      /** Whether the copy handles a fault, unless page faults are disabled. */
      readonly isHandled: boolean;
    }
  /** The number of the CPU was read. */
  | { readonly event: 'cpu-look'; readonly by: Actor }
  | { readonly event: 'local-set'; readonly slot: number; readonly pfn: number }
  | { readonly event: 'local-clear'; readonly slot: number }
  | { readonly event: 'pkmap-set'; readonly slot: number; readonly pfn: number }
  | { readonly event: 'pkmap-clear'; readonly slot: number }
  | { readonly event: 'flush-page'; readonly cpu: number; readonly vaddr: number }
  | { readonly event: 'flush-range'; readonly from: number; readonly to: number }
  | { readonly event: 'flush-cache-kmaps' }
  | { readonly event: 'flush-dcache-page'; readonly pfn: number }
  /** Lines of a page were written back or dropped. */
  | { readonly event: 'dcache'; readonly pfn: number; readonly colour: number }
  | {
      readonly event: 'load' | 'store';
      readonly by: Actor;
      readonly pfn: number;
      readonly offset: number;
      readonly lengthBytes: number;
      /** The mapping used. */
      readonly serial: number;
    }
  | {
      readonly event: 'io-read' | 'io-write';
      readonly by: Actor;
      readonly region: string;
      readonly offset: number;
      readonly width: number;
    }
  | { readonly event: 'switch'; readonly cpu: number; readonly from: string; readonly to: string }
  | { readonly event: 'irq-enter' | 'irq-exit'; readonly by: Actor; readonly kind: string }
  | { readonly event: 'sleep' | 'wake'; readonly by: Actor; readonly on: string }
  /** A function that may sleep was called where it may. */
  | { readonly event: 'may-sleep'; readonly by: Actor; readonly what: string }
  | {
      readonly event: 'bounce-map' | 'bounce-unmap' | 'bounce-sync';
      readonly by: Actor;
      readonly slot: number;
      readonly lengthBytes: number;
    }
  | {
      readonly event: 'dma';
      readonly device: string;
      readonly verb: DmaVerb;
      readonly direction: string;
      /** The bus address. */
      readonly address: number;
      readonly lengthBytes: number;
      /** The first page of each piece. */
      readonly frames: readonly number[];
    }
  | { readonly event: 'key'; readonly by: Actor; readonly granted: boolean }
  /** A caller found the pool, the area or the zone full. */
  | { readonly event: 'refused'; readonly what: string }
  | { readonly event: 'alloc' | 'free'; readonly pfn: number }
  /** The bytes of a page were handed out; accesses to them are not traced. */
  | { readonly event: 'physical'; readonly pfn: number }
  /** The same for the bytes of a mapping, until it is released. */
  | { readonly event: 'bytes'; readonly pfn: number }
  | { readonly event: 'acquire' | 'release'; readonly by: Actor; readonly lock: string }
  /** An operation on an atomic. An exchange orders what is around it; a read and a set do not. */
  | {
      readonly event: 'atomic';
      readonly by: Actor;
      readonly name: string;
      /** Tells it from others of the same name. */
      readonly id: number;
      readonly verb: 'read' | 'set' | 'exchange';
      readonly before: number;
      readonly value: number;
      readonly isWrite: boolean;
    }
  /** What a program of the explorer chose, or wrote down for a report. */
  | { readonly event: 'choose'; readonly by: Actor; readonly value: number; readonly count: number }
  | { readonly event: 'note'; readonly by: Actor; readonly text: string }
  /** The explorer adds these to what it tells: disable counts that changed, by name, with what they are now. */
  | { readonly event: 'counts'; readonly by: Actor; readonly now: Readonly<Record<string, number>> }
  /** A property of what is shared was written, or a shared object that is not followed by property has changed. */
  | {
      readonly event: 'shared-write';
      readonly by: Actor;
      readonly place: string;
      /** The new value as text. */
      readonly value: string;
    }
  /** Bytes that changed without a store: through an array, or by a copy of the kernel's own. */
  | {
      readonly event: 'changed';
      readonly by: Actor;
      readonly pfn: number;
      readonly offset: number;
      readonly lengthBytes: number;
    }
  /** An interrupt arrived inside a function of the kernel. */
  | { readonly event: 'interrupted'; readonly by: Actor; readonly where: string }
  | { readonly event: 'violation'; readonly rule: string; readonly what: string };

/** Keeps the newest events, up to a bound. */
export class Trace {
  private readonly limit: number;
  #events: TraceEvent[] = [];
  #dropped = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Events kept, oldest first. */
  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** Number of events that were dropped. */
  get dropped(): number {
    return this.#dropped;
  }

  record(event: TraceEvent): void {
    this.#events.push(event);
    if (this.#events.length > 2 * this.limit) {
      this.#dropped += this.#events.length - this.limit;
      this.#events = this.#events.slice(-this.limit);
    }
  }

  /** Returns the events and clears the trace. */
  take(): readonly TraceEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
