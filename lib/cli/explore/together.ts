/**
 * A search of a program that other threads can help with.
 *
 * This thread goes through the whole search, and needs no other to come to the end. After a while it asks for help: the
 * others leave out what it has explored, and it leaves out what they have. Whichever comes to a verdict first ends it for
 * all.
 */
import { explorerOf, formatSchedule, parseSchedule } from 'scatterlist/explore';
import type {
  Budget,
  Counts,
  DefinedProgram,
  Outcome,
  OutOfBudget,
  PieceExplorer,
} from 'scatterlist/explore';
import { Bag } from '../campaign/bag.ts';
import { sum } from '../campaign/run.ts';
import type { Outside } from './outside.ts';
import { progressLine } from '../progress.ts';

/** How a search is done. */
export interface Search {
  readonly budget: Budget;
  /** Other threads that help. */
  readonly helpers: number;
  /** When they begin: to start them takes longer than many programs need. */
  readonly helpAfterMs: number;
}

const PROGRESS_EVERY_MS = 250;
const LEAST_SHRINK_MS = 1000;

// While a part of the program runs, `Date.now` is refused.
const { now } = Date;

/** Explores a program, alone and then with others. */
export function exploreTogether(program: DefinedProgram, search: Search, outside: Outside): Outcome {
  return new Together(program, search, outside).run();
}

class Together {
  private readonly program: DefinedProgram;
  private readonly search: Search;
  private readonly outside: Outside;
  private readonly bag = new Bag();
  private readonly start = now();
  #limit: OutOfBudget['limit'] | undefined = undefined;
  #toldAt = 0;

  constructor(program: DefinedProgram, search: Search, outside: Outside) {
    this.program = program;
    this.search = search;
    this.outside = outside;
  }

  run(): Outcome {
    const explorer = explorerOf(this.program).pieceExplorer(this.program);
    const { bag } = this;
    while (!bag.isDone && this.#limit === undefined) this.#search(explorer);
    const outcome = this.#outcome();
    if (this.outside.showsProgress) process.stderr.write('\r\x1b[K');
    return outcome;
  }

  /** From the beginning until all is explored, or has to begin again. */
  #search(explorer: PieceExplorer): void {
    const { bag, outside, search } = this;
    const [job] = bag.deal(1);
    if (job === undefined) return;
    const { sharedSearchMemory, workOn } = explorerOf(this.program);
    const memory = sharedSearchMemory();
    const counts = (): Counts => sum(bag.counts, workOn(memory));
    let hasHelp = job.isAlone || search.helpers === 0;
    const result = explorer.run(job, {
      memory,
      isOver: () => this.#isOver(),
      isEnough: (_schedules, rest) => {
        const spent = now() - this.start;
        if (!hasHelp && spent >= search.helpAfterMs) {
          hasHelp = true;
          outside.help?.({ job, memory, threads: search.helpers });
        }
        if (search.budget.schedules !== undefined && counts().schedules >= search.budget.schedules)
          this.#limit ??= 'schedules';
        if (spent - this.#toldAt >= PROGRESS_EVERY_MS) {
          bag.tell(job, rest());
          this.#tell({ ...counts(), milliseconds: spent });
        }
        return this.#limit !== undefined;
      },
    });
    bag.take(job, { ...result, counts: { ...result.counts, ...workOn(memory) } });
    bag.tookUntilNow(now() - this.start);
  }

  #isOver(): boolean {
    if (this.outside.signal?.aborted === true) this.#limit ??= 'stopped';
    else if (now() - this.start >= (this.search.budget.milliseconds ?? Infinity))
      this.#limit ??= 'milliseconds';
    return this.#limit !== undefined;
  }

  #tell(counts: Counts, shrinkingMs?: number, toldPart?: number): void {
    const { bag, outside, search } = this;
    const part = bag.progress;
    this.#toldAt = now() - this.start;
    outside.tell(counts, part);
    if (!outside.showsProgress) return;
    const line = progressLine({ counts, part, budget: search.budget, shrinkingMs, toldPart });
    process.stderr.write(`\r\x1b[K${line}`);
  }

  #outcome(): Outcome {
    const { bag, outside } = this;
    const { counts, nondeterministic, progress, unexplored, unseen } = bag;
    const head = { strategy: 'exhaustive', counts, unseen };
    if (nondeterministic !== undefined) return { ...head, kind: 'nondeterministic', ...nondeterministic };
    const [found] = bag.found;
    if (found !== undefined) return { ...this.#shrunk(found.schedule), ...head };
    if (this.#limit === 'stopped') {
      const reason: unknown = outside.signal?.reason;
      const what = typeof reason === 'string' ? { what: reason } : {};
      return { ...head, kind: 'outOfBudget', limit: 'stopped', ...what, progress };
    }
    if (this.#limit !== undefined) return { ...head, kind: 'outOfBudget', limit: this.#limit, progress };
    if (unexplored === undefined) return { ...head, kind: 'exhausted' };
    return { ...head, kind: 'outOfBudget', limit: 'handlers', what: unexplored, progress };
  }

  #shrunk(schedule: string): Outcome {
    const { explore, replaySchedule } = explorerOf(this.program);
    const { counts } = this.bag;
    const { signal } = this.outside;
    const left = (this.search.budget.milliseconds ?? Infinity) - (now() - this.start);
    return explore(this.program, replaySchedule(parseSchedule(schedule)), {
      budget: { milliseconds: Math.max(LEAST_SHRINK_MS, left) },
      ...(signal !== undefined && { signal }),
      onProgress: (_now, _part, shrinkingMs, toldPart) => {
        this.#tell(counts, shrinkingMs, toldPart);
      },
      onSchedule: ({ schedule: whole, violation }) => {
        if (violation === undefined) return;
        this.outside.found({
          kind: 'violation',
          strategy: 'exhaustive',
          counts,
          unseen: [],
          violation,
          schedule: formatSchedule(whole),
          switches: 0,
          shrinkingStopped: true,
        });
      },
    });
  }
}
