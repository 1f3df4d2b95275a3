/**
 * Reading a metadata block for btrfs's integrity checker, after fs/btrfs/check-integrity.c (Linux 5.10; removed later).
 *
 * The checker reads the pages of a block, waits for the disk, and keeps an array of their addresses: for the checksum now,
 * and for a walk through the items later, until the block is dropped.
 */
import { ok } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { pageAddress } from 'scatterlist/backends';
import { Completion } from 'scatterlist/explore';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { Moved, PortTask, PortTaskEnv, PortVariant } from 'scatterlist/ports';

const PAGES_PER_BLOCK = 4;

/** `struct btrfsic_block_data_ctx`: one block while it is looked at. */
interface BlockData {
  pages: readonly Page[];
  /** `datav`: an address for each page. */
  readonly data: Mapping[];
}

interface Disk {
  readonly block: BlockData;
  readonly content: Uint8Array;
  /** Bytes of the content that were checked. */
  doneBytes: number;
  readonly wanted: Completion;
  readonly read: Completion;
}

/** The end of `btrfsic_read_block`: maps every page, and keeps the addresses. */
function* mapBlock(backend: MapBackend, block: BlockData): Sleeping<Result<undefined, ScatterlistError>> {
  const { pageSize } = backend.context.machine;
  for (const page of block.pages) {
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) {
      releaseBlock(backend, block);
      return mapped;
    }
    block.data.push(mapped.value);
  }
  return ok(undefined);
}

/** `btrfsic_release_block_ctx`, from the last page to the first. */
function releaseBlock(backend: MapBackend, block: BlockData): void {
  for (let mapping = block.data.pop(); mapping !== undefined; mapping = block.data.pop())
    backend.unmap(mapping);
}

/** Compares a part of a block, as the checksum and the walk read it. */
function compare(mapping: Mapping, wanted: Uint8Array, where: string): Moved {
  const got = new Uint8Array(mapping.length);
  mapping.copyTo(got);
  return sameBytes(wanted, got, where);
}

/** Checks one block after another; the addresses are kept over the checksum and the walk. */
function* checkKept(
  env: PortTaskEnv<Disk>,
  backend: MapBackend,
): Sleeping<Result<undefined, ScatterlistError>> {
  const { machine, task, block, content, wanted, read } = env;
  while (env.doneBytes < content.length) {
    wanted.complete(task);
    yield* read.wait(task);
    const mapped = yield* mapBlock(backend, block);
    if (!mapped.ok) return mapped;
    const part = content.subarray(env.doneBytes, env.doneBytes + PAGES_PER_BLOCK * machine.pageSize);
    for (const what of ['checksum', 'items'])
      for (const [i, mapping] of block.data.entries())
        compare(
          mapping,
          part.subarray(i * machine.pageSize, (i + 1) * machine.pageSize),
          `the ${what} of page ${String(i)}`,
        );
    releaseBlock(backend, block);
    env.doneBytes += part.length;
  }
  return ok(undefined);
}

const keeping: PortTask<Disk> = function* check(env) {
  return yield* checkKept(env, env.backend);
};

/** The pages are the checker's own, so they can be pages that have an address without a map. */
const permanent: PortTask<Disk> = function* check(env) {
  const { machine, task, block } = env;
  block.pages = takePages(machine, 'lowmem', PAGES_PER_BLOCK);
  return yield* checkKept(env, pageAddress(task));
};

/** The same with one page mapped at a time, and again for the walk. */
const onePage: PortTask<Disk> = function* check(env) {
  const { machine, backend, task, block, content, wanted, read } = env;
  while (env.doneBytes < content.length) {
    wanted.complete(task);
    yield* read.wait(task);
    const part = content.subarray(env.doneBytes, env.doneBytes + PAGES_PER_BLOCK * machine.pageSize);
    for (const what of ['checksum', 'items'])
      for (const [i, page] of block.pages.entries()) {
        const mapped = yield* backend.mapWait(page, 0, machine.pageSize);
        if (!mapped.ok) return mapped;
        compare(
          mapped.value,
          part.subarray(i * machine.pageSize, (i + 1) * machine.pageSize),
          `the ${what} of page ${String(i)}`,
        );
        backend.unmap(mapped.value);
      }
    env.doneBytes += part.length;
  }
  return undefined;
};

/** The disk writes the next block of the content to the pages. */
const devices: NonNullable<PortVariant<Disk>['devices']> = {
  *disk({ machine, block, content, wanted, read, self }) {
    for (let at = 0; at < content.length;) {
      yield* wanted.wait(self);
      for (const page of block.pages) {
        const part = content.subarray(at, at + machine.pageSize);
        machine.physical(page, 'disk').set(part);
        at += part.length;
      }
      read.complete(self);
    }
  },
};

/** The input is the blocks of the disk. */
export default definePort<Disk>({
  name: 'btrfs-check-integrity',
  follows: 'fs/btrfs/check-integrity.c',
  about: 'keeps the address of each page of a metadata block, for the checksum and for a walk',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 18,
  setup: ({ machine, memory, content }) => ({
    block: { pages: takePages(machine, memory, PAGES_PER_BLOCK), data: [] },
    content,
    doneBytes: 0,
    wanted: new Completion(machine, 'a wish for a block'),
    read: new Completion(machine, 'a block from the disk'),
  }),
  variants: {
    original: {
      about: 'kmap of every page, kept until the block is dropped',
      linux: '5.10; page_address of its own pages by 6.1; the file was deleted by 6.12',
      tasks: { check: keeping },
      devices,
    },
    page_address: {
      about: 'the pages of the block come from lowmem, and have addresses without any map',
      linux: 'in 6.1; the file was deleted by 6.12',
      usesBackend: false,
      tasks: { check: permanent },
      devices,
    },
    'one page at a time': {
      about: 'each page is mapped when it is read',
      linux: 'not proposed',
      tasks: { check: onePage },
      devices,
    },
  },
  verify: ({ content, doneBytes }) => allBytes(content.length, doneBytes),
});
