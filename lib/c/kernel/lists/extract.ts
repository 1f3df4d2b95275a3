/**
 * linux/uio.h: lists made of the memory that an iterator describes.
 */
import { virtAddr } from '../../../base/units.ts';
import { extractIterToSg } from '../../../scatterlist/alloc/extract-iter-to-sg.ts';
import {
  iovIterBvec,
  iovIterDiscard,
  iovIterKvec,
  iovIterUser,
} from '../../../scatterlist/alloc/iov-iter.ts';
import type { IovIter } from '../../../scatterlist/alloc/iov-iter.ts';
import type { MemoryKind } from '../../../machine/memory.ts';
import { readWord, writeWord } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { pageOf, pointerOf } from '../memory/page-pointer.ts';
import { getPage, putPage } from '../memory/pages.ts';
import { userPages } from '../memory/users.ts';
import { readTable, statusOf, writeTable } from './list-options.ts';
import { ListView } from './list-view.ts';

/** `enum iter_type`. */
const TYPE = { ubuf: 0, iovec: 1, bvec: 2, kvec: 3 } as const;
/** Where `struct iov_iter` has its fields. */
const ITER = { type: 0, offset: 4, count: 8, segments: 12, vectors: 16 } as const;

/** The words of each of the vectors. */
function vectorsAt(c: Runner, address: number, count: number, words: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: words }, (__, word) => readWord(c, address + 4 * (i * words + word))),
  );
}

/** All that the iterator was made of; `undefined` where a vector has no such address. */
function wholeIter(c: Runner, address: number): IovIter<MemoryKind> | undefined {
  const type = readWord(c, address + ITER.type) & 0xff;
  const count = readWord(c, address + ITER.segments);
  const vectors = readWord(c, address + ITER.vectors);
  const left = readWord(c, address + ITER.count) + readWord(c, address + ITER.offset);
  switch (type) {
    case TYPE.ubuf:
      return iovIterUser([userPages(c, vectors, left)]);
    case TYPE.iovec:
      return iovIterUser(
        vectorsAt(c, vectors, count, 2).map(([at = 0, length = 0]) => userPages(c, at, length)),
      );
    case TYPE.bvec:
      return iovIterBvec(
        vectorsAt(c, vectors, count, 3).map(([page = 0, length = 0, offset = 0]) => ({
          page: pageOf(c, page),
          length,
          offset,
        })),
      );
    case TYPE.kvec: {
      const list = vectorsAt(c, vectors, count, 2).map(([at = 0, length = 0]) => ({
        address: virtAddr(at),
        length,
      }));
      const made = iovIterKvec(c.context.machine, list);
      return made.ok ? made.value : undefined;
    }
    default:
      return iovIterDiscard(left);
  }
}

/** Functions that make lists of iterators. */
export const EXTRACT: KernelFunctions = {
  extract_iter_to_sg: (c, address, maxBytes, table, maxEntries) => {
    const view = new ListView();
    const iter = wholeIter(c, address);
    if (iter === undefined) return -22;
    const offset = readWord(c, address + ITER.offset);
    for (let left = offset; left > 0;) {
      const part = Math.min(left, iter.current?.length ?? left);
      if (iter.current === undefined) break;
      iter.advance(part);
      left -= part;
    }
    iter.count = Math.min(iter.count, readWord(c, address + ITER.count));
    view.readArray(c, readWord(c, table), readWord(c, table + 4) + maxEntries);
    const into = readTable(c, view, table);
    const made = extractIterToSg(iter, into, { maxBytes, maxEntries });
    for (const page of iter.pins.keys()) getPage(c, pointerOf(c, page));
    writeTable(c, view, table, into);
    if (!made.ok) return made.error.code === 'NotSupported' ? -5 : statusOf(made);
    writeWord(c, address + ITER.offset, offset + made.value);
    writeWord(c, address + ITER.count, readWord(c, address + ITER.count) - made.value);
    return made.value;
  },
  unpin_user_page: putPage,
};
