/**
 * The mapping iterator: `sg_mapping_iter` of lib/scatterlist.c. Unlike there, a failure is not reported as the end.
 */
import { hex } from '../../base/units.ts';
import type { ScatterlistError } from '../../base/errors.ts';
import type { Ok, Result } from '../../base/result.ts';
import { checkChoice } from '../../base/options.ts';
import { isWhole } from '../../base/whole.ts';
import type { Sleeping } from '../../kernel/parts/wait-queue.ts';
import type { Machine } from '../../kernel/core/machine.ts';
import type { MemoryKind, Page } from '../../machine/memory.ts';
import type { RuleId } from '../../machine/rules.ts';
import type { ErrorsOf, MapBackend, MappingOf, TokenSource, WaitErrorsOf } from '../../mapping/backend.ts';
import { guarded } from '../../mapping/guarded.ts';
import type { Releases } from '../../mapping/guarded.ts';
import type { Mapping } from '../../mapping/mapping.ts';
import type { SgEntry } from '../list/sg-array.ts';
import { checkEntries, checkSkip } from '../list/check-skip.ts';
import { SgCursor } from '../list/sg-cursor.ts';
import type { SgTable } from '../list/sg-table.ts';
import { sleepingCall } from '../../base/sleeping-call.ts';

/**
 * Which way the bytes go: `toSg` writes the list (and flushes the data cache of each page), `fromSg`
 * reads it. `none` is Linux's start without a direction, refused on a strict machine.
 */
export type MiterDirection = 'toSg' | 'fromSg' | 'none';

const DIRECTIONS: readonly MiterDirection[] = ['toSg', 'fromSg', 'none'];

const MORE: Ok<boolean> = { ok: true, value: true };
const END: Ok<boolean> = { ok: true, value: false };

/**
 * Walks a list chunk by chunk, each chunk mapped while it is current.
 *
 * @linux sg_mapping_iter: sg_miter_start, sg_miter_next, sg_miter_skip, sg_miter_stop (7.2)
 * @context as the backend's contract says; `start` in any context
 * @errors `next` returns those of the backend; end is `false`, never an error
 * @differs ATOMIC, LOCAL and the sleeping form are the backend's choice; a strict machine skips empty
 * entries and refuses to consume more than the chunk has
 * @example
 * ```ts
 * let sum = 0;
 * const it = new SgMiter(table, kmapLocal(task), 'fromSg');
 * while (it.next().value) sum += it.mapping.load8(0);
 * it.stop();
 * ```
 */
export class SgMiter<B extends MapBackend, K extends MemoryKind> {
  /** Bytes of the current chunk. */
  length = 0;
  /** Number of bytes of the chunk that the caller used; the next chunk begins there. Default: `length`. */
  consumed = 0;
  private readonly backend: B;
  private readonly releases: Releases;
  private readonly machine: Machine;
  private readonly direction: MiterDirection;
  /** The backend's tokens, if nothing but a release happens between two chunks. */
  private readonly tokens: TokenSource<Mapping> | undefined;
  private readonly cursor: SgCursor;
  private readonly disablesFaults: boolean;
  private readonly isCompatible: boolean;
  private current: MappingOf<B> | undefined = undefined;

  constructor(list: SgTable<K> | SgEntry<K> | null, backend: B, direction: MiterDirection, nents?: number) {
    checkChoice('direction', direction, DIRECTIONS);
    const machine = backend.context.machine;
    this.backend = backend;
    this.releases = guarded(backend);
    this.machine = machine;
    this.direction = direction;
    this.isCompatible = machine.config.semantics === 'compatible';
    this.disablesFaults = backend.contract.disables.includes('pageFaults');
    const flushes = direction === 'toSg' && machine.hardware.dataCache !== undefined;
    const isPlain = direction !== 'none' && !flushes && !this.disablesFaults;
    this.tokens = isPlain ? backend.tokens : undefined;
    const table = list !== null && 'sgl' in list ? list : undefined;
    const sgl = list !== null && 'sgl' in list ? list.sgl : list;
    const entries = nents ?? table?.origNents ?? Number.MAX_SAFE_INTEGER;
    checkEntries(backend, 'nents', entries);
    this.cursor = new SgCursor(sgl, entries, {
      machine,
      pageSize: machine.pageSize,
      strict: machine.config.semantics === 'strict',
      wholeEntries: backend.contract.contiguous,
      asker: { name: 'SgMiter', context: backend.context },
    });
    if (direction === 'none')
      this.violate('miter-no-direction', 'the iterator was started with neither toSg nor fromSg');
  }

  /** The mapping of the current chunk. */
  get mapping(): MappingOf<B> {
    const mapping = this.current;
    if (mapping === undefined)
      throw new RangeError('no chunk is mapped: call next() first, and look at what it returns');
    return mapping;
  }

