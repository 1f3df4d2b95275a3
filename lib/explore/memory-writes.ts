/**
 * Who wrote each byte of memory last. Stores are told; of pages whose bytes were handed out as an array, what has changed
 * is found by comparing.
 */
import type { CallSite } from '../machine/call-site.ts';
import type { Page, PhysicalMemory } from '../machine/memory.ts';

/** Who wrote, and where. */
export interface Write {
  /** `task "copy"`, or `setup`. */
  readonly actor: string;
  /** The step as the timeline numbers it; -1 before the first. */
  readonly step: number;
  readonly site: CallSite | undefined;
  /** By a store, through an array or a copy, or by the allocation of the page. */
  readonly how: 'store' | 'array' | 'alloc';
}

/** A page whose bytes can change without a store. */
interface Watched {
  readonly page: Page;
  /** Its bytes when they were compared last. */
  readonly known: Uint8Array;
  /** By byte: 1 if it was stored to since. */
  readonly stored: Uint8Array;
  /** The last actor that was given the bytes, and where. */
  given: Write;
  /** Whether a cache moves bytes that were stored before. */
  isMoved: boolean;
}

/** The last writers of one machine's memory. */
export class MemoryWrites {
  private readonly memory: PhysicalMemory;
  private readonly changed: (pfn: number, offset: number, lengthBytes: number) => void;
  readonly #writes: Write[] = [];
  /** By frame, for each byte: the place in the list of writes, plus 1. */
  readonly #last = new Map<number, Int32Array>();
  readonly #watched = new Map<number, Watched>();
  #next: Write | undefined = undefined;

  /** `changed` is told of bytes that are found to have changed. */
  constructor(memory: PhysicalMemory, changed: (pfn: number, offset: number, lengthBytes: number) => void) {
    this.memory = memory;
    this.changed = changed;
  }

  /** Who wrote a byte last. */
  writerOf(page: Page, offset: number): Write | undefined {
    return this.#writes[(this.#last.get(page.pfn)?.[offset] ?? 0) - 1];
  }

  /** Bytes are about to be stored. */
  stored(pfn: number, offset: number, lengthBytes: number, write: Write): void {
    this.#set(pfn, offset, lengthBytes, write);
    this.#watched.get(pfn)?.stored.fill(1, offset, offset + lengthBytes);
  }

  /** The bytes of a page are handed out, and can change without a store from now on. */
  watch(pfn: number, given: Write): void {
    const watched = this.#watched.get(pfn);
    if (watched !== undefined) {
      watched.given = given;
      return;
    }
    const page = this.memory.page(pfn);
    const known = this.memory.bytesOf(page).slice();
    this.#watched.set(pfn, { page, known, stored: new Uint8Array(known.length), given, isMoved: false });
  }

  /** What changes next, this writes. */
  writesNext(write: Write): void {
    this.#next = write;
  }

  /** A cache writes back what was stored before, so this is no new write. */
  moves(pfn: number): void {
    const watched = this.#watched.get(pfn);
    if (watched !== undefined) watched.isMoved = true;
  }

  /** Finds what has changed since the last time. */
  settle(write: Write): void {
    for (const watched of this.#watched.values()) this.#compare(watched, write);
    this.#next = undefined;
  }

  #compare(watched: Watched, write: Write): void {
    const { page, known, stored, given } = watched;
    const now = this.memory.bytesOf(page);
    const site = this.#next?.site ?? (given.actor === write.actor ? given.site : undefined);
    for (let at = 0; at < now.length && !watched.isMoved; at += 1) {
      if (now[at] === known[at] || stored[at] === 1) continue;
      const from = at;
      while (at < now.length && now[at] !== known[at] && stored[at] !== 1) at += 1;
      this.#set(page.pfn, from, at - from, { ...write, site });
      this.changed(page.pfn, from, at - from);
    }
    known.set(now);
    stored.fill(0);
    watched.isMoved = false;
  }

  #set(pfn: number, offset: number, lengthBytes: number, write: Write): void {
    let last = this.#last.get(pfn);
    if (last === undefined) {
      last = new Int32Array(this.memory.pageSize);
      this.#last.set(pfn, last);
    }
    if (this.#writes.at(-1) !== write) this.#writes.push(write);
    last.fill(this.#writes.length, offset, offset + lengthBytes);
  }
}
