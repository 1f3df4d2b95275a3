/** The laboratory: designs of mapping APIs as facades, the jobs that they are given, experiments. */
export { defineCallSites, isCandidate } from '../lab/call-sites.ts';
export { Cannot, cannot } from '../lab/cannot.ts';
export type { CallSites, Candidate, JobRun, Session, SessionOptions } from '../lab/call-sites.ts';
export { FacadeError, defineFacade, failCall, failNone } from '../lab/define-facade.ts';
export type { Facade, FacadeEnv, FacadeSpec, Faults, OpenFacade } from '../lab/define-facade.ts';
export {
  EAGAIN,
  EBUSY,
  EFAULT,
  EFBIG,
  EINPROGRESS,
  EINTR,
  EINVAL,
  EIO,
  ENOMEM,
  EPIPE,
  EREMOTEIO,
  NULL,
  errPtr,
  isErr,
  ptrErr,
} from '../lab/err-ptr.ts';
export { busDma } from '../lab/facades/bus-dma.ts';
export type { BusDma } from '../lab/facades/bus-dma.ts';
export type {
  BusDmaCallback,
  BusDmaLimits,
  BusDmaSegment,
  BusDmaTag,
  BusDmamap,
} from '../lab/facades/bus-dma-zone.ts';
export { copyOnly } from '../lab/facades/copy-only.ts';
export type { CopyOnly } from '../lab/facades/copy-only.ts';
export { guestMemory } from '../lab/facades/guest-memory.ts';
export type { GuestMemory, GuestMemoryError, LockedPages } from '../lab/facades/guest-memory.ts';
export { hellwigKmap } from '../lab/facades/hellwig-kmap.ts';
export type { HellwigKmap } from '../lab/facades/hellwig-kmap.ts';
export { illumosBind } from '../lab/facades/illumos-bind.ts';
export type {
  DdiBuf,
  DdiCallback,
  DdiDmaAttr,
  DdiDmaCookie,
  DdiDmaHandle,
  IllumosBind,
} from '../lab/facades/illumos-bind.ts';
export { iosysMap } from '../lab/facades/iosys-map.ts';
export type { DmaBuf, IosysMapApi } from '../lab/facades/iosys-map.ts';
export { sfBuf } from '../lab/facades/sf-buf.ts';
export type { SfBuf, SfBufBuffer } from '../lab/facades/sf-buf.ts';
export { kmapThread } from '../lab/facades/kmap-thread.ts';
export type { KmapThread } from '../lab/facades/kmap-thread.ts';
export { localOnly } from '../lab/facades/local-only.ts';
export type { LocalOnly } from '../lab/facades/local-only.ts';
export { qemuMap } from '../lab/facades/qemu-map.ts';
export type { Plen, QemuMap, ScatterGatherEntry } from '../lab/facades/qemu-map.ts';
export { pksLocal } from '../lab/facades/pks-local.ts';
export type { PksLocal } from '../lab/facades/pks-local.ts';
export { rustClosure } from '../lab/facades/rust-closure.ts';
export type { KernelResult, RustClosure } from '../lab/facades/rust-closure.ts';
export type { PageSlice } from '../lab/parts/page-slice.ts';
export { sgMap2017 } from '../lab/facades/sg-map-2017.ts';
export type { SgMap2017 } from '../lab/facades/sg-map-2017.ts';
export { ttmIterator } from '../lab/facades/ttm-iterator.ts';
export type { TtmIterator, TtmKmapIter, TtmKmapIterOps } from '../lab/facades/ttm-iterator.ts';
export { typedSgMap } from '../lab/facades/typed-sg-map.ts';
export type { TypedSgMap } from '../lab/facades/typed-sg-map.ts';
export { windowsMdl } from '../lab/facades/windows-mdl.ts';
export type { Mdl, WindowsMdl } from '../lab/facades/windows-mdl.ts';
export { PAGE_SIZE, inPage, now, pageAt } from '../lab/in-c.ts';
export type { Interrupting, Job, Rig, SiteEnv } from '../lab/job.ts';
export { jobProgram } from '../lab/job-program.ts';
export type { JobOptions, JobProgram, Shared } from '../lab/job-program.ts';
export { JOBS, JOB_IDS } from '../lab/jobs.ts';
export type { JobEnvs, JobId, Site, SiteResult } from '../lab/jobs.ts';
export type { ContiguousView } from '../lab/jobs/contiguous-view.ts';
export type { CopyResponse } from '../lab/jobs/copy-response.ts';
export type { Cursor, Source } from '../lab/jobs/cursor.ts';
export type { DeviceMiddle } from '../lab/jobs/device-middle.ts';
export type { ManyMaps, Socket } from '../lab/jobs/many-maps.ts';
export type { MustNotSleep } from '../lab/jobs/must-not-sleep.ts';
export type { PatchHead } from '../lab/jobs/patch-head.ts';
export type { Fifo, PioBlocks } from '../lab/jobs/pio-blocks.ts';
export type { IrqLine, SharedView } from '../lab/jobs/shared-view.ts';
export type { TwoLists } from '../lab/jobs/two-lists.ts';
export { Edit, MISTAKES, edit, edited } from '../lab/mistakes.ts';
export type { Mistake, MistakeId, MistakeIn, Mistakes, Replacement } from '../lab/mistakes.ts';
export type { IosysMap, IosysMapFunctions, IosysWidth } from '../lab/parts/iosys-map.ts';
export { failEach, runJob } from '../lab/run-job.ts';
export type { FailedRun, JobOutcome, JobReport } from '../lab/run-job.ts';
export { CROWD_USERS, measureCrowd } from '../lab/measure/crowd.ts';
export type { Crowd } from '../lab/measure/crowd.ts';
export { SEARCH, searchDeadlock, twoUsers } from '../lab/measure/deadlock.ts';
export type { DeadlockSearch } from '../lab/measure/deadlock.ts';
export { EFFECTS, failureEffects } from '../lab/measure/failures.ts';
export type { Effect, FailureEffect } from '../lab/measure/failures.ts';
export { judgeJob } from '../lab/measure/judge.ts';
export type { Judgement } from '../lab/measure/judge.ts';
export { leastPools } from '../lab/measure/least-pools.ts';
export type { Pools } from '../lab/measure/least-pools.ts';
export { LOOK, lookProgram, whoNotices } from '../lab/measure/notice.ts';
export type { Notice, Noticer } from '../lab/measure/notice.ts';
export { outcomeName, outcomeText } from '../lab/measure/outcome-text.ts';
export { callCount, firstOf } from '../lab/report/lab-cell.ts';
export type {
  DeadlockRecord,
  ErrorPathRecord,
  FailureRecord,
  LabCell,
  Measured,
  MistakeRecord,
  OutcomeRecord,
  TypeScriptVerdict,
  Who,
} from '../lab/report/lab-cell.ts';
export { designTable, figuresOf, labTable } from '../lab/report/table.ts';
export type { Figures } from '../lab/report/table.ts';
export { explainLabCell, tellCell } from '../lab/report/why.ts';
export type { ToldPart } from '../lab/report/why.ts';
export { readView, writeView } from '../lab/view.ts';
export type { Kvec, View } from '../lab/view.ts';
export { barChart, chartSpec } from '../lab/experiment/chart.ts';
export type { Axis, Bar, BarChart, Chart, LineChart, Series } from '../lab/experiment/chart.ts';
export { CONSTANTS, difference, together, weigh } from '../lab/experiment/constants.ts';
export type { Constant, ConstantTable, Cycles } from '../lab/experiment/constants.ts';
export { defineExperiment, isExperiment } from '../lab/experiment/define-experiment.ts';
export type {
  Column,
  Conclusion,
  Experiment,
  ExperimentSpec,
  Measurement,
  Row,
  RunEnv,
  ThreadSentence,
  Verdict,
} from '../lab/experiment/define-experiment.ts';
export type { Parameter, ParameterTable, Values } from '../lab/experiment/parameters.ts';
export { runExperiment } from '../lab/experiment/run-experiment.ts';
export type { ExperimentResult, RunOptions, UsedConstant } from '../lab/experiment/run-experiment.ts';
export type { SensitivityRow, Turn } from '../lab/experiment/sensitivity.ts';
export { formatExperiment, formatExperimentList } from '../lab/experiment/text.ts';
export { EXPERIMENTS } from '../lab/experiments/index.ts';
