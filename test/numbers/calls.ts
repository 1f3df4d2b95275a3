/** A call of every public function that takes a number. `at(path, usual)` is the number under test, or the usual one. */
import * as sg from 'scatterlist';
import type { Machine, MapBackend, MemoryKind, Page, SgEntry, SgTable, Task } from 'scatterlist';
import * as backend from 'scatterlist/backend';
import * as backends from 'scatterlist/backends';
import * as explorer from 'scatterlist/explore';
import * as kernel from 'scatterlist/machine';
import * as lab from 'scatterlist/lab';
import * as ports from 'scatterlist/ports';
import copyOnly from '../../examples/lab/copy-only.ts';
import { LOADED, columnOf } from '../ports/beside/two-pages.ts';
import { toy } from '../lab/experiment/toy.ts';
import { PARTS } from './parts.ts';

export interface World {
  readonly machine: Machine;
  readonly task: Task;
  readonly pages: readonly Page<'lowmem'>[];
  readonly page: Page<'lowmem'>;
  readonly device: readonly Page<'iomem'>[];
  readonly table: SgTable;
  readonly entry: SgEntry;
  readonly local: MapBackend;
  readonly dma: sg.DmaDevice;
}

export type At = (path: string, usual: number) => number;
export type Call = (world: World, at: At) => unknown;

const { mappedNents, origNents, pfn, physAddr, virtAddr, dmaAddr, cpuId } = sg;
const bytes = (): Uint8Array => new Uint8Array(8);
const oneTable = (): SgTable => {
  const made = sg.sgAllocTable(2);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
};
const folio = ({ page }: World): kernel.Folio => new kernel.Folio(page, 1);
const window = (w: World): kernel.RamWindow => backend.mapLocal(w.task, w.page, 0, 64);
const ioWindow = (w: World): kernel.IoWindow => backend.mapIo(w.task, w.device[0]!, 0, 64);
const aperture = (w: World): kernel.IoMapping => new kernel.IoMapping(w.machine, w.device[0]!.phys, 64);
const direct = ({ machine, page }: World): number => machine.hardware.addresses.direct(page.pfn);
const program = { tasks: { *a(): Generator<undefined, void> {} } };
const pieces = { toSgl: (w: World) => w.table.sgl };

// Released after a refusal too, so that a mapping left over is one that the function under test has made.
function within(w: World, make: (w: World) => kernel.Window, use: (m: kernel.Window) => unknown): unknown {
  const m = make(w);
  try {
    return use(m);
  } finally {
    m[Symbol.dispose]();
  }
}

function accessors(make: (w: World) => kernel.Window): Readonly<Record<string, Call>> {
  return {
    load8: (w, at) => within(w, make, (m) => m.load8(at('offset', 0))),
    load16: (w, at) => within(w, make, (m) => m.load16(at('offset', 0))),
    load32: (w, at) => within(w, make, (m) => m.load32(at('offset', 0))),
    load64: (w, at) => within(w, make, (m) => m.load64(at('offset', 0))),
    store8: (w, at) => within(w, make, (m) => m.store8(at('offset', 0), at('value', 0))),
    store16: (w, at) => within(w, make, (m) => m.store16(at('offset', 0), at('value', 0))),
    store32: (w, at) => within(w, make, (m) => m.store32(at('offset', 0), at('value', 0))),
    store64: (w, at) => within(w, make, (m) => m.store64(at('offset', 0), 0n)),
    copyTo: (w, at) => within(w, make, (m) => m.copyTo(bytes(), at('offset', 0))),
    copyFrom: (w, at) => within(w, make, (m) => m.copyFrom(bytes(), at('offset', 0))),
    fill: (w, at) => within(w, make, (m) => m.fill(at('value', 0), at('offset', 0), at('lengthBytes', 8))),
  };
}

/** Accessors by bare address. */
const POINTERS: Readonly<Record<string, Call>> = (() => {
  const space = (w: World): kernel.AddressSpace => new kernel.AddressSpace(w.task);
  const call =
    (use: (memory: kernel.AddressSpace, address: number, at: At) => unknown): Call =>
    (w, at) =>
      use(space(w), at('address', direct(w)), at);
  const calls: Readonly<Record<string, Call>> = {
    load8: call((m, a) => m.load8(a)),
    load16: call((m, a) => m.load16(a)),
    load32: call((m, a) => m.load32(a)),
    load64: call((m, a) => m.load64(a)),
    store8: call((m, a, at) => m.store8(a, at('value', 0xa5))),
    store16: call((m, a, at) => m.store16(a, at('value', 0xa5a5))),
    store32: call((m, a, at) => m.store32(a, at('value', 0xa5a5a5a5))),
    store64: call((m, a) => m.store64(a, 0n)),
    copyTo: call((m, a) => m.copyTo(bytes(), a)),
    copyFrom: call((m, a) => m.copyFrom(bytes(), a)),
    fill: (w, at) => space(w).fill(at('value', 0), at('address', direct(w)), at('lengthBytes', 8)),
    readb: call((m, a) => m.readb(a)),
    readw: call((m, a) => m.readw(a)),
    readl: call((m, a) => m.readl(a)),
    readq: call((m, a) => m.readq(a)),
    writeb: (w, at) => space(w).writeb(at('value', 0), at('address', direct(w))),
    writew: (w, at) => space(w).writew(at('value', 0), at('address', direct(w))),
    writel: (w, at) => space(w).writel(at('value', 0), at('address', direct(w))),
    writeq: call((m, a) => m.writeq(0n, a)),
  };
  return named('AddressSpace', calls);
})();

