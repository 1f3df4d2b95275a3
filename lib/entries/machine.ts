/** The simulated core by itself: hardware, contexts and the kernel's own mapping functions. */
export { AddressSpace } from '../kernel/address/address-space.ts';
export {
  copyFromUser,
  copyFromUserInatomic,
  copyFromUserNofault,
  copyToUser,
  copyToUserInatomic,
  copyToUserNofault,
  getUser,
  mightFault,
  putUser,
} from '../kernel/address/user-copy.ts';
export type { KernelBytes, MappedBytes, UserWidth } from '../kernel/address/user-copy.ts';
export { UserSpace } from '../kernel/address/user-space.ts';
export type { UserFault, UserFaultHandler, UserSpaceOptions } from '../kernel/address/user-space.ts';
export { pageAddressOf, pageToVirt, physToVirt, virtToPhys } from '../kernel/address/linear-address.ts';
export { resolveConfig } from '../machine/config.ts';
export type { LinuxVersion, MachineConfig, MachineOptions } from '../machine/config.ts';
export type { Cpu } from '../machine/cpu.ts';
export { DataCache } from '../machine/data-cache.ts';
export type { CacheTruth, CachedHardware, CachedPage } from '../machine/data-cache.ts';
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
export { BouncePool } from '../kernel/device/bounce-pool.ts';
export { syncForCpu, syncForDevice } from '../kernel/device/bounce.ts';
export type { BouncePolicy, BounceWindow } from '../kernel/device/bounce.ts';
export { bvecKmapLocal, bvecVirt, memcpyFromBvec, memcpyToBvec, memzeroBvec } from '../kernel/page/bvec.ts';
export type { BioVec } from '../kernel/page/bvec.ts';
export type {
  AddressSpaceDump,
  DumpedArea,
  DumpedHolder,
  DumpedLocalRange,
  DumpedPoolRange,
  DumpedRange,
} from '../kernel/core/address-dump.ts';
export { formatAddressSpace } from '../kernel/core/address-text.ts';
export { createMachine } from '../kernel/core/create-machine.ts';
export { dmaAllocCoherent, dmaFreeCoherent } from '../kernel/dma/dma-coherent.ts';
export { DmaDevice } from '../kernel/dma/dma-device.ts';
export type { DmaAttrs, DmaHow, DmaRange } from '../kernel/dma/dma-call.ts';
export type { CoherentMemory, DmaAllocError } from '../kernel/dma/dma-coherent-memory.ts';
export type { DmaMapError, DmaSegment } from '../kernel/dma/dma-reach.ts';
export type { DmaMappingState } from '../kernel/dma/dma-registry.ts';
export type { DmaDeviceOptions } from '../kernel/dma/dma-device-options.ts';
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
} from '../kernel/dma/dma-map.ts';
export type { DmaCall, DmaDirection, DmaMapping, DmaOwner, DmaPiece } from '../kernel/parts/dma-mapping.ts';
export { flushDcacheArea, flushDcacheFolio, flushDcachePage } from '../kernel/page/flush-dcache.ts';
export {
  memcpyFolio,
  memcpyFromFileFolio,
  memcpyFromFolio,
  memcpyToFolio,
} from '../kernel/page/folio-copy.ts';
export { folioFillTail, folioZeroTail } from '../kernel/page/folio-tail.ts';
export { Folio } from '../kernel/parts/folio.ts';
export type { FolioMap } from '../kernel/parts/folio.ts';
export {
  clearHighpage,
  clearUserHighpage,
  clearUserHighpages,
  copyHighpage,
  copyMcHighpage,
  copyMcUserHighpage,
  copyUserHighpage,
} from '../kernel/page/highpage.ts';
export {
  IoMapping,
  ioMappingMapAtomicWc,
  ioMappingMapLocalWc,
  ioMappingMapWc,
  ioMappingUnmap,
  ioMappingUnmapAtomic,
  ioMappingUnmapLocal,
} from '../kernel/device/io-mapping-wc.ts';
export {
  iounmap,
  ioremap,
  ioremapCache,
  ioremapNp,
  ioremapUc,
  ioremapWc,
  ioremapWt,
} from '../kernel/device/ioremap.ts';
export type { IommuOptions } from '../kernel/parts/iova.ts';
export { isKmapAddr } from '../kernel/highmem/is-kmap-addr.ts';
export { kmapAssertNomap } from '../kernel/highmem/kmap-assert-nomap.ts';
export { kmapAtomic, kmapAtomicPfn, kunmapAtomic } from '../kernel/highmem/kmap-atomic.ts';
export {
  folioReleaseKmap,
  folioTestPartialKmap,
  kmapLocalFolio,
} from '../kernel/highmem/kmap-local-folio.ts';
export {
  kmapLocalPage,
  kmapLocalPageTryFromPanic,
  kmapLocalPfn,
  kunmapLocal,
} from '../kernel/highmem/kmap-local.ts';
export { kmapToPage } from '../kernel/highmem/kmap-to-page.ts';
export { kmap, kmapFlushUnused, kmapHighGet, kunmap, kunmapHigh } from '../kernel/highmem/kmap.ts';
export { kmapAtomicType, kunmapAtomicType } from '../kernel/highmem/kmap-atomic-type.ts';
export { FixedSlots, KM_TYPES } from '../kernel/parts/fixed-slots.ts';
export type { FixedSlotsOptions, KmType } from '../kernel/parts/fixed-slots.ts';
export { LocalSlots } from '../kernel/parts/local-slots.ts';
export type { SlotUser } from '../kernel/parts/local-slots.ts';
export { Context, Interrupt, Machine, Task } from '../kernel/core/machine.ts';
export type { AllocOptions } from '../kernel/core/page-allocator.ts';
export type { MachineParts } from '../kernel/core/kernel-state.ts';
export type { ContextKind, TaskOptions } from '../kernel/core/machine.ts';
export {
  memcpyFromPage,
  memcpyPage,
  memcpyToPage,
  memsetPage,
  memzeroPage,
} from '../kernel/page/page-copy.ts';
export { pageAddress } from '../kernel/highmem/page-address.ts';
export { PkmapPool } from '../kernel/parts/pkmap.ts';
export type { PkmapUser } from '../kernel/parts/pkmap.ts';
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
} from '../kernel/core/preempt.ts';
export { pgmapSetNoaccess, pgmapSetReadwrite } from '../kernel/highmem/protection.ts';
export { smpProcessorId } from '../kernel/core/smp-processor-id.ts';
export { runAlone } from '../kernel/core/run-alone.ts';
export { skbFragForeachPage, skbFragMustLoop } from '../kernel/page/skb-frag.ts';
export type { FragPart } from '../kernel/page/skb-frag.ts';
export { vmapPfn, vunmapPfn } from '../kernel/device/vmap-pfn.ts';
export { vmap, vunmap } from '../kernel/highmem/vmap.ts';
export { virtToPage } from '../kernel/highmem/virt-to-page.ts';
export { WaitQueue } from '../kernel/parts/wait-queue.ts';
export type { Sleeping, Step } from '../kernel/parts/wait-queue.ts';
export type { IoWindow } from '../kernel/window/io-window.ts';
export type { Mechanism, WindowScope } from '../kernel/window/mechanism.ts';
export type { DirectMapping, Mapping } from '../mapping/mapping.ts';
/** @deprecated They are `DirectMapping` and `Mapping`. */
export type { RamWindow } from '../kernel/window/ram-window.ts';
/** @deprecated They are `DirectMapping` and `Mapping`. */
export type { Window } from '../kernel/window/window.ts';
export {
  folioZeroRange,
  folioZeroSegment,
  folioZeroSegments,
  zeroUser,
  zeroUserSegment,
  zeroUserSegments,
} from '../kernel/page/zero-user.ts';
export { Atomic } from '../kernel/locking/atomic.ts';
export type { DeviceWaiter } from '../kernel/parts/device-waiter.ts';
export { Completion } from '../kernel/locking/completion.ts';
export {
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  localIrqRestore,
  localIrqSave,
} from '../kernel/core/irq-state.ts';
export { Lock } from '../kernel/locking/lock.ts';
export { Mutex } from '../kernel/locking/mutex.ts';
export { RwSemaphore } from '../kernel/locking/rw-semaphore.ts';
export { Semaphore } from '../kernel/locking/semaphore.ts';
export { SpinLock } from '../kernel/locking/spin-lock.ts';
export { waitEvent } from '../kernel/locking/wait-event.ts';
