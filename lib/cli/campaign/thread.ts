/**
 * The thread of a worker: loads the program once and explores the pieces that it is given.
 */
import { explorerOf } from 'scatterlist/explore';
import type { PieceExplorer, PiecesResult, SharedStatesMemory } from 'scatterlist/explore';
import { load, running } from '../explore/load.ts';
import { isUsersMistake } from '../usage-error.ts';
import type { Job } from './bag.ts';
import { Control } from './control.ts';

/** What a thread is given. */
export interface Errand {
  readonly file: string;
  readonly job: Job;
  readonly states: SharedStatesMemory;
  readonly control: SharedArrayBuffer;
  /** The time after which it gives back what is left. */
  readonly milliseconds: number;
}

/** The result, or what the user must correct. */
export type Reply = { readonly result: PiecesResult } | { readonly mistake: string };

/** A job that is stopped earlier costs more than it does. */
const LEAST_MS = 30;

const explorers = new Map<string, Promise<PieceExplorer>>();

async function explorerFor(file: string): Promise<PieceExplorer> {
  const program = await load(file);
  return explorerOf(program).pieceExplorer(program);
}

/** Runs one job. */
export default async function explore(errand: Errand): Promise<Reply> {
  const { file, job, states, milliseconds } = errand;
  const control = new Control(errand.control);
  try {
    const known = explorers.get(file) ?? explorerFor(file);
    explorers.set(file, known);
    const explorer = await known;
    const start = Date.now();
    let schedules = 0;
    const result = running(file, () =>
      explorer.run(job, {
        states,
        isOver: () => control.isStopped,
        isEnough: (finished) => {
          const isLast = control.countSchedules(finished - schedules);
          schedules = finished;
          const spent = Date.now() - start;
          return isLast || spent >= milliseconds || (spent >= LEAST_MS && control.isWanted());
        },
      }),
    );
    return { result };
  } catch (error) {
    if (isUsersMistake(error)) return { mistake: error.message };
    throw error;
  }
}