function named(prefix: string, calls: Readonly<Record<string, Call>>): Readonly<Record<string, Call>> {
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [`${prefix}.${name}`, call]));
}

/** Ends a Result's mapping, which the caller of a map function has to release. */
function released<T>(answer: T): T {
  const mapped = answer as { readonly ok?: boolean; readonly value?: { [Symbol.dispose]?: () => void } };
  if (mapped.ok === true) mapped.value?.[Symbol.dispose]?.();
  return answer;
}
function dropped(m: kernel.Window | undefined): unknown {
  m?.[Symbol.dispose]();
  return m === undefined ? undefined : 'mapped';
}

const LINEAR: Readonly<Record<string, Call>> = {
  physToVirt: (w, at) => kernel.physToVirt(w.machine, physAddr(at('phys', 0))),
  virtToPhys: (w, at) => kernel.virtToPhys(w.task, virtAddr(at('address', direct(w)))),
};

const users = (w: World): kernel.UserSpace => {
  const user = new kernel.UserSpace(w.machine);
  user.map(0, w.page);
  return user;
};

/** Copies to and from a user. */
const USERS: Readonly<Record<string, Call>> = {
  copyFromUser: (w, at) =>
    sg.runAlone(w.task, kernel.copyFromUser(w.task, bytes(), users(w), at('address', 0))),
  copyToUser: (w, at) =>
    sg.runAlone(w.task, kernel.copyToUser(w.task, users(w), at('address', 0), new Uint8Array(8).fill(0xa5))),
  copyFromUserInatomic: (w, at) => kernel.copyFromUserInatomic(w.task, bytes(), users(w), at('address', 0)),
  copyToUserInatomic: (w, at) =>
    kernel.copyToUserInatomic(w.task, users(w), at('address', 0), new Uint8Array(8).fill(0xa5)),
  copyFromUserNofault: (w, at) => kernel.copyFromUserNofault(w.task, bytes(), users(w), at('address', 0)),
  copyToUserNofault: (w, at) =>
    kernel.copyToUserNofault(w.task, users(w), at('address', 0), new Uint8Array(8).fill(0xa5)),
  getUser: (w, at) => sg.runAlone(w.task, kernel.getUser(w.task, users(w), at('address', 0))),
  putUser: (w, at) =>
    sg.runAlone(w.task, kernel.putUser(w.task, users(w), at('address', 0), at('value', 0xa5a5_a5a5))),
  'UserSpace.map': (w, at) => users(w).map(at('address', 0), w.page),
  'UserSpace.unmap': (w, at) => users(w).unmap(at('address', 0)),
  'UserSpace.accessOk': (w, at) => users(w).accessOk(at('address', 0), at('lengthBytes', 8)),
  'UserSpace.windowAt': (w, at) => users(w).windowAt(w.task, at('address', 0), false)?.load8(0),
  'UserSpace.fault': (w, at) =>
    sg.runAlone(w.task, users(w).fault(w.task, { address: at('fault.address', 0), write: false })),
};

