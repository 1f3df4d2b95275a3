/**
 * One program on the laboratory's machine: loaded, run by a schedule, looked at moment by moment, changed, searched.
 *
 * It needs no page and no worker. Every run is a replay from the beginning, so going back is running less far.
 */
import { ConfigError } from 'scatterlist';
import { Execution, explain, parseSchedule, roundRobin, runSchedule } from 'scatterlist/explore';
import type { Choice, Strategy } from 'scatterlist/explore';
import { ConsoleLines } from './console-lines.ts';
import { EditedSchedule, whyNot } from './edited-schedule.ts';
import type { Edit } from './edited-schedule.ts';
import { lineInStack, linesOf } from './lines.ts';
import type {
  Decision,
  ExploreRequest,
  Loaded,
  LoadRequest,
  MoveRequest,
  Refusal,
  Reply,
  ScheduleRun,
  SearchProgress,
  SearchResult,
} from './messages.ts';
import { defaultExportOf } from './modules.ts';
import { prepare } from './prepare.ts';
import type { Prepared } from './prepare.ts';
import { ProgramError } from './program-error.ts';
import { Recording, optionOf } from './recording.ts';
import type { Wanted } from './recording.ts';
import { scheduleRun } from './schedule-run.ts';
import { search } from './search.ts';
import type { Snapshot } from './snapshot.ts';

/** A run whose machine can be looked at. */
interface Shown {
  readonly run: ScheduleRun;
  readonly schedule: readonly Choice[];
  readonly wanted: readonly Wanted[];
  readonly snapshots: Map<number, Snapshot>;
}

/** Pictures that one replay takes: a key that is held does not replay for each moment. */
const WINDOW = 256;

/** A session. */
export class Session {
  readonly #console = new ConsoleLines();
  #file = '';
  #prepared: Prepared | undefined = undefined;
  #shown: Shown | undefined = undefined;

  async load({ program, configuration }: LoadRequest): Promise<Reply<Loaded>> {
    this.#file = program.file;
    this.#prepared = undefined;
    this.#shown = undefined;
    try {
      const exported = await defaultExportOf(program, this.#console.console);
      const prepared = await prepare(exported, program, configuration);
      this.#prepared = prepared;
      return { ok: true, value: prepared.loaded };
    } catch (error) {
      return { ok: false, error: this.#refusalOf(error) };
    }
  }

  /** Runs a schedule; without one, each actor takes a step in turn. */
  run(schedule?: string): Reply<ScheduleRun> {
    return this.#attempt((prepared) =>
      this.#show(
        prepared,
        schedule === undefined ? this.#scheduleOf(prepared, roundRobin()) : parseSchedule(schedule),
      ),
    );
  }

