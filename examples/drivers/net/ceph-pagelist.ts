/**
 * The list of pages that ceph collects a message in, after net/ceph/pagelist.c (Linux 7.2).
 *
 * A caller appends pieces, and pages are added as they are needed. In Linux the last page stays mapped from one append to
 * the next, so that a small piece costs no map. The last user of the list, perhaps another task, releases it.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, MemoryKind, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import { mightSleep } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes } from 'scatterlist/ports';
import type { PortTask } from 'scatterlist/ports';

/** `struct ceph_pagelist`. */
export interface PageList {
  readonly memory: MemoryKind;
  readonly pages: Page[];
  lengthBytes: number;
  /** Bytes that are free in the last page. */
  roomBytes: number;
  /** `mapped_tail`: the last page, between two appends. */
  tail: Mapping | undefined;
}

/** `ceph_pagelist_addpage`: adds a page at the end. The allocation may sleep. */
function addPage(backend: MapBackend, list: PageList): Result<Page, ScatterlistError> {
  const { machine } = backend.context;
  mightSleep(backend.context, 'the allocation of a page');
  const page = machine.tryAllocPage(list.memory);
  if (!page.ok) return page;
  list.pages.push(page.value);
  list.roomBytes = machine.pageSize;
  return page;
}

/** `ceph_pagelist_append`: appends bytes, and leaves the last page mapped. */
export function* append(
  backend: MapBackend,
  list: PageList,
  bytes: Uint8Array,
): Sleeping<Result<undefined, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  for (let done = 0; done < bytes.length;) {
    if (list.roomBytes === 0) {
      unmapTail(backend, list);
      const page = addPage(backend, list);
      if (!page.ok) return page;
      const mapped = yield* backend.mapWait(page.value, 0, pageSize);
      if (!mapped.ok) return mapped;
      list.tail = mapped.value;
    }
    const part = bytes.subarray(done, done + list.roomBytes);
    list.tail?.copyFrom(part, pageSize - list.roomBytes);
    done += advance(list, part);
  }
  return ok(undefined);
}

/** The same, but each page is mapped for the copy only. */
export function* appendAndUnmap(
  backend: MapBackend,
  list: PageList,
  bytes: Uint8Array,
): Sleeping<Result<undefined, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  for (let done = 0; done < bytes.length;) {
    const page = list.roomBytes === 0 ? addPage(backend, list) : ok(list.pages.at(-1));
    if (!page.ok) return page;
    if (page.value === undefined) break;
    const part = bytes.subarray(done, done + list.roomBytes);
    const mapped = yield* backend.mapWait(page.value, pageSize - list.roomBytes, part.length);
    if (!mapped.ok) return mapped;
    mapped.value.copyFrom(part);
    backend.unmap(mapped.value);
    done += advance(list, part);
  }
  return ok(undefined);
}

function advance(list: PageList, { length }: Uint8Array): number {
  list.lengthBytes += length;
  list.roomBytes -= length;
  return length;
}

/** `ceph_pagelist_unmap_tail`. */
function unmapTail(backend: MapBackend, list: PageList): void {
  if (list.tail === undefined) return;
  backend.unmap(list.tail);
  list.tail = undefined;
}

/** `ceph_pagelist_release`, by the last user: unmaps the last page and frees all. */
export function release(backend: MapBackend, list: PageList): void {
  unmapTail(backend, list);
  for (const page of list.pages) backend.context.machine.freePage(page);
  list.pages.length = 0;
}

const MOST_PIECE_BYTES = 1500;

interface Message {
  readonly list: PageList;
  readonly content: Uint8Array;
  readonly ready: Completion;
  verifiedBytes: number;
}

/** Encodes the content in pieces of growing length. */
function encoder(add: typeof append): PortTask<Message> {
  return function* encode({ backend, task, list, content, ready }) {
    for (
      let at = 0, length = 1;
      at < content.length;
      at += length, length = (3 * length) % MOST_PIECE_BYTES
    ) {
      const added = yield* add(backend, list, content.subarray(at, at + length));
      if (!added.ok) return added;
      yield;
    }
    ready.complete(task);
    return undefined;
  };
}

/** The messenger's worker: sends the pages, which needs no map of its own, and drops the last reference. */
const send: PortTask<Message> = function* send(env) {
  const { machine, backend, task, list, content, ready } = env;
  yield* ready.wait(task);
  for (const [i, page] of list.pages.entries()) {
    const wanted = content.subarray(
      i * machine.pageSize,
      Math.min((i + 1) * machine.pageSize, list.lengthBytes),
    );
    env.verifiedBytes += sameBytes(wanted, machine.physical(page), `page ${String(i)}`).verifiedBytes;
  }
  release(backend, list);
};

/** The input is the message, which one task encodes and another one sends. */
export default definePort<Message>({
  name: 'ceph-pagelist',
  follows: 'net/ceph/pagelist.c',
  about: 'appends pieces to a list of pages, whose last page stays mapped',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 18,
  setup: ({ machine, memory, content }) => ({
    list: { memory, pages: [], lengthBytes: 0, roomBytes: 0, tail: undefined },
    content,
    ready: new Completion(machine, 'the end of the message'),
    verifiedBytes: 0,
  }),
  variants: {
    original: {
      about: 'kmap of the last page, until the next page or the end of the list',
      linux: '5.10 to 7.2',
      tasks: { encode: encoder(append), send },
    },
    'map on append': {
      about: 'each page is mapped for the copy only',
      linux: 'not proposed',
      tasks: { encode: encoder(appendAndUnmap), send },
    },
  },
  verify: ({ content, verifiedBytes }) => allBytes(content.length, verifiedBytes),
});