const LISTS: Readonly<Record<string, Call>> = {
  __sgAllocTable: (_w, at) =>
    sg.__sgAllocTable(new sg.SgTable(), at('nents', 3), at('maxEnts', 8), {
      firstChunk: new sg.SgArray(2),
      nentsFirstChunk: at('how.nentsFirstChunk', 2),
    }),
  __sgFreeTable: (_w, at) => {
    sg.__sgFreeTable(oneTable(), at('maxEnts', 8), at('nentsFirstChunk', 0), at('numEnts', 2), {
      allocate: () => undefined,
      free: () => undefined,
    });
  },
  extractIterToSg: ({ page, machine }, at) => {
    const table = oneTable();
    table.nents = mappedNents(0);
    const iter = sg.iovIterBvec<MemoryKind>([{ page, offset: 0, length: 8 }]);
    return sg.extractIterToSg(
      iter,
      table,
      { maxBytes: at('limits.maxBytes', 8), maxEntries: at('limits.maxEntries', 1) },
      { machine },
    );
  },
  forEachSg: ({ table }, at) => [...sg.forEachSg(table.sgl, at('nents', 2))].length,
  forEachSgPage: ({ table }, at) =>
    [...sg.forEachSgPage(table.sgl, origNents(at('nents', 2)), at('pageOffset', 0))].length,
  forEachSgtablePage: ({ table }, at) => [...sg.forEachSgtablePage(table, at('pageOffset', 0))].length,
  forEachSgDmaPage: ({ table }, at) =>
    [...sg.forEachSgDmaPage(table.sgl, mappedNents(at('nents', 2)), at('pageOffset', 0))].length,
  forEachSgtableDmaPage: ({ table }, at) => [...sg.forEachSgtableDmaPage(table, at('pageOffset', 0))].length,
  'new SgPageIter': ({ table, machine }, at) =>
    new sg.SgPageIter(table.sgl, origNents(at('nents', 2)), at('pageOffset', 0), { machine }).next(),
  'new SgDmaPageIter': ({ table, machine }, at) =>
    new sg.SgDmaPageIter(table.sgl, mappedNents(at('nents', 2)), at('pageOffset', 0), { machine }).next(),
  'new SgMiter': ({ table, local }, at) => {
    const it = new sg.SgMiter(table, local, 'fromSg', at('nents', 2));
    const step = it.next();
    it.stop();
    return step.ok;
  },
  'SgMiter.skip': ({ table, local }, at) => new sg.SgMiter(table, local, 'fromSg').skip(at('bytes', 0)),
  iovIterBvec: ({ page }, at) =>
    sg.iovIterBvec([{ page, offset: at('vectors[].offset', 0), length: at('vectors[].length', 8) }]).count,
  iovIterUser: ({ page }, at) =>
    sg.iovIterUser([{ pages: [page], offset: at('buffers[].offset', 0), length: at('buffers[].length', 8) }])
      .count,
  iovIterKvec: (w, at) =>
    sg.iovIterKvec(w.machine, [
      { address: virtAddr(at('vectors[].address', direct(w))), length: at('vectors[].length', 8) },
    ]),
  iovIterDiscard: (_w, at) => sg.iovIterDiscard(at('count', 8)).count,
  'new SgArray': (_w, at) => new sg.SgArray(at('slots', 1)).slots,
  'SgArray.clear': ({ entry }, at) => {
    entry.array.clear(at('slots', 0));
  },
  'SgArray.entry': ({ entry }, at) => entry.array.entry(at('slot', 0)).slot,
  'SgArray.linkAt': ({ entry }, at) => entry.array.linkAt(at('slot', 0)),
  'SgArray.mark': ({ entry }, at) => {
    entry.array.mark(at('slot', 0), at('marks', 0));
  },
  'SgArray.set': ({ entry, page }, at) => {
    entry.array.set(at('slot', 0), page, at('lengthBytes', 8), at('offset', 0));
  },
  'SgArray.setOffset': ({ entry }, at) => {
    entry.array.setOffset(at('slot', 0), at('offset', 0));
  },
  'SgArray.setLink': ({ entry }, at) => {
    entry.array.setLink(at('slot', 0), entry);
  },
  'SgArray.setRuns': ({ entry, page, machine }, at) =>
    entry.array.setRuns(
      at('slot', 0),
      { pages: [page, page], ends: Int32Array.of(1, 2) },
      at('run', 1),
      at('count', 1),
      at('pageSize', machine.pageSize),
    ),
  'SgEntry.length=': ({ entry }, at) => {
    entry.length = at('bytes', 8);
  },
  'SgEntry.offset=': ({ entry }, at) => {
    entry.offset = at('bytes', 0);
  },
  'SgOptions.maxSingleAlloc': (_w, at) => sg.sgAllocTable(3, { maxSingleAlloc: at('maxSingleAlloc', 8) }).ok,
  'new TrackingAllocator': (_w, at) => new sg.TrackingAllocator({ failAt: at('options.failAt', 1) }).reached,
  'TrackingAllocator.allocate': (_w, at) =>
    new sg.TrackingAllocator().allocate('kmalloc', at('slots', 1))?.slots,
  'TrackingAllocator.attempt': (_w, at) => new sg.TrackingAllocator().attempt('order', at('count', 1)),
  'TrackingAllocator.reserve': (_w, at) => new sg.TrackingAllocator().reserve(at('count', 1)),
  sgAllocTable: (_w, at) => sg.sgAllocTable(at('nents', 2)).ok || sg.sgAllocTable(at('nents', 2)),
  sgAllocTableChained: (_w, at) =>
    sg.sgAllocTableChained(at('nents', 3), {
      firstChunk: new sg.SgArray(2),
      nentsFirstChunk: at('how.nentsFirstChunk', 2),
    }),
  sgFreeTableChained: (_w, at) => {
    sg.sgFreeTableChained(oneTable(), at('nentsFirstChunk', 0));
  },
  sgAllocTableFromPages: ({ page }, at) =>
    sg.sgAllocTableFromPages([page], {
      offset: at('options.offset', 0),
      size: at('options.size', 4096),
      maxSegmentBytes: at('options.maxSegmentBytes', 4096),
    }),
  sgAllocTableFromPagesSegment: ({ page }, at) =>
    sg.sgAllocTableFromPagesSegment([page], at('offset', 0), at('size', 4096), at('maxSegmentBytes', 4096)),
  sgAllocAppendTableFromPages: ({ page }, at) =>
    sg.sgAllocAppendTableFromPages(new sg.SgAppendTable<MemoryKind>(), [page], {
      offset: at('options.offset', 0),
      size: at('options.size', 4096),
      maxSegmentBytes: at('options.maxSegmentBytes', 4096),
      leftPages: at('options.leftPages', 0),
    }),
  sgChain: ({ entry }, at) => {
    sg.sgChain(new sg.SgArray(2), at('slots', 2), entry);
  },
  sgInitMarker: ({ entry }, at) => {
    sg.sgInitMarker(entry.array, at('nents', 1));
  },
  sgInitTable: (_w, at) => sg.sgInitTable(at('nents', 1)).slots,
  sgInitOne: (w, at) => sg.sgInitOne(w.machine, virtAddr(at('address', direct(w))), at('lengthBytes', 8)),
  sgSetBuf: (w, at) =>
    sg.sgSetBuf(
      sg.sgInitTable<'lowmem'>(1).entry(0),
      w.machine,
      virtAddr(at('address', direct(w))),
      at('lengthBytes', 8),
    ),
  sgSetDma: ({ entry }, at) => {
    sg.sgSetDma(entry, dmaAddr(at('address', 0)), at('lengthBytes', 8));
  },
  sgSetFolio: (w, at) => sg.sgSetFolio(w.entry, folio(w), at('lengthBytes', 8), at('offset', 0)),
  sgSetPage: ({ entry, page }, at) => {
    sg.sgSetPage(entry, page, at('lengthBytes', 8), at('offset', 0));
  },
  sgLast: (w, at) => sg.sgLast(pieces.toSgl(w), at('nents', 2)),
  sgNentsForDma: (w, at) =>
    sg.sgNentsForDma(pieces.toSgl(w), mappedNents(at('nents', 2)), at('mostBytes', 8)),
  sgNentsForLen: (w, at) => sg.sgNentsForLen(pieces.toSgl(w), at('bytes', 8)),
  sgSplit: (w, at) =>
    sg.sgSplit(pieces.toSgl(w), mappedNents(at('mapped', 0)), at('skip', 0), [at('sizes[]', 8)], {
      machine: w.machine,
    }),
  sglAlloc: ({ machine }, at) => sg.sglAlloc(at('lengthBytes', 8), sg.pageSource(machine, 'lowmem')),
  sglAllocOrder: ({ machine }, at) =>
    sg.sglAllocOrder(at('lengthBytes', 8), at('order', 0), sg.pageSource(machine, 'lowmem')),
  sglFreeNOrder: ({ machine }, at) => {
    const pages = sg.pageSource(machine, 'lowmem');
    const made = sg.sglAlloc(8, pages);
    if (made.ok) sg.sglFreeNOrder(made.value.sgl, at('nents', 1), at('order', 0), pages);
  },
  sglFreeOrder: ({ machine }, at) => {
    const pages = sg.pageSource(machine, 'lowmem');
    const made = sg.sglAlloc(8, pages);
    if (made.ok) sg.sglFreeOrder(made.value.sgl, at('order', 0), pages);
  },
};

