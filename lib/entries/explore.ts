/** The explorer: programs, strategies, locks, replay and reports. */
export { load32, load8, store32, store8 } from '../explore/access.ts';
export type { Accessible } from '../explore/access.ts';
export { checkDeterminism } from '../explore/check-determinism.ts';
export { formatSchedule, parseSchedule } from '../explore/choice.ts';
export type { Choice } from '../explore/choice.ts';
export { runSchedule } from '../explore/drive.ts';
export { Execution } from '../explore/execution/execution.ts';
export type { StepRecord } from '../explore/execution/step-record.ts';
export { explain } from '../explore/explain.ts';
export type { ExplainOptions, Explained } from '../explore/explain.ts';
export type { ScheduleListener } from '../explore/schedule-listener.ts';
export { explore } from '../explore/explore.ts';
export type { Budget, ExploreOptions, ScheduleEnd } from '../explore/explore.ts';
export {
  localBhDisable,
  localBhEnable,
  localIrqDisable,
  localIrqEnable,
  localIrqRestore,
  localIrqSave,
} from '../kernel/core/irq-state.ts';
export { Lock } from '../kernel/locking/lock.ts';
export { Atomic } from '../kernel/locking/atomic.ts';
export type { DeviceWaiter } from '../kernel/parts/device-waiter.ts';
export { Completion } from '../kernel/locking/completion.ts';
export { Mutex } from '../kernel/locking/mutex.ts';
export { RwSemaphore } from '../kernel/locking/rw-semaphore.ts';
export { Semaphore } from '../kernel/locking/semaphore.ts';
export { SpinLock } from '../kernel/locking/spin-lock.ts';
export type { Mismatch } from '../explore/mismatch.ts';
export { mergeOutcomes } from '../explore/outcome.ts';
export type { Counts, Exhausted, Found, Nondeterministic, Outcome, OutOfBudget } from '../explore/outcome.ts';
export { defineProgram, explorerOf, isDefinedProgram } from '../explore/define-program.ts';
export type { DefinedProgram, Explorer } from '../explore/define-program.ts';
export type {
  DeviceEnv,
  DeviceSpec,
  FinalEnv,
  InterruptEnv,
  InterruptSpec,
  Program,
  TaskBody,
  TaskEnv,
  TaskSpec,
} from '../explore/program.ts';
export { maybe, once } from '../explore/times.ts';
export type { Times } from '../explore/times.ts';
export {
  NOT_SEEN,
  nextSearchMemory,
  pieceExplorer,
  seesMore,
  sharedSearchMemory,
  workOn,
} from '../explore/pieces.ts';
export type {
  PieceExplorer,
  PiecesJob,
  PiecesOptions,
  PiecesResult,
  SharedSearchMemory,
} from '../explore/pieces.ts';
export type { Work } from '../explore/sharing/board.ts';
export type { Seen } from '../explore/sight/sight.ts';
export { WHOLE } from '../explore/strategies/piece.ts';
export type { PackedPiece } from '../explore/strategies/piece.ts';
export { replayFile } from '../explore/replay-file.ts';
export type { ReplayOptions } from '../explore/replay-file.ts';
export { formatSaved, parseSaved } from '../explore/saved-schedule.ts';
export type { SavedSchedule } from '../explore/saved-schedule.ts';
export { shrink } from '../explore/shrink.ts';
export { exhaustive } from '../explore/strategies/exhaustive.ts';
export type { ExhaustiveOptions } from '../explore/strategies/exhaustive.ts';
export { frontier, shard } from '../explore/strategies/frontier.ts';
export { pct } from '../explore/strategies/pct.ts';
export { preemptionBound } from '../explore/strategies/preemption-bound.ts';
export { random } from '../explore/strategies/random.ts';
export { replaySchedule } from '../explore/strategies/replay.ts';
export { roundRobin } from '../explore/strategies/round-robin.ts';
export { NondeterminismError } from '../explore/strategy.ts';
export type { Strategy } from '../explore/strategy.ts';
export type { StopSignal } from '../explore/stopwatch.ts';
export { waitEvent } from '../kernel/locking/wait-event.ts';
export { STOP } from '../explore/world.ts';
export type { Decide, Point, World } from '../explore/world.ts';
export { chromeTrace } from '../explore/report/chrome-trace.ts';
export type { ChromeEvent, ChromeTrace } from '../explore/report/chrome-trace.ts';
export { collapsedTimeline } from '../explore/report/collapse.ts';
export type { Row, Timeline } from '../explore/report/timeline.ts';
export { htmlReport } from '../explore/report/html.ts';
export { formatReport } from '../explore/report/text.ts';
export type { TextOptions } from '../explore/report/text.ts';
export { printable } from '../base/printable.ts';
