/**
 * The page's side of the sessions: requests as promises, a worker that is started when it is needed, and started again
 * when a program does not come to an end.
 */
import type {
  ExploreRequest,
  Loaded,
  LoadRequest,
  MoveRequest,
  Reply,
  ScheduleRun,
  SearchProgress,
  SearchResult,
} from './messages.ts';
import type { Snapshot } from './snapshot.ts';

/** A worker, as far as the client uses it. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onerror: ((event: { readonly message: string }) => void) | null;
}

/** How a search is watched and stopped. */
export interface ExploreWatch {
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Ends the search; it then answers `cancelled` with the counts so far. */
  readonly signal?: AbortSignal;
}

/**
 * What a page does with a machine. One request runs at a time, except that `explore` has a worker of its own: stepping
 * goes on beside it. A request that takes longer than the limit is refused, and its worker is replaced.
 */
export interface LabClient {
  load(given: LoadRequest): Promise<Reply<Loaded>>;
  run(schedule?: string): Promise<Reply<ScheduleRun>>;
  snapshot(moment: number): Promise<Reply<Snapshot>>;
  decide(at: number, option: string): Promise<Reply<ScheduleRun>>;
  moveInterrupt(given: MoveRequest): Promise<Reply<ScheduleRun>>;
  explore(given: ExploreRequest, watch?: ExploreWatch): Promise<Reply<SearchResult>>;
  /** Ends the workers. */
  close(): void;
}
