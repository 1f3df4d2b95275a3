/**
 * linux/scatterlist.h: the iterators. Each structure in C stands for an iterator of this library; what C reads of it is
 * kept in step.
 */
import { hex } from '../../../base/units.ts';
import type { Result } from '../../../base/result.ts';
import type { ScatterlistError } from '../../../base/errors.ts';
import type { Machine } from '../../../kernel/core/machine.ts';
import type { Sleeping } from '../../../kernel/parts/wait-queue.ts';
import { SgDmaPageIter, SgPageIter } from '../../../scatterlist/list/sg-page-iter.ts';
import { mappedNents, origNents } from '../../../scatterlist/list/sg-table.ts';
import { SgMiter } from '../../../scatterlist/map/sg-miter.ts';
import type { MemoryKind } from '../../../machine/memory.ts';
import { readWord, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { pointerOf } from '../memory/page-pointer.ts';
import { CallingBackend } from './calling-backend.ts';
import { ListView } from './list-view.ts';

/** The flags of `sg_miter_start`. */
const FLAGS = { atomic: 1, toSg: 2, fromSg: 4, local: 8 } as const;
/** Where `struct sg_mapping_iter` has its fields. */
const MITER = {
  page: 0,
  addr: 4,
  length: 8,
  consumed: 12,
  sg: 16,
  nents: 24,
  offset: 32,
  flags: 40,
} as const;
/** Where `struct sg_page_iter` has its fields. */
const PITER = { sg: 0, pgoffset: 4, nents: 8 } as const;

/** A mapping iterator of C. */
class Miter {
  readonly view: ListView = new ListView();
  readonly backend: CallingBackend;
  readonly iterator: SgMiter<CallingBackend, MemoryKind>;
  /** Bytes of the list that are used or skipped; with the fields of the structure it says where the iterator is. */
  passed = 0;
  isMapped = false;

  constructor(c: Runner, sgl: number, entries: number, flags: number) {
    const how = (flags & FLAGS.atomic) !== 0 ? 'atomic' : (flags & FLAGS.local) !== 0 ? 'local' : 'sleeping';
    const direction = (flags & FLAGS.toSg) !== 0 ? 'toSg' : (flags & FLAGS.fromSg) !== 0 ? 'fromSg' : 'none';
    this.backend = new CallingBackend(how, c.context);
    const list = this.view.entryAt(c, sgl, { entries });
    this.iterator = new SgMiter(list, this.backend, direction, entries);
  }
}

/** The iterators of a machine, by the addresses of their structures. */
class Iterators {
  readonly miters = new Map<number, Miter>();
  readonly pages = new Map<number, readonly [ListView, SgPageIter<MemoryKind> | SgDmaPageIter]>();
}

const iterators = new WeakMap<Machine, Iterators>();

function iteratorsOf({ context }: Runner): Iterators {
  const { machine } = context;
  const known = iterators.get(machine);
  if (known !== undefined) return known;
  const made = new Iterators();
  iterators.set(machine, made);
  return made;
}

/** Reports the use of an iterator that was never started. */
function refuse({ context }: Runner, name: string, address: number): never {
  const what = `${name}(${hex(address)}) of an iterator that was not started`;
  context.machine.hardware.violate({
    rule: 'uninitialised-read',
    severity: 'bug',
    what,
    context: context.state(),
  });
  throw new RangeError(what);
}

/** The iterator of a structure, with what C wrote into it. */
function miterAt(c: Runner, name: string, address: number): Miter {
  const miter = iteratorsOf(c).miters.get(address) ?? refuse(c, name, address);
  miter.backend.callFrom(c.context);
  miter.view.refresh(c);
  miter.iterator.consumed = readWord(c, address + MITER.consumed);
  return miter;
}

/** Writes what C may read. */
function tell(c: Runner, address: number, miter: Miter): void {
  const { iterator, isMapped } = miter;
  writeWord(c, address + MITER.page, pointerOf(c, iterator.page));
  writeWord(c, address + MITER.addr, isMapped ? iterator.mapping.vaddr : 0);
  writeWord(c, address + MITER.length, iterator.length);
  writeWord(c, address + MITER.consumed, iterator.consumed);
  writeWord(c, address + MITER.offset, miter.passed);
}

/** Notes that the chunk is used up as far as C consumed it. */
function pass(miter: Miter): void {
  if (miter.isMapped) miter.passed += miter.iterator.consumed;
  miter.isMapped = false;
}

function* next(c: Runner, address: number): Sleeping<boolean> {
  const miter = miterAt(c, 'sg_miter_next', address);
  const { iterator, backend } = miter;
  const { consumed } = iterator;
  if (miter.isMapped) miter.passed += consumed;
  const more: Result<boolean, ScatterlistError> = backend.contract.sleeps
    ? yield* iterator.nextWait()
    : iterator.next();
  miter.isMapped = more.ok && more.value;
  tell(c, address, miter);
  return miter.isMapped;
}

/** Functions on iterators. */
export const ITERATORS: KernelFunctions = {
  sg_miter_start: (c, address, sgl, nents, flags) => {
    for (let at = 0; at < MITER.flags; at += 4) writeWord(c, address + at, 0);
    writeWord(c, address + MITER.sg, sgl);
    writeWord(c, address + MITER.nents, nents);
    writeWord(c, address + MITER.flags, flags);
    iteratorsOf(c).miters.set(address, new Miter(c, sgl, nents, flags));
  },
  sg_miter_next: next,
  sg_miter_skip: (c, address, bytes) => {
    const miter = miterAt(c, 'sg_miter_skip', address);
    pass(miter);
    const isThere = miter.iterator.skip(bytes | 0);
    miter.passed += bytes;
    tell(c, address, miter);
    return isThere;
  },
  sg_miter_stop: (c, address) => {
    const miter = miterAt(c, 'sg_miter_stop', address);
    pass(miter);
    miter.iterator.stop();
    tell(c, address, miter);
  },
  __sg_page_iter_start: (c, address, sgl, entries, pgoffset) => {
    writeWord(c, address + PITER.sg, sgl);
    writeWord(c, address + PITER.pgoffset, pgoffset);
    writeWord(c, address + PITER.nents, entries);
    iteratorsOf(c).pages.delete(address);
  },
  __sg_page_iter_next: (c, address) =>
    nextPage(c, address, (view, entries, pgoffset, how) => {
      const first = view.entryAt(c, readWord(c, address + PITER.sg), { entries });
      return new SgPageIter(first, origNents(entries), pgoffset, how);
    }),
  __sg_page_iter_dma_next: (c, address) =>
    nextPage(c, address, (view, entries, pgoffset, how) => {
      const first = view.entryAt(c, readWord(c, address + PITER.sg), { entries, dma: true });
      return new SgDmaPageIter(first, mappedNents(entries), pgoffset, how);
    }),
  sg_page_iter_dma_address: (c, address) => {
    const [, iterator] = iteratorsOf(c).pages.get(address) ?? refuse(c, 'sg_page_iter_dma_address', address);
    if (iterator instanceof SgDmaPageIter) return iterator.address;
    return refuse(c, 'sg_page_iter_dma_address', address);
  },
};

type MakePages = (
  view: ListView,
  entries: number,
  pgoffset: number,
  how: { readonly machine: Machine },
) => SgPageIter<MemoryKind> | SgDmaPageIter;

function nextPage(c: Runner, address: number, make: MakePages): boolean {
  const { pages } = iteratorsOf(c);
  let known = pages.get(address);
  if (known === undefined) {
    const view = new ListView();
    const entries = readWord(c, address + PITER.nents);
    const pgoffset = readWord(c, address + PITER.pgoffset);
    known = [view, make(view, entries, pgoffset, { machine: c.context.machine })];
    pages.set(address, known);
  }
  const [view, iterator] = known;
  const more = iterator.next();
  writeWord(c, address + PITER.sg, view.addressOf(iterator.sg));
  writeWord(c, address + PITER.pgoffset, iterator.sgPgoffset);
  return more;
}
