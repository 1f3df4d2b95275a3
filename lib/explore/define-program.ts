/**
 * Marks a value as a program, together with the explorer it was written against.
 */
import { checkDeterminism } from './check-determinism.ts';
import { parseSchedule } from './choice.ts';
import { explain } from './explain.ts';
import { explore } from './explore.ts';
import { mergeOutcomes } from './outcome.ts';
import { pieceExplorer, sharedSearchMemory, workOn } from './pieces.ts';
import type { Program } from './program.ts';
import { chromeTrace } from './report/chrome-trace.ts';
import { htmlReport } from './report/html.ts';
import { formatReport } from './report/text.ts';
import { exhaustive } from './strategies/exhaustive.ts';
import { frontier, shard } from './strategies/frontier.ts';
import { pct } from './strategies/pct.ts';
import { preemptionBound } from './strategies/preemption-bound.ts';
import { random } from './strategies/random.ts';
import { replaySchedule } from './strategies/replay.ts';
import { roundRobin } from './strategies/round-robin.ts';

/** All that a command needs of the explorer. */
export interface Explorer {
  readonly checkDeterminism: typeof checkDeterminism;
  readonly chromeTrace: typeof chromeTrace;
  readonly exhaustive: typeof exhaustive;
  readonly explain: typeof explain;
  readonly explore: typeof explore;
  readonly formatReport: typeof formatReport;
  readonly frontier: typeof frontier;
  readonly htmlReport: typeof htmlReport;
  readonly mergeOutcomes: typeof mergeOutcomes;
  readonly parseSchedule: typeof parseSchedule;
  readonly pct: typeof pct;
  readonly pieceExplorer: typeof pieceExplorer;
  readonly preemptionBound: typeof preemptionBound;
  readonly random: typeof random;
  readonly replaySchedule: typeof replaySchedule;
  readonly roundRobin: typeof roundRobin;
  readonly shard: typeof shard;
  readonly sharedSearchMemory: typeof sharedSearchMemory;
  readonly workOn: typeof workOn;
}

const explorer: Explorer = {
  checkDeterminism,
  chromeTrace,
  exhaustive,
  explain,
  explore,
  formatReport,
  frontier,
  htmlReport,
  mergeOutcomes,
  parseSchedule,
  pct,
  pieceExplorer,
  preemptionBound,
  random,
  replaySchedule,
  roundRobin,
  shard,
  sharedSearchMemory,
  workOn,
};

const EXPLORER: unique symbol = Symbol.for('scatterlist.explorer');

/** A program as `defineProgram` returns it. */
export interface DefinedProgram extends Program {
  readonly [EXPLORER]: Explorer;
}

/**
 * Says that a value is a program, so that its parts are typed by what `setup` returns.
 *
 * The program remembers which copy of this library it uses; `scatterlist explore FILE` runs it with
 * that one, because the classes of two copies do not know each other.
 */
export function defineProgram<S extends object>(program: Program<S>): Program<S> {
  return Object.defineProperty({ ...program }, EXPLORER, { value: explorer });
}

/** Whether a value came from `defineProgram`, of whichever copy of this library. */
export function isDefinedProgram(value: unknown): value is DefinedProgram {
  return typeof value === 'object' && value !== null && EXPLORER in value;
}

/** The explorer of a defined program. */
export function explorerOf(program: DefinedProgram): Explorer {
  return program[EXPLORER];
}
