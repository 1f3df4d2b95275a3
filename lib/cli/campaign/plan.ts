/**
 * One campaign from its beginning, or a checkpoint, to its outcome.
 */
import { constants } from 'node:os';
import { explorerOf, parseSchedule } from 'scatterlist/explore';
import type { Budget, DefinedProgram, Outcome, OutOfBudget } from 'scatterlist/explore';
import { progressLine } from '../progress.ts';
import { running } from '../load.ts';
import { Bag } from './bag.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { runCampaign } from './run.ts';
import type { Crew } from './run.ts';

/** How a campaign is run. */
export interface Plan {
  readonly file: string;
  readonly budget: Budget;
  /** Where what is left is written now and then, and at the end. */
  readonly checkpoint?: string | undefined;
  /** The checkpoint to go on from. */
  readonly resume?: string | undefined;
}

const CHECKPOINT_EVERY_MS = 10_000;
const SHRINK_MS = 10_000;

/** Runs a campaign with a crew, until Ctrl-C at the latest. */
export async function runPlan(program: DefinedProgram, plan: Plan, crew: Crew): Promise<Outcome> {
  const { file, budget, checkpoint, resume } = plan;
  const bag = new Bag(resume === undefined ? undefined : readCheckpoint(resume, file));
  let written = Date.now();
  let saidAlone = false;
  const write = (): void => {
    written = Date.now();
    if (checkpoint !== undefined) writeCheckpoint(checkpoint, file, bag.left);
  };
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    // The second one ends it at once.
    if (stop.signal.aborted) process.exit(128 + constants.signals[signal]);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const limit = await runCampaign(bag, crew, {
      budget,
      signal: stop.signal,
      onProgress: (counts, part) => {
        if (Date.now() - written > CHECKPOINT_EVERY_MS) write();
        if (bag.isAlone && !saidAlone) {
          saidAlone = true;
          process.stderr.write(`scatterlist: ${file}: tasks loop, so one thread explores all of it\n`);
        }
        if (!process.stderr.isTTY) return;
        const line = progressLine({ counts, part, budget, shrinkingMs: undefined });
        process.stderr.write(`\r\x1b[K${line}, ${crew.title}`);
      },
    });
    write();
    const outcome = outcomeOf(program, file, bag, limit);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    return outcome;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function outcomeOf(
  program: DefinedProgram,
  file: string,
  bag: Bag,
  limit: OutOfBudget['limit'] | undefined,
): Outcome {
  const { counts, nondeterministic, progress, unexplored, unseen } = bag;
  const head = { strategy: 'exhaustive', counts, unseen };
  const found = running(file, () => smallest(program, bag));
  if (nondeterministic !== undefined) return { ...head, kind: 'nondeterministic', ...nondeterministic };
  if (found !== undefined) return { ...found, ...head };
  if (limit === 'stopped') return { ...head, kind: 'outOfBudget', limit, what: 'interrupted', progress };
  if (limit !== undefined) return { ...head, kind: 'outOfBudget', limit, progress };
  if (unexplored === undefined) return { ...head, kind: 'exhausted' };
  return { ...head, kind: 'outOfBudget', limit: 'handlers', what: unexplored, progress };
}

/** Of the schedules that several workers found at the same time, the smallest after shrinking. */
function smallest(program: DefinedProgram, bag: Bag): Outcome | undefined {
  const { explore, replaySchedule } = explorerOf(program);
  const outcomes = bag.found.map(({ schedule }) =>
    explore(program, replaySchedule(parseSchedule(schedule)), {
      budget: { milliseconds: SHRINK_MS },
      onProgress: (_counts, part, shrinkingMs) => {
        if (!process.stderr.isTTY) return;
        const { counts } = bag;
        process.stderr.write(`\r\x1b[K${progressLine({ counts, part, budget: {}, shrinkingMs })}`);
      },
    }),
  );
  const size = (outcome: Outcome): number =>
    outcome.kind === 'violation' ? outcome.switches * 1e6 + parseSchedule(outcome.schedule).length : Infinity;
  const text = (outcome: Outcome): string => (outcome.kind === 'violation' ? outcome.schedule : '');
  return outcomes.sort((a, b) => size(a) - size(b) || (text(a) < text(b) ? -1 : 1))[0];
}