const HELPERS: Readonly<Record<string, Call>> = {
  sgMap: ({ entry, local }, at) => released(sg.sgMap(entry, at('offset', 0), local)),
  sgMapWait: ({ entry, local, task }, at) =>
    released(sg.runAlone(task, sg.sgMapWait(entry, at('offset', 0), local))),
  withMapping: ({ entry, local }, at) => sg.withMapping(entry, at('offset', 0), local, () => 1),
  sgPcopyToBuffer: ({ table, local }, at) => sg.sgPcopyToBuffer(table, bytes(), local, at('skipBytes', 0)),
  sgPcopyFromBuffer: ({ table, local }, at) =>
    sg.sgPcopyFromBuffer(table, bytes(), local, at('skipBytes', 0)),
  sgZeroBuffer: ({ table, local }, at) =>
    sg.sgZeroBuffer(table, at('lengthBytes', 8), local, at('skipBytes', 0)),
  sgFill: ({ table, local }, at) =>
    sg.sgFill(
      table,
      at('value', 1),
      { lengthBytes: at('range.lengthBytes', 8), skipBytes: at('range.skipBytes', 0) },
      local,
    ),
  sgCopyList: ({ table, local }, at) => sg.sgCopyList(table, table, pairRange(at), local),
  sgCompare: ({ table, local }, at) => sg.sgCompare(table, table, pairRange(at), local),
};

function pairRange(at: At): sg.PairRange {
  return {
    lengthBytes: at('range.lengthBytes', 8),
    skipFirstBytes: at('range.skipFirstBytes', 0),
    skipSecondBytes: at('range.skipSecondBytes', 0),
  };
}

