/**
 * The thread of a worker: loads the program once and explores the pieces that it is given.
 */
import { explorerOf } from 'scatterlist/explore';
import type { PackedPiece, PieceExplorer, PiecesResult, SharedSearchMemory } from 'scatterlist/explore';
import type { MessagePort } from 'node:worker_threads';
import { load, running } from '../load.ts';
import { isUsersMistake } from '../usage-error.ts';
import type { Job } from './bag.ts';
import { Control } from './control.ts';

/** What a thread is given. */
export interface Errand {
  readonly file: string;
  readonly job: Job;
  readonly memory: SharedSearchMemory;
  readonly control: SharedArrayBuffer;
  /** When it gives back what is left, as `Date.now()` tells it. */
  readonly end: number;
  /** Where it says what is left, when it is asked for that. */
  readonly port?: MessagePort;
}

/** What a thread says of its job while it explores. */
export type Told = readonly PackedPiece[];

/** The result, or what the user must correct. */
export type Reply = { readonly result: PiecesResult } | { readonly mistake: string };

const explorers = new Map<string, Promise<PieceExplorer>>();

async function explorerFor(file: string): Promise<PieceExplorer> {
  const program = await load(file);
  return explorerOf(program).pieceExplorer(program);
}

/** Runs one job. */
export default async function explore(errand: Errand): Promise<Reply> {
  const { file, job, memory, end, port } = errand;
  const control = new Control(errand.control);
  try {
    const known = explorers.get(file) ?? explorerFor(file);
    explorers.set(file, known);
    const explorer = await known;
    let schedules = 0;
    let { asked } = control;
    const result = running(file, () =>
      explorer.run(job, {
        memory,
        isOver: () => control.isStopped,
        isEnough: (finished, rest) => {
          const isLast = control.countSchedules(finished - schedules);
          schedules = finished;
          if (port !== undefined && control.asked !== asked) {
            ({ asked } = control);
            port.postMessage(rest() satisfies Told);
          }
          return isLast || Date.now() >= end;
        },
      }),
    );
    return { result };
  } catch (error) {
    if (isUsersMistake(error)) return { mistake: error.message };
    throw error;
  } finally {
    port?.close();
  }
}
