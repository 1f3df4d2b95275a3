/**
 * Looking an entry up in ceph's cache of directory entries, after `__dcache_find_get_entry` in fs/ceph/dir.c (Linux 7.2).
 *
 * The pointers lie in the order of their hashes, over several pages, and the driver searches them by halving. The page
 * that it looked at last stays mapped, also from one search to the next, because a directory is read in order.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { mightSleep } from 'scatterlist/machine';
import { allBytes, definePort, takePages } from 'scatterlist/ports';
import type { PortTask } from 'scatterlist/ports';
import { POINTER_BYTES, moveTo, noPage, releaseCursor } from './readdir-cache.ts';
import type { CacheCursor } from './readdir-cache.ts';

interface Directory {
  readonly pages: readonly Page[];
  readonly entries: number;
  foundBytes: number;
}

/** The pointer of an entry, which also stands for its hash here: greater for each next entry. */
const pointerOf = (entry: number): bigint => 0xffff_8880_0000_0000n + BigInt(64 * entry);

/** Searches the pointer that is not below a hash, and returns its index. */
function* find(
  backend: MapBackend,
  { pages, entries }: Directory,
  cursor: CacheCursor,
  hash: bigint,
): Sleeping<Result<number, ScatterlistError>> {
  let [low, high] = [0, entries];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = yield* moveTo(backend, pages, cursor, middle);
    if (!at.ok) return at;
    if (at.value.mapping.load64(at.value.offset) < hash) low = middle + 1;
    else high = middle;
  }
  return ok(low);
}

/** Reads the directory: looks up one entry after another, and gives each to the caller, which may sleep. */
function reader(keeps: boolean): PortTask<Directory> {
  return function* readdir(env) {
    const cursor = noPage();
    for (let entry = 0; entry < env.entries; entry += 1) {
      const found = yield* find(env.backend, env, cursor, pointerOf(entry) - 1n);
      if (!found.ok) return found;
      if (found.value === entry) env.foundBytes += POINTER_BYTES;
      if (!keeps) releaseCursor(env.backend, cursor);
      mightSleep(env.task, 'dir_emit, which writes to the memory of the user');
    }
    releaseCursor(env.backend, cursor);
    return undefined;
  };
}

/** A directory has one entry for each eight bytes of the input. */
export default definePort<Directory>({
  name: 'ceph-dir',
  follows: 'fs/ceph/dir.c',
  about: 'searches page-cache pages full of pointers, one page mapped at a time',
  memory: ['highmem', 'lowmem'],
  mostBytes: 5000,
  setup: ({ machine, memory, content }) => {
    const entries = Math.max(1, Math.floor(content.length / POINTER_BYTES));
    const perPage = machine.pageSize / POINTER_BYTES;
    const pages = takePages(machine, memory, Math.ceil(entries / perPage));
    for (let i = 0; i < entries; i += 1) {
      const page = pages[Math.floor(i / perPage)];
      if (page === undefined) break;
      const bytes = machine.physical(page);
      const at = (i % perPage) * POINTER_BYTES;
      new DataView(bytes.buffer, bytes.byteOffset).setBigUint64(at, pointerOf(i), true);
    }
    return { pages, entries, foundBytes: 0 };
  },
  variants: {
    original: {
      about: 'the page stays mapped in the cursor, also while the caller sleeps',
      linux: 'kmap up to 6.12, kmap_local_folio in 7.2',
      tasks: { readdir: reader(true) },
    },
    'map per search': {
      about: 'the cursor is released after each search',
      linux: 'not proposed',
      tasks: { readdir: reader(false) },
    },
  },
  verify: ({ entries, foundBytes }) => allBytes(entries * POINTER_BYTES, foundBytes),
});