const KERNEL: Readonly<Record<string, Call>> = {
  bvecKmapLocal: (w, at) => dropped(kernel.bvecKmapLocal(w.task, vector(w, at))),
  bvecVirt: (w, at) => dropped(kernel.bvecVirt(w.task, vector(w, at))),
  memcpyFromBvec: (w, at) => kernel.memcpyFromBvec(w.task, bytes(), vector(w, at)),
  memcpyToBvec: (w, at) => kernel.memcpyToBvec(w.task, vector(w, at), bytes()),
  memzeroBvec: (w, at) => kernel.memzeroBvec(w.task, vector(w, at)),
  clearUserHighpages: ({ task, page }, at) => kernel.clearUserHighpages(task, page, at('pages', 1)),
  flushDcacheArea: (w, at) =>
    kernel.flushDcacheArea(w.task, virtAddr(at('vaddr', direct(w))), at('lengthBytes', 8)),
  folioFillTail: (w, at) => kernel.folioFillTail(w.task, folio(w), at('offset', 0), bytes()),
  folioZeroRange: (w, at) => kernel.folioZeroRange(w.task, folio(w), at('start', 0), at('lengthBytes', 8)),
  folioZeroSegment: (w, at) => kernel.folioZeroSegment(w.task, folio(w), at('start', 0), at('end', 8)),
  folioZeroSegments: (w, at) =>
    kernel.folioZeroSegments(
      w.task,
      folio(w),
      at('start1', 0),
      at('end1', 8),
      at('start2', 8),
      at('end2', 16),
    ),
  folioZeroTail: (w, at) => {
    const m = kernel.kmapLocalFolio(w.task, folio(w), 0);
    try {
      kernel.folioZeroTail(w.task, folio(w), at('offset', 0), m, at('at', 0));
    } finally {
      if (m.live) kernel.kunmapLocal(w.task, m);
    }
  },
  kmapLocalFolio: (w, at) => dropped(kernel.kmapLocalFolio(w.task, folio(w), at('offset', 0))),
  memcpyFolio: (w, at) =>
    kernel.memcpyFolio(
      w.task,
      folio(w),
      at('toOffset', 0),
      folio(w),
      at('fromOffset', 0),
      at('lengthBytes', 8),
    ),
  memcpyFromFileFolio: (w, at) => kernel.memcpyFromFileFolio(w.task, bytes(), folio(w), at('position', 0)),
  memcpyFromFolio: (w, at) => kernel.memcpyFromFolio(w.task, bytes(), folio(w), at('offset', 0)),
  memcpyToFolio: (w, at) => kernel.memcpyToFolio(w.task, folio(w), at('offset', 0), bytes()),
  memcpyFromPage: ({ task, page }, at) => kernel.memcpyFromPage(task, bytes(), page, at('offset', 0)),
  memcpyToPage: ({ task, page }, at) => kernel.memcpyToPage(task, page, at('offset', 0), bytes()),
  memcpyPage: ({ task, page }, at) =>
    kernel.memcpyPage(task, page, at('toOffset', 0), page, at('fromOffset', 0), at('lengthBytes', 8)),
  memsetPage: ({ task, page }, at) =>
    kernel.memsetPage(task, page, at('offset', 0), at('value', 1), at('lengthBytes', 8)),
  memzeroPage: ({ task, page }, at) => kernel.memzeroPage(task, page, at('offset', 0), at('lengthBytes', 8)),
  zeroUser: ({ task, page }, at) => kernel.zeroUser(task, page, at('start', 0), at('lengthBytes', 8)),
  zeroUserSegment: ({ task, page }, at) => kernel.zeroUserSegment(task, page, at('start', 0), at('end', 8)),
  zeroUserSegments: ({ task, page }, at) =>
    kernel.zeroUserSegments(task, page, at('start1', 0), at('end1', 8), at('start2', 8), at('end2', 16)),
  'new Folio': ({ page }, at) => new kernel.Folio(page, at('pages', 1)).sizeBytes,
  'Folio.page': (w, at) => folio(w).page(at('n', 0)).pfn,
  'new IoMapping': (w, at) =>
    new kernel.IoMapping(w.machine, physAddr(at('base', w.device[0]!.phys)), at('sizeBytes', 64)).base,
  'IoMapping.pageOf': (w, at) => aperture(w).pageOf(w.task, at('offset', 0)).pfn,
  ioMappingMapAtomicWc: (w, at) => dropped(kernel.ioMappingMapAtomicWc(w.task, aperture(w), at('offset', 0))),
  ioMappingMapLocalWc: (w, at) => dropped(kernel.ioMappingMapLocalWc(w.task, aperture(w), at('offset', 0))),
  ioMappingMapWc: (w, at) =>
    released(kernel.ioMappingMapWc(w.task, aperture(w), at('offset', 0), at('sizeBytes', 64))),
  ...Object.fromEntries(
    (['ioremap', 'ioremapCache', 'ioremapNp', 'ioremapUc', 'ioremapWc', 'ioremapWt'] as const).map(
      (name): [string, Call] => [
        name,
        (w, at) =>
          released(kernel[name](w.task, physAddr(at('phys', w.device[0]!.phys)), at('sizeBytes', 64))),
      ],
    ),
  ),
  isKmapAddr: (w, at) => kernel.isKmapAddr(w.machine, at('address', direct(w))),
  kmapToPage: (w, at) => kernel.kmapToPage(w.task, virtAddr(at('address', direct(w)))),
  virtToPage: (w, at) => kernel.virtToPage(w.machine, at('address', direct(w))),
  kmapAtomicPfn: ({ task, page }, at) => dropped(kernel.kmapAtomicPfn(task, pfn(at('pfn', page.pfn)))),
  kmapLocalPfn: ({ task, page }, at) => dropped(kernel.kmapLocalPfn(task, pfn(at('pfn', page.pfn)))),
  kunmapAtomic: ({ task, page }, at) => {
    const m = kernel.kmapAtomic(task, page);
    try {
      kernel.kunmapAtomic(task, virtAddr(at('where', m.vaddr)));
    } finally {
      if (m.live) kernel.kunmapAtomic(task, m);
    }
  },
  kunmapLocal: ({ task, page }, at) => {
    const m = kernel.kmapLocalPage(task, page);
    try {
      kernel.kunmapLocal(task, virtAddr(at('where', m.vaddr)));
    } finally {
      if (m.live) kernel.kunmapLocal(task, m);
    }
  },
  skbFragForeachPage: ({ machine, page }, at) => {
    let parts = 0;
    kernel.skbFragForeachPage(machine, page, at('offset', 0), at('length', 8), () => (parts += 1));
    return parts;
  },
  vmapPfn: ({ task, device }, at) => released(kernel.vmapPfn(task, [pfn(at('frames[]', device[0]!.pfn))])),
  'DmaDevice.look': ({ machine }, at) => new sg.DmaDevice(machine).look(at('address', 4096)),
  'new Semaphore': ({ machine }, at) => new kernel.Semaphore(machine, 's', at('units', 1)).free,
  'new Atomic': ({ machine }, at) => new kernel.Atomic(machine, 'a', at('initial', 1)).read(),
  'Atomic.set': (w, at) => new kernel.Atomic(w.machine, 'a').set(at('value', 1)),
  'Atomic.add': (w, at) => new kernel.Atomic(w.machine, 'a').add(at('n', 1)),
  'Atomic.sub': (w, at) => new kernel.Atomic(w.machine, 'a').sub(at('n', 1)),
  'Atomic.addReturn': (w, at) => new kernel.Atomic(w.machine, 'a').addReturn(at('n', 1)),
  'Atomic.subReturn': (w, at) => new kernel.Atomic(w.machine, 'a').subReturn(at('n', 1)),
  'Atomic.fetchAdd': (w, at) => new kernel.Atomic(w.machine, 'a').fetchAdd(at('n', 1)),
  'Atomic.fetchSub': (w, at) => new kernel.Atomic(w.machine, 'a').fetchSub(at('n', 1)),
  'Atomic.fetchOr': (w, at) => new kernel.Atomic(w.machine, 'a').fetchOr(at('mask', 1)),
  'Atomic.fetchAnd': (w, at) => new kernel.Atomic(w.machine, 'a').fetchAnd(at('mask', 1)),
  'Atomic.addUnless': (w, at) => new kernel.Atomic(w.machine, 'a').addUnless(at('n', 1), at('unless', 2)),
  'Atomic.xchg': (w, at) => new kernel.Atomic(w.machine, 'a').xchg(at('value', 1)),
  'Atomic.cmpxchg': (w, at) => new kernel.Atomic(w.machine, 'a').cmpxchg(at('expected', 1), at('value', 2)),
  'Semaphore.down': ({ machine, task }, at) =>
    sg.runAlone(task, new kernel.Semaphore(machine, 's', 2 ** 40).down(task, at('units', 1))),
  'Semaphore.tryDown': ({ machine, task }, at) =>
    new kernel.Semaphore(machine, 's', 2 ** 40).tryDown(task, at('units', 1)),
  'Semaphore.up': ({ machine, task }, at) => new kernel.Semaphore(machine, 's', 1).up(task, at('units', 1)),
  ...named('RamWindow', accessors(window)),
  ...named('IoWindow', accessors(ioWindow)),
  'Window.pageAt': (w, at) => within(w, window, (m) => m.pageAt(at('offset', 0)).pfn),
  'Machine.allocPages': ({ machine }, at) => machine.allocPages(at('count', 1), { zone: 'lowmem' }).length,
  'Machine.interrupt': ({ machine }, at) =>
    machine.interrupt('hardirq', () => 1, { cpu: at('options.cpu', 0) }),
  'Machine.ioRegion': ({ machine }, at) =>
    machine.ioRegion(at('pages', 1), { widths: [at('options.widths[]', 4) as 4] }).length,
  'Machine.irqEnter': ({ machine }, at) => {
    machine.irqExit(machine.irqEnter('hardirq', 'x', at('cpuNumber', 0)));
  },
  'Machine.migrate': ({ machine, task }, at) => {
    machine.migrate(task, at('cpu', 0));
  },
  'Machine.running': ({ machine }, at) => machine.running(cpuId(at('cpu', 0))).name,
  'Machine.switchTo': ({ machine, task }, at) => {
    machine.switchTo(cpuId(at('cpuId', 0)), task);
  },
  'Machine.takePages': ({ machine }, at) => machine.takePages('lowmem', at('count', 1)) !== undefined,
  'Machine.task': ({ machine }, at) => machine.task('x', { cpu: at('options.cpu', 0) }).name,
};

