/** The simulated core by itself: hardware, contexts and the kernel's own mapping functions. */
export { resolveConfig } from '../machine/config.ts';
export type { LinuxVersion, MachineConfig, MachineOptions } from '../machine/config.ts';
export type { Cpu } from '../machine/cpu.ts';
export { DataCache } from '../machine/data-cache.ts';
export type { CachedPage } from '../machine/data-cache.ts';
export type { Hardware } from '../machine/hardware.ts';
export type { IoHandlers, IoRegion, IoRegionOptions, IoWidth } from '../machine/io-region.ts';
export { CYCLE_MODEL, modelledCycles } from '../machine/ledger.ts';
export type { CountName, CycleCost, Ledger, LedgerCounts } from '../machine/ledger.ts';
export { LIMITS } from '../machine/limits.ts';
export type { Page, PhysicalMemory, Zone } from '../machine/memory.ts';
export type { PageAct, PageOwner } from '../machine/page-owner.ts';
export { RULES } from '../machine/rules.ts';
export type { RuleId, RuleText } from '../machine/rules.ts';
export type { TraceEvent } from '../machine/trace.ts';
export { BouncePool } from '../kernel/bounce-pool.ts';
export { syncForCpu, syncForDevice } from '../kernel/bounce.ts';
export type { BouncePolicy, BounceWindow } from '../kernel/bounce.ts';
export { bvecKmapLocal, bvecVirt, memcpyFromBvec, memcpyToBvec, memzeroBvec } from '../kernel/bvec.ts';
export type { BioVec } from '../kernel/bvec.ts';
export { createMachine } from '../kernel/create-machine.ts';
export { dmaAllocCoherent, dmaFreeCoherent } from '../kernel/dma-coherent.ts';
export { DmaDevice } from '../kernel/dma-device.ts';
export type {
  CoherentMemory,
  DmaAllocError,
  DmaAttrs,
  DmaHow,
  DmaMapError,
  DmaRange,
  DmaSegment,
} from '../kernel/dma-device.ts';
export type { DmaDeviceOptions } from '../kernel/dma-device-options.ts';
export {
  dmaMapPage,
  dmaMapSingle,
  dmaMaxMappingSize,
  dmaSetMask,
  dmaSyncSingleForCpu,
  dmaSyncSingleForDevice,
  dmaSyncSingleRangeForCpu,
  dmaSyncSingleRangeForDevice,
  dmaUnmapPage,
  dmaUnmapSingle,
} from '../kernel/dma-map.ts';
export type { DmaCall, DmaDirection, DmaMapping, DmaOwner, DmaPiece } from '../kernel/dma-mapping.ts';
export { flushDcacheArea, flushDcacheFolio, flushDcachePage } from '../kernel/flush-dcache.ts';
export { memcpyFolio, memcpyFromFileFolio, memcpyFromFolio, memcpyToFolio } from '../kernel/folio-copy.ts';
export { folioFillTail, folioZeroTail } from '../kernel/folio-tail.ts';
export { Folio } from '../kernel/folio.ts';
export type { FolioMap } from '../kernel/folio.ts';
export {
  clearHighpage,
  clearUserHighpage,
  clearUserHighpages,
  copyHighpage,
  copyMcHighpage,
  copyMcUserHighpage,
  copyUserHighpage,
} from '../kernel/highpage.ts';
export {
  IoMapping,
  ioMappingMapAtomicWc,
  ioMappingMapLocalWc,
  ioMappingMapWc,
  ioMappingUnmap,
  ioMappingUnmapAtomic,
  ioMappingUnmapLocal,
} from '../kernel/io-mapping-wc.ts';
export {
  iounmap,
  ioremap,
  ioremapCache,
  ioremapNp,
  ioremapUc,
  ioremapWc,
  ioremapWt,
} from '../kernel/ioremap.ts';
export type { IommuOptions } from '../kernel/iova.ts';
export { isKmapAddr } from '../kernel/is-kmap-addr.ts';
export { kmapAssertNomap } from '../kernel/kmap-assert-nomap.ts';
export { kmapAtomic, kmapAtomicPfn, kunmapAtomic } from '../kernel/kmap-atomic.ts';
export { folioReleaseKmap, folioTestPartialKmap, kmapLocalFolio } from '../kernel/kmap-local-folio.ts';
export { kmapLocalPage, kmapLocalPageTryFromPanic, kmapLocalPfn, kunmapLocal } from '../kernel/kmap-local.ts';
export { kmapToPage } from '../kernel/kmap-to-page.ts';
export { kmap, kmapFlushUnused, kmapHighGet, kunmap, kunmapHigh } from '../kernel/kmap.ts';
export { LocalSlots } from '../kernel/local-slots.ts';
export { Context, Interrupt, Machine, Task } from '../kernel/machine.ts';
export type { AllocOptions, ContextKind, MachineParts, TaskOptions } from '../kernel/machine.ts';
export { memcpyFromPage, memcpyPage, memcpyToPage, memsetPage, memzeroPage } from '../kernel/page-copy.ts';
export { pageAddress } from '../kernel/page-address.ts';
export { PkmapPool } from '../kernel/pkmap.ts';
export {
  inAtomic,
  inInterrupt,
  maySleep,
  migrateDisable,
  migrateEnable,
  mightSleep,
  pagefaultDisable,
  pagefaultEnable,
  preemptDisable,
  preemptEnable,
} from '../kernel/preempt.ts';
export { pgmapSetNoaccess, pgmapSetReadwrite } from '../kernel/protection.ts';
export { runAlone } from '../kernel/run-alone.ts';
export { skbFragForeachPage, skbFragMustLoop } from '../kernel/skb-frag.ts';
export type { FragPart } from '../kernel/skb-frag.ts';
export { vmapPfn, vunmapPfn } from '../kernel/vmap-pfn.ts';
export { vmap, vunmap } from '../kernel/vmap.ts';
export { virtToPage } from '../kernel/virt-to-page.ts';
export { WaitQueue } from '../kernel/wait-queue.ts';
export type { Sleeping, Step } from '../kernel/wait-queue.ts';
export type { IoWindow, RamWindow, Window } from '../kernel/window.ts';
export {
  folioZeroRange,
  folioZeroSegment,
  folioZeroSegments,
  zeroUser,
  zeroUserSegment,
  zeroUserSegments,
} from '../kernel/zero-user.ts';
export { Completion } from '../kernel/completion.ts';
export {
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  localIrqRestore,
  localIrqSave,
} from '../kernel/irq-state.ts';
export { Lock } from '../kernel/lock.ts';
export { Mutex } from '../kernel/mutex.ts';
export { RwSemaphore } from '../kernel/rw-semaphore.ts';
export { Semaphore } from '../kernel/semaphore.ts';
export { SpinLock } from '../kernel/spin-lock.ts';
export { waitEvent } from '../kernel/wait-event.ts';