  /** The bytes of the current chunk; only for backends whose mappings have bytes. */
  get bytes(): MappingOf<B> extends { readonly bytes: infer T } ? T : never {
    return bytesOf(this.mapping);
  }

  /** The page of the current chunk, while one is mapped. */
  get page(): Page | undefined {
    return this.current?.page;
  }

  /** Maps the next chunk: `true` with a chunk, `false` at the end. Does not sleep. */
  next(): Result<boolean, ErrorsOf<B, K>>;
  next(): Result<boolean, ScatterlistError> {
    const mapping = this.current;
    const tokens = this.tokens;
    if (mapping === undefined || tokens === undefined || this.consumed !== this.length)
      return this.nextOther();
    // The common step: from one whole entry to the next, with the same token.
    const cursor = this.cursor;
    const page = cursor.step();
    if (page === undefined) return this.nextOther();
    const { offset, remaining } = cursor;
    if (!tokens.remap(mapping, page, offset, remaining)) return this.nextAfresh(mapping);
    if (this.length !== remaining) {
      this.length = remaining;
      this.consumed = remaining;
    }
    return MORE;
  }

  // The step is only valid with the token. Without it the chunk must still be released, if this context may do that.
  private nextAfresh(mapping: Mapping): Result<boolean, ScatterlistError> {
    this.cursor.stepBack(mapping.pageOffset, mapping.lengthBytes);
    return this.nextOther();
  }

  private nextOther(): Result<boolean, ScatterlistError> {
    this.stop();
    const { cursor } = this;
    if (!cursor.load()) return END;
    const page = cursor.pageFor(cursor.remaining);
    const mapped = this.backend.map(page, cursor.offset, cursor.remaining);
    return mapped.ok ? this.begin(mapped.value) : mapped;
  }

  /** As `next`, but sleeps if the backend can wait, for example for a slot; call it with `yield*`. */
  nextWait(): Sleeping<Result<boolean, WaitErrorsOf<B, K>>>;
  nextWait(): Sleeping<Result<boolean, ScatterlistError>> {
    return sleepingCall(this.#nextWait(), 'nextWait');
  }

  *#nextWait(): Sleeping<Result<boolean, ScatterlistError>> {
    this.stop();
    if (!this.cursor.load()) return END;
    const cursor = this.cursor;
    const page = cursor.pageFor(cursor.remaining);
    const mapped = yield* this.backend.mapWait(page, cursor.offset, cursor.remaining);
    return mapped.ok ? this.begin(mapped.value) : mapped;
  }

  private begin(mapping: Mapping): Result<boolean, never> {
    this.current = ownMapping<B>(mapping);
    this.length = this.cursor.remaining;
    this.consumed = this.length;
    return MORE;
  }

  /** Releases the current chunk and skips bytes after the consumed ones; false if the list ends first. */
  skip(bytes: number): boolean {
    this.stop();
    checkSkip(this.backend, bytes);
    return this.cursor.skip(bytes);
  }

  /** Releases the current chunk. `next` can continue later, for example in another interrupt. */
  stop(): void {
    const isRight = isWhole(this.consumed, this.length);
    if (!isRight) {
      this.violate(
        'miter-over-consumed',
        `consumed is ${String(this.consumed)} of a chunk of ${String(this.length)} bytes`,
      );
    }
    const mapping = this.current;
    if (mapping === undefined) return;
    const { page } = this.cursor;
    if (this.direction === 'toSg') this.machine.flushDcachePage(page);
    if (this.disablesFaults) this.checkAtomic(mapping);
    // Released before the iterator moves, so that the owner can still release the chunk if this release is refused.
    this.releases.unmap(mapping);
    // A strict machine that records violations goes on as if the chunk had been consumed.
    this.cursor.consume(isRight || this.isCompatible ? this.consumed : this.length);
    this.current = undefined;
    this.length = 0;
    this.consumed = 0;
  }

  // Linux checks this for atomic maps only; here the contract says which backends disable page faults.
  private checkAtomic(mapping: Mapping): void {
    const { contract, context } = this.backend;
    if (context.task.pagefaultDisabled > 0) return;
    this.violate(
      'miter-atomic-faults',
      `a ${contract.name} chunk of pfn ${hex(mapping.page.pfn)} is dropped while page faults are enabled`,
    );
  }

  private violate(rule: RuleId, what: string): void {
    this.machine.hardware.violate({
      rule,
      what,
      context: this.backend.context.state(),
      mapping: this.current?.describe(),
    });
  }
}

function ownMapping<B extends MapBackend>(mapping: Mapping): MappingOf<B>;
function ownMapping(mapping: Mapping): Mapping {
  return mapping;
}

function bytesOf<M extends Mapping>(mapping: M): M extends { readonly bytes: infer T } ? T : never;
function bytesOf(mapping: Mapping & { readonly bytes?: Uint8Array }): Uint8Array | undefined {
  return mapping.bytes;
}