function vector({ page }: World, at: At): kernel.BioVec {
  return { page, offset: at('vector.offset', 0), length: at('vector.length', 8) };
}

const BACKEND: Readonly<Record<string, Call>> = {
  mapAtomic: ({ task, page }, at) =>
    dropped(backend.mapAtomic(task, page, at('pageOffset', 0), at('lengthBytes', 8))),
  mapContiguous: ({ task, pages }, at) =>
    released(
      backend.mapContiguous(
        task,
        pages.slice(0, 1),
        at('pageOffset', 0),
        at('lengthBytes', 8),
        at('needPages', 1),
      ),
    ),
  mapIo: ({ task, device }, at) =>
    dropped(backend.mapIo(task, device[0]!, at('pageOffset', 0), at('lengthBytes', 8))),
  mapLocal: ({ task, page }, at) =>
    dropped(backend.mapLocal(task, page, at('pageOffset', 0), at('lengthBytes', 8))),
  mapPoolWait: ({ task, page }, at) =>
    dropped(sg.runAlone(task, backend.mapPoolWait(task, page, at('pageOffset', 0), at('lengthBytes', 8)))),
  tryMapPool: ({ task, page }, at) =>
    dropped(backend.tryMapPool(task, page, at('pageOffset', 0), at('lengthBytes', 8))),
  openDirect: ({ task, page }, at) =>
    dropped(backend.openDirect(task, page, at('pageOffset', 0), at('lengthBytes', 8))),
  faultInjection: ({ task }, at) =>
    backends.faultInjection(backends.kmapLocal(task), { failAt: at('plan.failAt', 0) }).contract.name,
};

const MACHINE_NUMBERS = [
  'bounceSlots',
  'cpus',
  'dcacheColours',
  'highmemPages',
  'kmMaxIdx',
  'lowmemPages',
  'pageSize',
  'pagesPerSection',
  'pkmapColours',
  'pkmapSlots',
  'protectedPages',
  'unmappablePages',
  'vmallocPages',
] as const;