  snapshot(moment: number): Reply<Snapshot> {
    return this.#attempt((prepared) => {
      const shown = this.#runShown();
      if (!shown.snapshots.has(moment)) this.#look(prepared, shown, moment);
      const found = shown.snapshots.get(moment);
      if (found === undefined)
        throw new ProgramError(
          `there is no moment ${String(moment)}; the run has moments 0 to ${String(shown.run.moments.length - 1)}`,
        );
      return found;
    });
  }

  decide(at: number, option: string): Reply<ScheduleRun> {
    return this.#attempt((prepared) => {
      const { schedule } = this.#runShown();
      this.#decisionAt(at);
      const [wanted] = parseSchedule(option);
      return this.#edit(
        prepared,
        {
          before: schedule.slice(0, at),
          isWanted: (choice) => choice === wanted,
          isKeptBack: () => false,
          after: schedule.slice(at),
        },
        `decision ${String(at)} cannot be ${option}`,
      );
    });
  }

  moveInterrupt({ actor, before, cpu }: MoveRequest): Reply<ScheduleRun> {
    return this.#attempt((prepared) => {
      const { schedule } = this.#runShown();
      const picture = prepared.loaded.actors[actor];
      if (picture === undefined || picture.kind === 'task' || picture.kind === 'device')
        throw new ProgramError(`actor ${String(actor)} is no interrupt`);
      if (before !== schedule.length) this.#decisionAt(before);
      const isOwn = (choice: Choice): boolean => optionOf(choice).actor === actor;
      return this.#edit(
        prepared,
        {
          before: schedule.slice(0, before).filter((choice) => !isOwn(choice)),
          isWanted: (choice) => isOwn(choice) && (cpu === undefined || optionOf(choice).cpu === cpu),
          isKeptBack: isOwn,
          after: schedule.slice(before),
        },
        `${picture.kind} "${picture.name}" cannot arrive before decision ${String(before)}`,
        { kind: picture.kind, cpu: cpu ?? this.#cpuOf(prepared, picture.name) },
      );
    });
  }

  /** Searches. It does not change what is shown. */
  explore(request: ExploreRequest, onProgress: (progress: SearchProgress) => void): Reply<SearchResult> {
    return this.#attempt((prepared) => {
      this.#console.isOn = false;
      const { schedule, ...result } = search(prepared.program, prepared.loaded, request, onProgress);
      const found = schedule === undefined ? undefined : this.#tell(prepared, parseSchedule(schedule)).run;
      return { ...result, found };
    });
  }

  #cpuOf({ program }: Prepared, name: string): number {
    const cpu = program.interrupts?.[name]?.cpu;
    return typeof cpu === 'number' ? cpu : 0;
  }

  #runShown(): Shown {
    if (this.#shown === undefined) throw new ProgramError('no schedule was run yet');
    return this.#shown;
  }

  #decisionAt(at: number): Decision {
    const { decisions } = this.#runShown().run;
    const decision = decisions[at];
    if (decision === undefined)
      throw new ProgramError(
        `there is no decision ${String(at)}; the schedule has ${String(decisions.length)}`,
      );
    return decision;
  }

  #edit(
    prepared: Prepared,
    edit: Edit,
    what: string,
    interrupt?: { readonly kind: 'softirq' | 'hardirq' | 'nmi'; readonly cpu: number },
  ): ScheduleRun {
    let why = '';
    const world = new Execution(prepared.program);
    const strategy = new EditedSchedule(edit, () => {
      if (interrupt !== undefined) why = whyNot(world.machine, interrupt.kind, interrupt.cpu);
    });
    strategy.begin();
    runSchedule(world, strategy);
    strategy.check();
    if (strategy.impossible === undefined) return this.#show(prepared, world.schedule);
    const { isTooLate, options } = strategy.impossible;
    if (isTooLate) throw new ProgramError(`${what}: without it, nothing else can happen before`);
    if (why !== '') throw new ProgramError(`${what}: ${why}`);
    throw new ProgramError(`${what}; what can happen there is ${options.join(', ')}`);
  }

  #scheduleOf({ program }: Prepared, strategy: Strategy): readonly Choice[] {
    const world = new Execution(program);
    strategy.begin();
    runSchedule(world, strategy);
    return world.schedule;
  }

  #show(prepared: Prepared, schedule: readonly Choice[]): ScheduleRun {
    const shown = this.#tell(prepared, schedule);
    this.#shown = shown;
    return shown.run;
  }

  #tell({ program }: Prepared, given: readonly Choice[]): Shown {
    const lineOf = linesOf(this.#file);
    const lines = this.#console;
    lines.begin();
    const heard = new Recording(lineOf, [], (events) => {
      lines.events = events;
    });
    const told = explain(program, given, { listener: heard.listener });
    lines.isOn = false;
    const { run, wanted } = scheduleRun({
      told,
      decisions: heard.decisions,
      console: [...lines.lines],
      repaired: told.exact ? undefined : repairText(told.schedule, given, told.unused),
      lineOf,
    });
    return { run, schedule: told.schedule, wanted, snapshots: new Map() };
  }

  /** Runs the schedule again and takes the pictures around a moment. */
  #look({ program }: Prepared, { schedule, wanted, snapshots }: Shown, moment: number): void {
    const near = wanted.filter((one) => Math.abs(one.moment - moment) < WINDOW);
    const recording = new Recording(linesOf(this.#file), near);
    explain(program, schedule, { listener: recording.listener });
    for (const [at, snapshot] of recording.snapshots) snapshots.set(at, snapshot);
  }

  #attempt<T>(work: (prepared: Prepared) => T): Reply<T> {
    try {
      if (this.#prepared === undefined) throw new ProgramError('no program is loaded');
      return { ok: true, value: work(this.#prepared) };
    } catch (error) {
      return { ok: false, error: this.#refusalOf(error) };
    }
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof ProgramError) {
      const { message: text, line, column } = error;
      return { text, ...(line !== undefined && { line }), ...(column !== undefined && { column }) };
    }
    if (!(error instanceof Error)) return { text: `the program threw ${String(error)}` };
    const line = lineInStack(error, this.#file);
    const text = error instanceof ConfigError ? error.message : `${error.name}: ${error.message}`;
    return { text, ...(line !== undefined && { line }) };
  }
}

function repairText(taken: readonly Choice[], given: readonly Choice[], unused: number): string {
  const at = given.findIndex((choice, i) => choice !== taken[i]);
  const first = given[at];
  if (first === undefined || at >= taken.length)
    return `the program ended ${String(Math.max(1, unused))} decisions before the schedule did`;
  const [was, is] = [optionOf(first).text, optionOf(taken[at] ?? first).text];
  return `decision ${String(at)} of the schedule, ${was}, was not possible; ${is} was taken instead, and what follows may differ`;
}
