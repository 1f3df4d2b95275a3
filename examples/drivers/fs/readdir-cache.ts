/**
 * The cache of a directory's entries in ceph (Linux 7.2): pages of the directory's page cache, full of pointers to entries,
 * in the order of the entries' hashes. One page holds as many pointers as fit.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';

/** `sizeof(struct dentry *)`. */
export const POINTER_BYTES = 8;

/** `struct ceph_readdir_cache_control`: where a reader or a writer of the cache is. */
export interface CacheCursor {
  /** Which page is mapped, if one is. */
  pageIndex: number;
  mapping: Mapping | undefined;
}

/** A cursor that has no page yet. */
export function noPage(): CacheCursor {
  return { pageIndex: -1, mapping: undefined };
}

/** `ceph_readdir_cache_release`: unmaps the page of a cursor, if it has one. */
export function releaseCursor(backend: MapBackend, cursor: CacheCursor): void {
  if (cursor.mapping !== undefined) backend.unmap(cursor.mapping);
  Object.assign(cursor, noPage());
}

/** Maps the page in which a pointer lies, unless the cursor has it mapped from the call before. */
export function* moveTo(
  backend: MapBackend,
  pages: readonly Page[],
  cursor: CacheCursor,
  index: number,
): Sleeping<Result<{ readonly mapping: Mapping; readonly offset: number }, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  const perPage = pageSize / POINTER_BYTES;
  const pageIndex = Math.floor(index / perPage);
  const offset = (index % perPage) * POINTER_BYTES;
  if (cursor.mapping === undefined || cursor.pageIndex !== pageIndex) {
    releaseCursor(backend, cursor);
    const page = pages[pageIndex];
    if (page === undefined)
      return {
        ok: false,
        error: { code: 'OutOfRange', haveBytes: pages.length * pageSize, wantBytes: index * POINTER_BYTES },
      };
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) return mapped;
    Object.assign(cursor, { pageIndex, mapping: mapped.value });
  }
  return cursor.mapping === undefined
    ? { ok: false, error: { code: 'OutOfRange', haveBytes: 0, wantBytes: POINTER_BYTES } }
    : ok({ mapping: cursor.mapping, offset });
}
