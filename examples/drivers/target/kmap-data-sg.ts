/**
 * The view of a command's data for its emulation, after `transport_kmap_data_sg` and `transport_kunmap_data_sg` in
 * drivers/target/target_core_transport.c (Linux 7.2).
 *
 * The emulation of a command such as REPORT LUNS writes its response through one pointer. A list of one entry is mapped by
 * kmap, a longer list by vmap of the page of each entry. The emulation may sleep meanwhile.
 *
 * Linux returns NULL for a command without data and also for a view that could not be made; here these are `none` and an
 * error. Linux takes one page of each entry and ignores the offsets after the first. The variant `entries of two pages`
 * shows what becomes of the bytes in the second page of an entry.
 */
import { ok, sgCopyFromBuffer, sgNext } from 'scatterlist';
import type { MapBackend, Mapping, Page, Result, ScatterlistError, SgEntry, Sleeping } from 'scatterlist';
import { Mutex } from 'scatterlist/explore';
import { vmap, vunmap } from 'scatterlist/machine';
import { allBytes, definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask } from 'scatterlist/ports';
import { commandOver } from '../command-list.ts';
import type { Command } from '../command-list.ts';

/** The view of a command's data, and where in its mapping the data begins. */
export type CommandView =
  | { readonly kind: 'none' }
  | { readonly kind: 'kmap' | 'vmap'; readonly mapping: Mapping; readonly offset: number };

/** `transport_kmap_data_sg`. */
export function* kmapDataSg(
  backend: MapBackend,
  { sgl, nents }: Command,
): Sleeping<Result<CommandView, ScatterlistError>> {
  const { page, offset } = sgl;
  if (nents === 0 || page === null) return ok({ kind: 'none' });
  if (nents > 1) return vmapDataSg(backend, { sgl, nents });
  const mapped = yield* backend.mapWait(page, 0, backend.context.machine.pageSize);
  return mapped.ok ? ok({ kind: 'kmap', mapping: mapped.value, offset }) : mapped;
}

/** Its second half, for more than one entry: the page of each entry in one view. */
function vmapDataSg({ context }: MapBackend, { sgl, nents }: Command): Result<CommandView, ScatterlistError> {
  const pages: Page[] = [];
  let sg: SgEntry | null = sgl;
  for (let i = 0; i < nents && sg !== null; i += 1, sg = sgNext(sg))
    if (sg.page !== null) pages.push(sg.page);
  if (pages.length === 0) return ok({ kind: 'none' });
  const mapped = vmap(context, pages);
  return mapped.ok ? ok({ kind: 'vmap', mapping: mapped.value, offset: sgl.offset }) : mapped;
}

/** `transport_kunmap_data_sg`. */
export function kunmapDataSg(backend: MapBackend, view: CommandView): void {
  if (view.kind === 'kmap') backend.unmap(view.mapping);
  else if (view.kind === 'vmap') vunmap(backend.context, view.mapping);
}

/** A response of REPORT LUNS: the length of the list, four reserved bytes, and the list. */
export function reportLuns(luns: Uint8Array): Uint8Array {
  const response = new Uint8Array(LUN_HEADER_BYTES + luns.length);
  new DataView(response.buffer).setUint32(0, luns.length);
  response.set(luns, LUN_HEADER_BYTES);
  return response;
}

const LUN_HEADER_BYTES = 8;
const FIRST_OFFSET = 0x1f0;
const JUNK = 0xa5;

interface Target {
  readonly pages: readonly Page[];
  readonly content: Uint8Array;
  /** Protects the list of devices. */
  readonly luns: Mutex;
  verifiedBytes: number;
}

/** Writes a response into the data of a command. */
type Emulate = (
  backend: MapBackend,
  command: Command,
  response: Uint8Array,
  luns: Mutex,
) => Sleeping<Result<unknown, ScatterlistError>>;

/** Emulates through the view that `view` makes. The list of devices is locked while the view exists. */
function through(
  view: (backend: MapBackend, command: Command) => Sleeping<Result<CommandView, ScatterlistError>>,
): Emulate {
  return function* emulate(backend, command, response, luns) {
    const { task } = backend.context;
    const made = yield* view(backend, command);
    if (!made.ok) return made;
    if (made.value.kind !== 'none') {
      const { mapping, offset } = made.value;
      yield* luns.lock(task);
      mapping.copyFrom(response, offset);
      luns.unlock(task);
    }
    kunmapDataSg(backend, made.value);
    return made;
  };
}

const throughCopy: Emulate = function* emulate(backend, { sgl, nents }, response, luns) {
  const { task } = backend.context;
  yield* luns.lock(task);
  const copied = sgCopyFromBuffer({ sgl, origNents: nents }, response, backend);
  luns.unlock(task);
  return copied;
};

/** The sizes of the lists of LUNs in turn: one page of data, two, four. */
const LIST_BYTES = [600, 4096, 13000];

/** Emulates one command after another until the input is sent, and looks at the initiator's data after each. */
const commands = (emulate: Emulate, pagesPerEntry = 1): PortTask<Target> =>
  function* worker(env) {
    const { backend, machine, pages, content, luns } = env;
    const { pageSize } = machine;
    for (let at = 0, i = 0; at < content.length; i += 1) {
      const list = content.subarray(at, at + (LIST_BYTES[i % LIST_BYTES.length] ?? 0));
      const response = reportLuns(list);
      for (const page of pages) machine.physical(page).fill(JUNK);
      const shape = { offset: FIRST_OFFSET, lengthBytes: response.length, pageSize };
      const command = commandOver(pages, { ...shape, entryBytes: pagesPerEntry * pageSize });
      const done = yield* emulate(backend, command, response, luns);
      if (!done.ok) return done;
      const data = Uint8Array.from(pages.flatMap((page) => [...machine.physical(page)]));
      sameBytes(response, data.subarray(FIRST_OFFSET), `the response of command ${String(i)}`);
      env.verifiedBytes += list.length;
      at += list.length;
    }
    return undefined;
  };

function* vmapAlways(backend: MapBackend, command: Command): Sleeping<Result<CommandView, ScatterlistError>> {
  return vmapDataSg(backend, command);
}

/** The input is sent as lists of LUNs, in responses of one to four pages. */
export default definePort<Target>({
  name: 'target-kmap-data-sg',
  follows: 'drivers/target/target_core_transport.c',
  about: 'gives the emulation of a command one view of its data: one page, or all pages in a row',
  memory: ['highmem', 'lowmem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => ({
    pages: takePages(machine, memory, 4, 'contiguous'),
    content,
    luns: new Mutex(machine, 'list of devices'),
    verifiedBytes: 0,
  }),
  variants: {
    original: {
      about: 'kmap for one entry, vmap for more',
      linux: '5.10 to 7.2',
      tasks: { worker: commands(through(kmapDataSg)) },
    },
    'entries of two pages': {
      about: 'the same with entries that go on in a second page, of which the view has only the first',
      linux: '5.10 to 7.2; writes past the view',
      tasks: { worker: commands(through(kmapDataSg), 2) },
    },
    vmap: {
      about: 'vmap for one entry too',
      linux: 'not proposed',
      usesBackend: false,
      tasks: { worker: commands(through(vmapAlways)) },
    },
    'copy helper': {
      about: 'the response is made in a buffer and copied page by page',
      linux: 'not proposed',
      tasks: { worker: commands(throughCopy, 2) },
    },
  },
  verify: ({ content, verifiedBytes }) => allBytes(content.length, verifiedBytes),
});
