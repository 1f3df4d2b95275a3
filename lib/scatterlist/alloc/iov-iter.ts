/**
 * `struct iov_iter`, with the part that extracting pages needs: its bytes, and how many are left.
 *
 * Every kind of iterator is a sequence of runs of bytes in contiguous pages. Pages of a user are pinned while a list
 * refers to them; the caller must keep all others.
 */
import { err, ok } from '../../base/result.ts';
import type { Result } from '../../base/result.ts';
import type { InvalidArgument } from '../../base/errors.ts';
import { MOST_32, isWhole, requireWhole, wholeFrom } from '../../base/whole.ts';
import type { VirtAddr } from '../../base/units.ts';
import type { Folio } from '../../kernel/parts/folio.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';

/** Bytes in contiguous pages: a `bio_vec`. */
export interface PageRun<K extends MemoryKind = MemoryKind> {
  readonly page: Page<K>;
  /** Bytes from the start of the page; may be a page or more. */
  readonly offset: number;
  readonly length: number;
}

/** The kind of an iterator. */
export type IterKind = 'user' | 'kvec' | 'bvec' | 'folioq' | 'discard';

/** An iterator over bytes that lie in pages. */
export class IovIter<K extends MemoryKind = MemoryKind> {
  readonly kind: IterKind;
  /** Number of bytes left. */
  count: number;
  /** How often each page is pinned by lists extracted so far. */
  readonly pins: Map<Page<K>, number> = new Map<Page<K>, number>();
  private readonly runs: readonly PageRun<K>[];
  private run = 0;
  private offsetInRun = 0;

  constructor(kind: IterKind, runs: readonly PageRun<K>[], count: number) {
    this.kind = kind;
    this.runs = runs;
    this.count = count;
  }

  /** The rest of the current run, or `undefined` at the end. */
  get current(): PageRun<K> | undefined {
    let run = this.runs[this.run];
    while (run !== undefined && this.offsetInRun >= run.length) {
      this.run += 1;
      this.offsetInRun = 0;
      run = this.runs[this.run];
    }
    if (run === undefined || this.count === 0) return undefined;
    const length = Math.min(run.length - this.offsetInRun, this.count);
    return { page: run.page, offset: run.offset + this.offsetInRun, length };
  }

  /** Moves on by bytes that lie in the current run. */
  advance(bytes: number): void {
    requireWhole('bytes', bytes, 0, this.current?.length ?? 0);
    this.offsetInRun += bytes;
    this.count -= bytes;
  }
}

function over<K extends MemoryKind>(kind: IterKind, runs: readonly PageRun<K>[]): IovIter<K> {
  return new IovIter(
    kind,
    runs,
    runs.reduce((sum, { length }) => sum + length, 0),
  );
}

/** Memory of a user: its page frames, in the order of its addresses. */
export interface UserBuffer<K extends MemoryKind = MemoryKind> {
  readonly pages: readonly Page<K>[];
  /** Offset in the first page. */
  readonly offset: number;
  readonly length: number;
}

/**
 * An iterator over buffers of a user, each given by the page frames behind it in order.
 *
 * @linux iov_iter_ubuf, iov_iter_init (7.2)
 * @context task
 */
export function iovIterUser<K extends MemoryKind>(buffers: readonly UserBuffer<K>[]): IovIter<K> {
  for (const { pages, offset, length } of buffers) {
    const pageSize = pages[0]?.zone.memory.pageSize ?? 1;
    requireWhole('offset', offset, 0, pageSize - 1);
    requireWhole('length', length, 0, Math.max(pages.length * pageSize - offset, 0));
  }
  return over('user', buffers.flatMap(pageByPage));
}

function pageByPage<K extends MemoryKind>(buffer: UserBuffer<K>): PageRun<K>[] {
  let left = buffer.length;
  let { offset } = buffer;
  return buffer.pages.map((page) => {
    const length = Math.min(left, page.zone.memory.pageSize - offset);
    const run = { page, offset, length };
    left -= length;
    offset = 0;
    return run;
  });
}

