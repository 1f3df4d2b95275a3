/**
 * Filling ceph's cache of directory entries, after `fill_readdir_cache` in fs/ceph/inode.c (Linux 7.2).
 *
 * A reply of the server has many entries. For each one the driver looks the inode up, which may sleep, and writes a
 * pointer to the entry into the cache. The page stays mapped from one entry to the next.
 */
import type { MapBackend, Page } from 'scatterlist';
import { mightSleep } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask } from 'scatterlist/ports';
import { POINTER_BYTES, moveTo, noPage, releaseCursor } from './readdir-cache.ts';

interface Directory {
  readonly pages: readonly Page[];
  /** One pointer after another. */
  readonly pointers: Uint8Array;
}

/** Writes every pointer; with `keeps`, the page of one stays mapped for the next. */
function filler(keeps: boolean): PortTask<Directory> {
  return function* fill({ backend, task, pages, pointers }) {
    const cursor = noPage();
    for (let i = 0; i * POINTER_BYTES < pointers.length; i += 1) {
      mightSleep(task, 'the look-up of an inode');
      const at = yield* moveTo(backend, pages, cursor, i);
      if (!at.ok) return at;
      at.value.mapping.copyFrom(
        pointers.subarray(i * POINTER_BYTES, (i + 1) * POINTER_BYTES),
        at.value.offset,
      );
      if (!keeps) releaseCursor(backend, cursor);
    }
    releaseCursor(backend, cursor);
    return undefined;
  };
}

/** The pages that so many bytes of pointers need. */
function cachePages(backend: Pick<MapBackend['context'], 'machine'>, lengthBytes: number): number {
  return Math.max(1, Math.ceil(lengthBytes / backend.machine.pageSize));
}

/** The input is the pointers. */
export default definePort<Directory>({
  name: 'ceph-inode',
  follows: 'fs/ceph/inode.c',
  about: 'writes a pointer for each entry of a reply into page-cache pages, one page mapped at a time',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 13,
  setup: ({ machine, memory, content }) => ({
    pages: takePages(machine, memory, cachePages({ machine }, content.length)),
    pointers: content,
  }),
  variants: {
    original: {
      about: 'the page stays mapped while the next inode is looked up',
      linux: 'kmap up to 6.12, kmap_local_folio in 7.2',
      tasks: { fill: filler(true) },
    },
    'map per entry': {
      about: 'the page is mapped for one pointer',
      linux: 'not proposed',
      tasks: { fill: filler(false) },
    },
  },
  verify: ({ machine, pages, pointers }) => ({
    verifiedBytes: pages.reduce((sum, page, i) => {
      const wanted = pointers.subarray(i * machine.pageSize, (i + 1) * machine.pageSize);
      return sum + sameBytes(wanted, machine.physical(page), `page ${String(i)}`).verifiedBytes;
    }, 0),
  }),
});
