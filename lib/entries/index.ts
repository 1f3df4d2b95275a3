/** The library: machines, scatterlists, mapping them, and what can go wrong. */
export { describeError } from '../base/errors.ts';
export type {
  BadAddress,
  BounceExhausted,
  ErrorCode,
  ErrorOf,
  Injected,
  MemoryFailure,
  InvalidArgument,
  NoMemory,
  NoSlots,
  NoVirtualSpace,
  NotSupported,
  OutOfRange,
  ScatterlistError,
  TooBig,
  Unmappable,
} from '../base/errors.ts';
export { errnoOf } from '../base/errno.ts';
export type { ErrnoCode } from '../base/errno.ts';
export { ConfigError, InvariantError } from '../base/invariant.ts';
export { done, err, ok } from '../base/result.ts';
export type { Err, Ok, Result } from '../base/result.ts';
export { cpuId, dmaAddr, hex, pfn, physAddr, taskId, virtAddr } from '../base/units.ts';
export type { CpuId, DmaAddr, Pfn, PhysAddr, TaskId, VirtAddr } from '../base/units.ts';
export { DmaDevice } from '../kernel/dma/dma-device.ts';
export type { DmaAttrs } from '../kernel/dma/dma-call.ts';
export type { DmaMapError } from '../kernel/dma/dma-reach.ts';
export type { DmaDeviceOptions } from '../kernel/dma/dma-device-options.ts';
export type { DmaDirection } from '../kernel/parts/dma-mapping.ts';
export { createMachine } from '../kernel/core/create-machine.ts';
export { runAlone } from '../kernel/core/run-alone.ts';
export type { AllocOptions } from '../kernel/core/page-allocator.ts';
export type { Context, ContextKind, Interrupt, Machine, Task, TaskOptions } from '../kernel/core/machine.ts';
export type { Sleeping, Step } from '../kernel/parts/wait-queue.ts';
export type { LinuxVersion, MachineOptions } from '../machine/config.ts';
export type { LedgerCounts } from '../machine/ledger.ts';
export type { MemoryKind, Page, PageLayout, SystemRam } from '../machine/memory.ts';
export { ViolationError, formatViolation } from '../machine/violation.ts';
export type { Violation } from '../machine/violation.ts';
export type { ErrorsOf, MapBackend, MappingOf, WaitErrorsOf } from '../mapping/backend.ts';
export type { Contract } from '../mapping/contract.ts';
export type { DirectMapping, Mapping } from '../mapping/mapping.ts';
export {
  __sgAllocTable,
  __sgFreeTable,
  sgAllocTable,
  sgFreeTable,
} from '../scatterlist/alloc/alloc-table.ts';
export type { SgChunkOptions, SgChunks, SgTableOptions } from '../scatterlist/alloc/alloc-table.ts';
export {
  SgAppendTable,
  sgAllocAppendTableFromPages,
  sgFreeAppendTable,
} from '../scatterlist/alloc/append-table.ts';
export type { AppendOptions, FromPagesOptions } from '../scatterlist/alloc/append-table.ts';
export {
  __sgFlags,
  sgAssignPage,
  sgChain,
  sgChainPtr,
  sgInitMarker,
  sgInitTable,
  sgIsChain,
  sgIsLast,
  sgMarkEnd,
  sgNext,
  sgPage,
  sgSetPage,
  sgUnmarkEnd,
} from '../scatterlist/list/entry.ts';
export { extractIterToSg } from '../scatterlist/alloc/extract-iter-to-sg.ts';
export type { ExtractLimits } from '../scatterlist/alloc/extract-iter-to-sg.ts';
export {
  forEachSg,
  forEachSgDmaPage,
  forEachSgPage,
  forEachSgtableDmaPage,
  forEachSgtableDmaSg,
  forEachSgtablePage,
  forEachSgtableSg,
} from '../scatterlist/list/for-each-sg.ts';
export { sgAllocTableFromPages, sgAllocTableFromPagesSegment } from '../scatterlist/alloc/from-pages.ts';
export {
  iovIterBvec,
  iovIterDiscard,
  iovIterExtractWillPin,
  iovIterFolioQueue,
  iovIterKvec,
  iovIterUser,
  unpinUserPage,
} from '../scatterlist/alloc/iov-iter.ts';
export type { IovIter, IterKind, PageRun, UserBuffer } from '../scatterlist/alloc/iov-iter.ts';
export { sgInitOne, sgPhys, sgSetBuf, sgVirt } from '../scatterlist/list/sg-address.ts';
export type { SgAllocator, SgMemory } from '../scatterlist/list/sg-allocator.ts';
export { SgArray } from '../scatterlist/list/sg-array.ts';
export type { SgEntry } from '../scatterlist/list/sg-array.ts';
export { sgLast, sgNents, sgNentsForDma, sgNentsForLen } from '../scatterlist/list/sg-count.ts';
export { sgCompare, sgCopyList } from '../scatterlist/copy/list-to-list.ts';
export {
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgFill,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from '../scatterlist/copy/sg-copy.ts';
export type { PartlyDone } from '../scatterlist/copy/partly-done.ts';
export type { Comparison, PairRange } from '../scatterlist/copy/list-to-list.ts';
export {
  sgDmaAddress,
  sgDmaIsBusAddress,
  sgDmaIsSwiotlb,
  sgDmaLen,
  sgDmaMarkBusAddress,
  sgDmaMarkSwiotlb,
  sgDmaUnmarkBusAddress,
  sgSetDma,
} from '../scatterlist/list/sg-dma.ts';
export { sgSetFolio } from '../scatterlist/list/sg-folio.ts';
export type { SgList } from '../scatterlist/list/sg-list.ts';
export { sgMap, sgMapWait, sgUnmap, withMapping } from '../scatterlist/map/sg-map.ts';
export { SgMiter } from '../scatterlist/map/sg-miter.ts';
export type { MiterDirection } from '../scatterlist/map/sg-miter.ts';
export type { SgOptions } from '../scatterlist/list/sg-options.ts';
export { SgDmaPageIter, SgPageIter } from '../scatterlist/list/sg-page-iter.ts';
export { sgAllocTableChained, sgFreeTableChained } from '../scatterlist/alloc/sg-pool.ts';
export type { SgPoolOptions } from '../scatterlist/alloc/sg-pool.ts';
export { sgSplit } from '../scatterlist/list/sg-split.ts';
export type { SgSplitPart } from '../scatterlist/list/sg-split.ts';
export { SgTable, mappedNents, origNents } from '../scatterlist/list/sg-table.ts';
export type { MappedNents, OrigNents } from '../scatterlist/list/sg-table.ts';
export {
  pageSource,
  sglAlloc,
  sglAllocOrder,
  sglFree,
  sglFreeNOrder,
  sglFreeOrder,
} from '../scatterlist/alloc/sgl-alloc.ts';
export type { SglList, SglOptions, SgPageSource } from '../scatterlist/alloc/sgl-alloc.ts';
export { TrackingAllocator } from '../scatterlist/alloc/tracking-allocator.ts';
export type { SgAllocation, SgFree } from '../scatterlist/alloc/tracking-allocator.ts';
export { dmaMapSg, dmaSyncSgForCpu, dmaSyncSgForDevice, dmaUnmapSg } from '../scatterlist/map/dma-map-sg.ts';
export {
  dmaMapSgtable,
  dmaSyncSgtableForCpu,
  dmaSyncSgtableForDevice,
  dmaUnmapSgtable,
} from '../scatterlist/map/dma-map-sgtable.ts';
