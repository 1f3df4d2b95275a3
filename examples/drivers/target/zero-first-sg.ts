/**
 * The zeroing of a command's first entry before a read is emulated, after drivers/target/target_core_transport.c
 * (Linux 7.2), so that an initiator sees no old data behind a short response.
 *
 * Linux maps one page and clears the length of the entry. If the entry goes on in a second page, it clears what is behind
 * the mapping: on a machine without HIGHMEM that is the second page, so that it goes unnoticed there. The original here
 * has entries within a page; the variant `an entry of two pages` does as Linux does with a longer one.
 */
import { ok, sgInitTable, sgSetPage, sgZeroBuffer } from 'scatterlist';
import type { MapBackend, Page, Result, ScatterlistError, SgEntry, Sleeping } from 'scatterlist';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask } from 'scatterlist/ports';

/** Maps the first page of the entry and clears the length of the entry. */
function* zeroFirstSg(backend: MapBackend, sg: SgEntry): Sleeping<Result<undefined, ScatterlistError>> {
  const { page, offset, length } = sg;
  if (page === null) return ok(undefined);
  const mapped = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
  if (!mapped.ok) return mapped;
  mapped.value.copyFrom(new Uint8Array(length), offset);
  backend.unmap(mapped.value);
  return ok(undefined);
}

/** The same by the helper, which maps page by page. */
function* zeroByHelper(backend: MapBackend, sg: SgEntry): Sleeping<Result<unknown, ScatterlistError>> {
  return sgZeroBuffer({ sgl: sg, origNents: 1 }, sg.length, backend);
}

const OFFSET = 0x1f0;
/** What the bytes before and after the entry hold. */
const JUNK = 0xa5;

interface Initiator {
  readonly pages: readonly Page[];
  readonly content: Uint8Array;
  verifiedBytes: number;
}

/** The input is old data, which each command has in its first entry over so many pages. */
const commands = (zero: typeof zeroByHelper, pagesUsed: number): PortTask<Initiator> =>
  function* submit(env) {
    const { backend, machine, pages, content } = env;
    const room = pagesUsed * machine.pageSize - OFFSET;
    const list = sgInitTable(1);
    const sg = list.entry(0);
    const [first] = pages;
    if (first === undefined) return undefined;
    for (let at = 0; at < content.length; at += room) {
      const old = content.subarray(at, at + room);
      const before = new Uint8Array(pages.length * machine.pageSize).fill(JUNK);
      before.set(old, OFFSET);
      for (const [i, page] of pages.entries())
        machine.physical(page).set(before.subarray(i * machine.pageSize, (i + 1) * machine.pageSize));
      sgSetPage(sg, first, old.length, OFFSET);
      const zeroed = yield* zero(backend, sg);
      if (!zeroed.ok) return zeroed;
      const after = Uint8Array.from(pages.flatMap((page) => [...machine.physical(page)]));
      sameBytes(before.fill(0, OFFSET, OFFSET + old.length), after, 'the pages of the first entry');
      env.verifiedBytes += old.length;
    }
    return undefined;
  };

/** The input is old data, all of which must be gone. */
export default definePort<Initiator>({
  name: 'target-zero-first-sg',
  follows: 'drivers/target/target_core_transport.c',
  about: 'clears the first entry of a command before a read is emulated',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => ({
    pages: takePages(machine, memory, 2, 'contiguous'),
    content,
    verifiedBytes: 0,
  }),
  variants: {
    original: {
      about: 'a map of one page, and a clear of the length of the entry',
      linux: 'kmap in 6.1, kmap_local in 6.12 and 7.2',
      tasks: { submit: commands(zeroFirstSg, 1) },
    },
    'an entry of two pages': {
      about: 'the same with an entry that goes on in a second page',
      linux: '6.1 to 7.2; writes past the map',
      tasks: { submit: commands(zeroFirstSg, 2) },
    },
    sg_zero_buffer: {
      about: 'the helper, which maps page by page',
      linux: 'not proposed',
      tasks: { submit: commands(zeroByHelper, 2) },
    },
  },
  verify: ({ content, verifiedBytes }) => allBytes(content.length, verifiedBytes),
});
