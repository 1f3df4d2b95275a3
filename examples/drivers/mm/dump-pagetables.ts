/**
 * A driver whose mapping is looked for in the page tables, after arch/x86/mm/dump_pagetables.c (Linux 7.2).
 *
 * The dump maps nothing. The 2020 count has it because its text names the area of kmap, so the question to it is not
 * which function it can use but what it says of each: under which marker a mapping is found, and whether it is gone after
 * the release. A slot of kmap's pool stays mapped until the pool is flushed; the dump says that it is unused.
 *
 * The original reads the dump in the context that maps. With a reader in another task on the same CPU, a local map is not
 * in the dump: the switch took its entry out of the page table.
 */
import { ok } from 'scatterlist';
import type { Mapping, Page, Result, ScatterlistError, Sleeping } from 'scatterlist';
import { Completion } from 'scatterlist/explore';
import {
  formatAddressSpace,
  ioremap,
  iounmap,
  kmap,
  kmapAtomic,
  kmapLocalPage,
  kunmap,
  kunmapAtomic,
  kunmapLocal,
  vmap,
  vunmap,
} from 'scatterlist/machine';
import type { Machine } from 'scatterlist/machine';
import { definePort, sameBytes, takePages } from 'scatterlist/ports';
import type { PortTask, PortTaskEnv } from 'scatterlist/ports';
import { parsePageTables, rangeAt } from './page-tables.ts';

/** What was asked of the dump for one page, and what it said. */
interface Look {
  readonly wanted: string;
  readonly said: string;
}

interface Debugfs {
  readonly pages: readonly Page[];
  readonly content: Uint8Array;
  readonly looks: Look[];
  /** The address that the reader looks for; -1 at the end. */
  asked: number;
  answer: string;
  readonly request: Completion;
  readonly reply: Completion;
}

/** What the dump says of an address: the marker of its area and the frame, and whether the slot is unused. */
export function lookUp(machine: Machine, address: number): string {
  const found = rangeAt(parsePageTables(formatAddressSpace(machine.dumpAddressSpace())), address);
  if (found === undefined) return 'not mapped';
  const frame = found.firstPfn + Math.floor((address - found.start) / machine.pageSize);
  return `${found.marker}, frame ${String(frame)}${found.rest.includes(', unused') ? ', unused' : ''}`;
}

const LINEAR = 'Kernel Mapping';
const POOL = 'Persistent kmap() Area';
const LOCAL = 'Fixmap Area';
const VMALLOC = 'vmalloc() Area';

/** The area of an address, by the layout of the kernel. */
function areaOf({ hardware }: Machine, address: number): string {
  const at = hardware.pageTable.locate(address)?.area;
  return at === undefined ? LINEAR : { local: LOCAL, pkmap: POOL, vmalloc: VMALLOC }[at];
}

/** One way of mapping, and the marker under which a mapping of it belongs. */
interface Way {
  readonly map: (env: PortTaskEnv<Debugfs>, page: Page) => Sleeping<Result<Mapping, ScatterlistError>>;
  readonly unmap: (env: PortTaskEnv<Debugfs>, mapping: Mapping) => void;
  readonly marker: (env: PortTaskEnv<Debugfs>, page: Page, mapping: Mapping) => string;
}

/** What is wanted of the dump at an address that is mapped. */
function mappedAt(marker: string, { page }: Mapping): string {
  return `${marker}, frame ${String(page.pfn)}`;
}

/** What is wanted after the release: the linear map stays, and a slot of the pool that has no user. */
function afterwards(marker: string, mapping: Mapping): string {
  if (marker === LINEAR) return mappedAt(marker, mapping);
  return marker === POOL ? `${mappedAt(marker, mapping)}, unused` : 'not mapped';
}

/** Maps each page, writes its part of the input, and looks for the address before and after the release. */
const by = (way: Way): PortTask<Debugfs> =>
  function* driver(env) {
    const { machine, pages, content, looks } = env;
    const { pageSize } = machine;
    for (const [i, page] of pages.entries()) {
      const mapped = yield* way.map(env, page);
      if (!mapped.ok) return mapped;
      const mapping = mapped.value;
      const { vaddr } = mapping;
      mapping.copyFrom(content.subarray(i * pageSize, (i + 1) * pageSize));
      const marker = way.marker(env, page, mapping);
      looks.push({ wanted: mappedAt(marker, mapping), said: lookUp(machine, vaddr) });
      const wanted = afterwards(marker, mapping);
      way.unmap(env, mapping);
      looks.push({ wanted, said: lookUp(machine, vaddr) });
    }
    return undefined;
  };

const BACKEND: Way = {
  map: ({ backend, machine }, page) => backend.mapWait(page, 0, machine.pageSize),
  unmap: ({ backend }, mapping) => {
    backend.unmap(mapping);
  },
  marker: ({ machine }, _, { vaddr }) => areaOf(machine, vaddr),
};

