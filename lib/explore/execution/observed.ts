/**
 * What was observed of a machine since its schedule began: the part of a state that is followed by events.
 *
 * It names pages by their frames and mappings by their serial numbers, which are the same whenever the same steps are run
 * again. So it need not be observed again, only taken back to the step from which another order is tried.
 */
import { Hash } from '../../base/hash.ts';
import { Journal } from './journal.ts';

/** What is known of a mapping. */
export interface Mapped {
  readonly resource: number;
  /** The frames that it covers. */
  readonly frames: readonly number[];
  /** The pool or area behind its translation, where that is shared. */
  readonly pool: number | undefined;
  /** Whether a slot of the pool may get another page under it: not while it is live. */
  readonly mayBeTaken: boolean;
}

/** A moment to which it can be taken back. */
export interface Moment {
  readonly journal: number;
  readonly history: Hash;
  readonly poolUsed: boolean;
  readonly hasHidden: boolean;
}

/** Stands for the hash of a page whose content was not hashed since it changed. */
const NOT_HASHED = -1;

/** What was observed in one schedule. */
export class Observed {
  /** What bounce pools and other order-dependent parts have been asked, in order. */
  readonly history: Hash = new Hash();
  /** Whether anything ever used the kmap pool. */
  poolUsed = false;
  /** Whether something was done that leaves state behind which only the histories of the actors tell. */
  hasHidden = false;
  /** Whether it can be taken back. */
  readonly goesBack: boolean;
  private readonly journal: Journal;
  readonly #allocated = new Set<number>();
  readonly #dirty = new Map<number, number>();
  readonly #atomics = new Map<number, number>();
  readonly #mapped = new Map<number, Mapped>();
  readonly #ordinals = new Map<string, number>();

  constructor(goesBack: boolean) {
    this.goesBack = goesBack;
    this.journal = new Journal(goesBack);
  }

  /** Frames allocated and not freed. */
  get allocated(): ReadonlySet<number> {
    return this.#allocated;
  }

  /** Frames of pages that were written. */
  get dirty(): Iterable<number> {
    return this.#dirty.keys();
  }

  /** The values of atomics that were written, wherever the program keeps them. */
  get atomics(): ReadonlyMap<number, number> {
    return this.#atomics;
  }

  /** A frame was allocated; its bytes have the given hash. */
  allocates(pfn: number, content: number): void {
    this.journal.add(this.#allocated, pfn);
    this.journal.set(this.#dirty, pfn, content);
  }

  /** A frame was freed. */
  frees(pfn: number): void {
    this.journal.delete(this.#allocated, pfn);
  }

  /** A page was written, or may have been. */
  writes(pfn: number): void {
    this.journal.set(this.#dirty, pfn, NOT_HASHED);
  }

  /** The hash of a page that was written; `hash` makes it if the page has changed since the last time. */
  contentOf(pfn: number, hash: (pfn: number) => number): number {
    const known = this.#dirty.get(pfn);
    if (known !== undefined && known !== NOT_HASHED) return known;
    const content = hash(pfn);
    this.journal.set(this.#dirty, pfn, content);
    return content;
  }

  /** An atomic has a new value. */
  setsAtomic(id: number, value: number): void {
    this.journal.set(this.#atomics, id, value);
  }

  /** The number of the next mapping of a context. */
  nextOrdinal(context: string): number {
    const ordinal = (this.#ordinals.get(context) ?? 0) + 1;
    this.journal.set(this.#ordinals, context, ordinal);
    return ordinal;
  }

  /** A mapping was made. */
  maps(serial: number, mapped: Mapped): void {
    this.journal.set(this.#mapped, serial, mapped);
  }

  /** The mapping of a serial number. */
  mapped(serial: number): Mapped | undefined {
    return this.#mapped.get(serial);
  }

  /** Now, to come back to. */
  get now(): Moment {
    const history = new Hash().copy(this.history);
    return { journal: this.journal.moment, history, poolUsed: this.poolUsed, hasHidden: this.hasHidden };
  }

  /** Takes it back to an earlier moment. */
  goBackTo({ journal, history, poolUsed, hasHidden }: Moment): void {
    this.journal.goBackTo(journal);
    this.history.copy(history);
    this.poolUsed = poolUsed;
    this.hasHidden = hasHidden;
  }
}
