/** A thread that explores large programs, together with others: it is told the name of one and the memory to share. */
import { parentPort } from 'node:worker_threads';
import { WHOLE, pieceExplorer } from 'scatterlist/explore';
import type { PieceExplorer, Seen, SharedSearchMemory } from 'scatterlist/explore';
import { large, shared } from './explore-programs.ts';

/** What a thread is told. */
export interface Task {
  readonly name: string;
  readonly seen: Seen;
  readonly memory: SharedSearchMemory;
}

/** What it tells at the end. */
export interface Done {
  readonly isEnd: boolean;
  readonly seen: Seen;
  readonly steps: number;
}

const explorers = new Map<string, PieceExplorer>();

parentPort?.on('message', ({ name, seen, memory }: Task) => {
  const explorer = explorers.get(name) ?? pieceExplorer((shared[name] ?? large[name])!());
  explorers.set(name, explorer);
  const result = explorer.run({ pieces: [WHOLE], seen }, { memory });
  const done: Done = { isEnd: result.isEnd === true, seen: result.seen, steps: result.counts.steps };
  parentPort?.postMessage(done);
});
