/** The library: machines, scatterlists, mapping them, and what can go wrong. */
export { describeError } from './base/errors.ts';
export type {
  BounceExhausted,
  ErrorCode,
  ErrorOf,
  Injected,
  InvalidArgument,
  NoMemory,
  NoSlots,
  NoVirtualSpace,
  NotSupported,
  OutOfRange,
  ScatterlistError,
  TooBig,
  Unmappable,
} from './base/errors.ts';
export { ConfigError, InvariantError } from './base/invariant.ts';
export { done, err, ok } from './base/result.ts';
export type { Err, Ok, Result } from './base/result.ts';
export { cpuId, dmaAddr, hex, pfn, physAddr, taskId, virtAddr } from './base/units.ts';
export type { CpuId, DmaAddr, Pfn, PhysAddr, TaskId, VirtAddr } from './base/units.ts';
export { createMachine } from './kernel/create-machine.ts';
export { runAlone } from './kernel/run-alone.ts';
export type {
  AllocOptions,
  Context,
  ContextKind,
  Interrupt,
  Machine,
  Task,
  TaskOptions,
} from './kernel/machine.ts';
export type { Sleeping, Step } from './kernel/wait-queue.ts';
export type { LinuxVersion, MachineOptions } from './machine/config.ts';
export type { LedgerCounts } from './machine/ledger.ts';
export type { MemoryKind, Page, PageLayout, SystemRam } from './machine/memory.ts';
export { ViolationError, formatViolation } from './machine/violation.ts';
export type { Violation } from './machine/violation.ts';
export type { ErrorsOf, MapBackend, MappingOf } from './mapping/backend.ts';
export type { Contract } from './mapping/contract.ts';
export type { DirectMapping, Mapping } from './mapping/mapping.ts';
export { sgAllocTable } from './scatterlist/alloc-table.ts';
export {
  sgAssignPage,
  sgChain,
  sgInitTable,
  sgMarkEnd,
  sgNents,
  sgNext,
  sgSetPage,
  sgUnmarkEnd,
} from './scatterlist/entry.ts';
export { sgAllocTableFromPages } from './scatterlist/from-pages.ts';
export type { FromPagesOptions } from './scatterlist/from-pages.ts';
export { SgArray } from './scatterlist/sg-array.ts';
export type { SgEntry } from './scatterlist/sg-array.ts';
export {
  sgCompare,
  sgCopyFromBuffer,
  sgCopyList,
  sgCopyToBuffer,
  sgFill,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from './scatterlist/sg-copy.ts';
export type { Comparison, PairRange, PartlyDone, SgList } from './scatterlist/sg-copy.ts';
export { sgMap, sgMapWait, sgUnmap, withMapping } from './scatterlist/sg-map.ts';
export { SgMiter } from './scatterlist/sg-miter.ts';
export type { MiterDirection } from './scatterlist/sg-miter.ts';
export { SgTable } from './scatterlist/sg-table.ts';
export type { MappedNents, OrigNents } from './scatterlist/sg-table.ts';