const SET_UP: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(
    MACHINE_NUMBERS.map((name): [string, Call] => [
      `MachineOptions.${name}`,
      (_w, at) => sg.createMachine({ [name]: at(name, kernel.resolveConfig({})[name]) }).config[name],
    ]),
  ),
  'MachineOptions.gapSections[]': (_w, at) =>
    sg.createMachine({ gapSections: [at('gapSections[]', 1)] }).config.cpus,
  'Program.maxSteps': (_w, at) => explorer.explore({ ...program, maxSteps: at('maxSteps', 10) }).kind,
  'Program.starvationBound': (_w, at) =>
    explorer.explore({ ...program, starvationBound: at('starvationBound', 10) }).kind,
  checkDeterminism: (_w, at) =>
    explorer.checkDeterminism(program, {
      seed: at('options.seed', 1),
      schedules: at('options.schedules', 1),
      milliseconds: at('options.milliseconds', 10),
    }),
  exhaustive: (_w, at) => explorer.exhaustive({ preemptions: at('options.preemptions', 1) }).name,
  explore: (_w, at) =>
    explorer.explore(program, explorer.exhaustive(), {
      budget: {
        milliseconds: at('options.budget.milliseconds', 10),
        schedules: at('options.budget.schedules', 10),
        steps: at('options.budget.steps', 10),
      },
    }).kind,
  exploreBeside: (_w, at) =>
    ports.exploreBeside(
      { port: LOADED, variant: 'original', memory: 'highmem', column: columnOf('kmap') },
      {
        budget: {
          milliseconds: at('options.budget.milliseconds', 10),
          schedules: at('options.budget.schedules', 1),
          steps: at('options.budget.steps', 10),
        },
        held: at('options.held', 1),
        pools: {
          pkmapSlots: at('options.pools.pkmapSlots', 4),
          bounceSlots: at('options.pools.bounceSlots', 4),
          vmallocPages: at('options.pools.vmallocPages', 4),
        },
      },
    ).outcome.result,
  explain: (_w, at) =>
    explorer.explain(program, [at('schedule[]', 0)], { milliseconds: at('options.milliseconds', 1000) }).steps
      .length,
  shrink: (_w, at) =>
    explorer.shrink(program, [at('schedule[]', 0)], 'exception', {
      milliseconds: at('options.milliseconds', 10),
    }).length,
  formatSchedule: (_w, at) => explorer.formatSchedule([at('schedule[]', 0)]),
  replaySchedule: (_w, at) => explorer.replaySchedule([at('schedule[]', 0)]).name,
  formatReport: (_w, at) =>
    explorer.formatReport(explorer.explain(program, []), {
      width: at('options.width', 80),
      rows: at('options.rows', 20),
    }).length,
  formatViolation: (_w, at) => sg.formatViolation(VIOLATION, at('width', 80)).length,
  sharedSearchMemory: (_w, at) => explorer.sharedSearchMemory(at('states', 64)).board.byteLength,
  maybe: (_w, at) => explorer.maybe(at('most', 1)),
  frontier: (_w, at) => explorer.frontier(program, at('least', 1)).length,
  shard: (_w, at) => explorer.shard([[0], [1]], at('index', 0), at('count', 2)).length,
  pct: (_w, at) =>
    explorer.pct({
      depth: at('options.depth', 2),
      seed: at('options.seed', 1),
      schedules: at('options.schedules', 1),
    }).name,
  preemptionBound: (_w, at) => explorer.preemptionBound(at('preemptions', 1)).name,
  random: (_w, at) =>
    explorer.random({ seed: at('options.seed', 1), schedules: at('options.schedules', 1) }).name,
  load8: (w, at) => within(w, window, (m) => sg.runAlone(w.task, explorer.load8(m, at('offset', 0)))),
  load32: (w, at) => within(w, window, (m) => sg.runAlone(w.task, explorer.load32(m, at('offset', 0)))),
  store8: (w, at) =>
    within(w, window, (m) => sg.runAlone(w.task, explorer.store8(m, at('offset', 0), at('value', 0)))),
  store32: (w, at) =>
    within(w, window, (m) => sg.runAlone(w.task, explorer.store32(m, at('offset', 0), at('value', 0)))),
};

const DMA: Readonly<Record<string, Call>> = {
  dmaAllocCoherent: ({ task, dma }, at) => kernel.dmaAllocCoherent(task, dma, at('size', 8)),
  dmaFreeCoherent: (w, at) => {
    const made = kernel.dmaAllocCoherent(w.task, w.dma, 8);
    if (!made.ok) throw new Error(made.error.code);
    const { cpuAddress, handle } = made.value;
    const [address, bus] = [virtAddr(at('cpuAddress', cpuAddress)), dmaAddr(at('handle', handle))];
    kernel.dmaFreeCoherent(w.task, w.dma, at('size', 8), address, bus);
  },
  dmaMapPage: ({ task, dma, page }, at) =>
    kernel.dmaMapPage(task, dma, page, at('offset', 0), at('length', 8), 'toDevice'),
  dmaMapSingle: (w, at) =>
    kernel.dmaMapSingle(w.task, w.dma, virtAddr(at('address', direct(w))), at('length', 8), 'toDevice'),
  dmaMapSg: ({ task, dma, table }, at) =>
    sg.dmaMapSg(task, dma, table.sgl, origNents(at('nents', 2)), 'toDevice'),
  ...Object.fromEntries(
    (['dmaSyncSgForCpu', 'dmaSyncSgForDevice', 'dmaUnmapSg'] as const).map((name): [string, Call] => [
      name,
      ({ task, dma, table }, at) => {
        void sg.dmaMapSg(task, dma, table.sgl, origNents(2), 'toDevice');
        sg[name](task, dma, table.sgl, origNents(at('nents', 2)), 'toDevice');
      },
    ]),
  ),
  ...Object.fromEntries(
    (['dmaSyncSingleForCpu', 'dmaSyncSingleForDevice', 'dmaUnmapPage', 'dmaUnmapSingle'] as const).map(
      (name): [string, Call] => [
        name,
        (w, at) => {
          const mapped = mapOf(w);
          kernel[name](w.task, w.dma, dmaAddr(at('address', mapped)), at('length', 8), 'toDevice');
        },
      ],
    ),
  ),
  ...Object.fromEntries(
    (['dmaSyncSingleRangeForCpu', 'dmaSyncSingleRangeForDevice'] as const).map((name): [string, Call] => [
      name,
      (w, at) => {
        const mapped = mapOf(w);
        kernel[name](
          w.task,
          w.dma,
          dmaAddr(at('address', mapped)),
          at('offset', 0),
          at('length', 8),
          'toDevice',
        );
      },
    ]),
  ),
};