/**
 * An iterator over kernel buffers, given by permanent addresses.
 *
 * @linux iov_iter_kvec (7.2)
 * @context any
 * @errors InvalidArgument for an address outside lowmem
 * @differs Linux takes vmalloc addresses too
 */
export function iovIterKvec(
  machine: Machine,
  vectors: readonly { readonly address: VirtAddr; readonly length: number }[],
): Result<IovIter<'lowmem'>, InvalidArgument> {
  const { addresses, memory } = machine.hardware;
  const runs: PageRun<'lowmem'>[] = [];
  for (const { address, length } of vectors) {
    if (!isWhole(length, Number.MAX_SAFE_INTEGER))
      return invalidVector('length', length, wholeFrom(0, Number.MAX_SAFE_INTEGER));
    // Checked before any page is looked up, because a length can be absurd.
    const last = address - addresses.pageOffset + length;
    if (last > memory.directEnd * memory.pageSize) return invalidVector('length', length, 'bytes of lowmem');
    for (let done = 0; done < length;) {
      const fromStart = address + done - addresses.pageOffset;
      const offset = fromStart % memory.pageSize;
      const page = fromStart < 0 ? undefined : memory.pageAt((fromStart - offset) / memory.pageSize);
      if (page === undefined || !isLowmem(page)) {
        return invalidVector('address', address + done, 'a permanent address of lowmem');
      }
      const part = Math.min(length - done, memory.pageSize - offset);
      runs.push({ page, offset, length: part });
      done += part;
    }
  }
  return ok(over('kvec', runs));
}

function invalidVector(argument: string, got: number, expected: string): Result<never, InvalidArgument> {
  return err({ code: 'InvalidArgument', argument, got, expected });
}

function isLowmem(page: Page): page is Page<'lowmem'> {
  return page.kind === 'lowmem';
}

/**
 * An iterator over runs of pages; each becomes one entry, however long.
 *
 * @linux iov_iter_bvec (7.2)
 * @context any
 */
export function iovIterBvec<K extends MemoryKind>(vectors: readonly PageRun<K>[]): IovIter<K> {
  for (const { offset, length } of vectors) {
    requireWhole('offset', offset, 0, MOST_32);
    requireWhole('length', length, 0, MOST_32);
  }
  return over('bvec', vectors);
}

/**
 * An iterator over whole folios in a queue; each becomes one entry.
 *
 * @linux iov_iter_folio_queue (7.2; not in 6.1)
 * @context any
 */
export function iovIterFolioQueue<K extends MemoryKind>(folios: readonly Folio<K>[]): IovIter<K> {
  return over(
    'folioq',
    folios.map((folio) => ({ page: folio.head, offset: 0, length: folio.sizeBytes })),
  );
}

/**
 * An iterator that discards bytes; it has no pages.
 *
 * @linux iov_iter_discard (7.2)
 * @context any
 */
export function iovIterDiscard(count: number): IovIter<never> {
  requireWhole('count', count);
  return new IovIter<never>('discard', [], count);
}

/**
 * Whether extracting pins the pages, so that the code that frees the list must unpin them.
 *
 * @linux iov_iter_extract_will_pin (7.2)
 * @context any
 */
export function iovIterExtractWillPin(iter: IovIter): boolean {
  return iter.kind === 'user';
}

/**
 * Gives one pin of a page back; returns whether it was pinned.
 *
 * @linux unpin_user_page (7.2)
 * @context any
 */
export function unpinUserPage<K extends MemoryKind>(iter: IovIter<K>, page: Page<K>): boolean {
  const pins = iter.pins.get(page) ?? 0;
  if (pins > 1) iter.pins.set(page, pins - 1);
  else iter.pins.delete(page);
  return pins > 0;
}