/** A mapping function of the kernel, which is for memory; a page of a device is mapped by ioremap in any case. */
function of(area: string, map: Way['map'], unmap: Way['unmap']): Way {
  return {
    *map(env, page) {
      if (page.kind !== 'iomem') return yield* map(env, page);
      return ioremap(env.task, page.phys, env.machine.pageSize);
    },
    unmap(env, mapping) {
      if (mapping.isForDevice) iounmap(env.task, mapping);
      else unmap(env, mapping);
    },
    marker({ machine: { hardware, config } }, page) {
      if (page.kind === 'iomem') return VMALLOC;
      const isForced = area === LOCAL && config.forceMap;
      return area === VMALLOC || isForced || hardware.memory.isHighmem(page) ? area : LINEAR;
    },
  };
}

const KMAP = of(
  POOL,
  function* map({ task }, page) {
    return ok(yield* kmap(task, page));
  },
  ({ task }, mapping) => {
    kunmap(task, mapping);
  },
);
const KMAP_LOCAL = of(
  LOCAL,
  function* map({ task }, page) {
    return ok(kmapLocalPage(task, page));
  },
  ({ task }, mapping) => {
    kunmapLocal(task, mapping);
  },
);
const KMAP_ATOMIC = of(
  LOCAL,
  function* map({ task }, page) {
    return ok(kmapAtomic(task, page));
  },
  ({ task }, mapping) => {
    kunmapAtomic(task, mapping);
  },
);
const VMAP = of(
  VMALLOC,
  function* map({ task }, page) {
    return vmap(task, [page]);
  },
  ({ task }, mapping) => {
    vunmap(task, mapping);
  },
);

/** Waits, while the page is mapped, until a reader in another task has looked. */
const askReader: PortTask<Debugfs> = function* driver(env) {
  const { backend, machine, task, pages, content, looks, request, reply } = env;
  const { pageSize } = machine;
  for (const [i, page] of pages.entries()) {
    const mapped = yield* backend.mapWait(page, 0, pageSize);
    if (!mapped.ok) return mapped;
    const mapping = mapped.value;
    mapping.copyFrom(content.subarray(i * pageSize, (i + 1) * pageSize));
    const marker = areaOf(machine, mapping.vaddr);
    env.asked = mapping.vaddr;
    request.complete(task);
    yield* reply.wait(task);
    const wanted = marker === LOCAL ? 'not mapped' : mappedAt(marker, mapping);
    looks.push({ wanted, said: env.answer });
    backend.unmap(mapping);
  }
  env.asked = -1;
  request.complete(task);
  return undefined;
};

/** `cat /sys/kernel/debug/kernel_page_tables`, each time it is asked. */
const reader: PortTask<Debugfs> = function* cat(env) {
  const { machine, task, request, reply } = env;
  for (;;) {
    yield* request.wait(task);
    if (env.asked < 0) return undefined;
    env.answer = lookUp(machine, env.asked);
    reply.complete(task);
  }
};

/** The input is written page by page, and each page is looked for in the dump. */
export default definePort<Debugfs>({
  name: 'dump-pagetables',
  follows: 'arch/x86/mm/dump_pagetables.c',
  about: 'looks for each mapping in a dump of the page tables, under the marker of its area',
  memory: ['highmem', 'lowmem', 'iomem'],
  mostBytes: 1 << 16,
  setup: ({ machine, memory, content }) => ({
    pages: takePages(machine, memory, Math.ceil(content.length / machine.pageSize)),
    content,
    looks: [],
    asked: -1,
    answer: '',
    request: new Completion(machine, 'a reader of the dump'),
    reply: new Completion(machine, 'the text of the dump'),
  }),
  variants: {
    original: {
      about: 'the context that maps reads the dump; the dump itself maps nothing',
      linux: 'a false hit of the count: the dump maps nothing, the site is of the driver it shows',
      tasks: { driver: by(BACKEND) },
    },
    'read by another task': {
      about:
        'the reader is a task on the same CPU: a local map is switched out with its task, and not in the dump',
      linux: '5.10 to 7.2',
      tasks: { driver: askReader, reader },
    },
    kmap: {
      about: 'kmap: the pool, where the slot stays mapped and unused; ioremap for a device',
      linux: 'kmap until it was deprecated in 5.11; in 7.2 for few callers',
      usesBackend: false,
      tasks: { driver: by(KMAP) },
    },
    kmap_local: {
      about: 'kmap_local_page: a slot of the CPU in the fixmap; ioremap for a device',
      linux: 'since 5.11',
      usesBackend: false,
      tasks: { driver: by(KMAP_LOCAL) },
    },
    kmap_atomic: {
      about: 'kmap_atomic: the same slots, in an atomic section; ioremap for a device',
      linux: 'deprecated since 5.11',
      usesBackend: false,
      tasks: { driver: by(KMAP_ATOMIC) },
    },
    vmap: {
      about: 'vmap of each page: the vmalloc area, for lowmem too; ioremap for a device',
      linux: 'not proposed',
      usesBackend: false,
      tasks: { driver: by(VMAP) },
    },
  },
  verify: ({ machine, pages, content, looks }) => {
    const text = (of: readonly string[]): Uint8Array => new TextEncoder().encode(of.join('\n'));
    const [wanted, said] = [looks.map((look) => look.wanted), looks.map((look) => look.said)];
    sameBytes(text(wanted), text(said), 'what the dump says');
    const bytes = Uint8Array.from(pages.flatMap((page) => [...machine.physical(page)]));
    return sameBytes(content, bytes, 'the pages');
  },
});