const DEVICE: Readonly<Record<string, Call>> = {
  'new DmaDevice': ({ machine }, at) =>
    new sg.DmaDevice(machine, {
      busOffset: at('options.busOffset', 0),
      iommu: { pages: at('options.iommu.pages', 16) },
      mask: at('options.mask', Infinity),
      maxSegmentBytes: at('options.maxSegmentBytes', 65536),
      minAlignMask: at('options.minAlignMask', 0),
      segmentBoundaryMask: at('options.segmentBoundaryMask', 2 ** 32 - 1),
    }),
  'DmaDevice.allocCoherent': ({ task, dma }, at) => dma.allocCoherent(task, at('size', 8)),
  'DmaDevice.freeCoherent': (w, at) => {
    const made = w.dma.allocCoherent(w.task, 8);
    if (!made.ok) throw new Error(made.error.code);
    const { cpuAddress, handle } = made.value;
    w.dma.freeCoherent(w.task, at('size', 8), at('cpuAddress', cpuAddress), at('handle', handle));
  },
  'DmaDevice.map': ({ task, dma, page }, at) =>
    dma.map(
      task,
      [{ page, offset: at('pieces[].offset', 0), length: at('pieces[].length', 8) }],
      'toDevice',
      { entries: at('how.entries', 1) },
    ),
  'DmaDevice.unmap': (w, at) => {
    const mapped = mapOf(w);
    const how = { entries: at('how.entries', 1) };
    w.dma.unmap(w.task, at('address', mapped), at('lengthBytes', 8), 'toDevice', how);
  },
  'DmaDevice.unmapAll': (w, at) => {
    const ranges = [
      { address: at('ranges[].address', mapOf(w)), lengthBytes: at('ranges[].lengthBytes', 8) },
    ];
    w.dma.unmapAll(w.task, ranges, 'toDevice', { entries: at('how.entries', 1) });
  },
  'DmaDevice.sync': (w, at) => {
    const mapped = mapOf(w);
    const how = { entries: at('how.entries', 1) };
    w.dma.sync(w.task, 'cpu', at('address', mapped), at('lengthBytes', 8), 'toDevice', how);
  },
  'DmaDevice.syncAll': (w, at) => {
    const ranges = [
      { address: at('ranges[].address', mapOf(w)), lengthBytes: at('ranges[].lengthBytes', 8) },
    ];
    w.dma.syncAll(w.task, 'cpu', ranges, 'toDevice', { entries: at('how.entries', 1) });
  },
  'DmaDevice.read': (w, at) => w.dma.read(at('address', mapOf(w)), at('lengthBytes', 8)).length,
  'DmaDevice.write': (w, at) => {
    const { dma, task, page } = w;
    const mapped = dma.map(task, [{ page, offset: 0, length: 8 }], 'fromDevice');
    if (!mapped.ok) throw new Error(mapped.error.code);
    dma.write(at('address', mapped.value[0]!.address), new Uint8Array(8).fill(0xa5));
  },
  'DmaDevice.setMask': ({ dma }, at) => [dma.setMask(at('mask', 2 ** 32 - 1)), dma.mask],
  dmaSetMask: ({ dma }, at) => kernel.dmaSetMask(dma, at('mask', 2 ** 32 - 1)),
  'FolioMap.compound': ({ machine, page }, at) => machine.folios.compound(page, at('pages', 2)),
};

function mapOf({ task, dma, page }: World): number {
  const mapped = kernel.dmaMapPage(task, dma, page, 0, 8, 'toDevice');
  if (!mapped.ok) throw new Error(mapped.error.code);
  return mapped.value;
}

const VIOLATION: sg.Violation = {
  rule: 'leak',
  severity: 'warn',
  what: 'a mapping is left',
  context: undefined,
  mapping: undefined,
  details: [],
  foundAt: undefined,
};

const LAB: Readonly<Record<string, Call>> = {
  failCall: (_w, at) => lab.failCall(at('failAt', 0)).asked.length,
  failEach: (_w, at) => lab.failEach(copyOnly, 'copyResponse', { users: at('options.users', 1) }).length,
  failureEffects: (_w, at) =>
    lab.failureEffects(copyOnly, 'copyResponse', { users: at('options.users', 1) }).length,
  inPage: (_w, at) => lab.inPage(at('offset', 0)),
  jobProgram: (_w, at) => lab.jobProgram(copyOnly, 'copyResponse', { users: at('options.users', 1) }).name,
  pageAt: ({ entry }, at) => lab.pageAt(entry, at('offset', 0)).pfn,
  runExperiment: (_w, at) => lab.runExperiment(toy, { seed: at('options.seed', 1) }).seed,
  readView: ({ task }, at) => {
    lab.readView(task, bytes(), new Uint8Array(2), at('offset', 0));
  },
  writeView: ({ task }, at) => {
    lab.writeView(task, bytes(), new Uint8Array(2), at('offset', 0));
  },
};

const PORTS: Readonly<Record<string, Call>> = {
  definePort: (_w, at) => ports.definePort({ ...emptyPort, mostBytes: at('spec.mostBytes', 8) }).name,
  takePages: ({ machine }, at) => ports.takePages(machine, 'lowmem', at('count', 1)).length,
};

const emptyPort: ports.PortSpec<object> = {
  name: 'empty',
  follows: 'no file',
  about: 'moves no bytes',
  memory: ['lowmem'],
  setup: () => ({}),
  variants: { original: { about: 'maps no page', linux: 'none', tasks: { *idle() {} } } },
  verify: () => ({ verifiedBytes: 0 }),
};

/** By function. */
export const CALLS: Readonly<Record<string, Call>> = {
  ...LISTS,
  ...POINTERS,
  ...USERS,
  ...LINEAR,
  ...HELPERS,
  ...KERNEL,
  ...BACKEND,
  ...SET_UP,
  ...DMA,
  ...DEVICE,
  ...PARTS,
  ...LAB,
  ...PORTS,
};
