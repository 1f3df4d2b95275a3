/**
 * Listens to a schedule while it runs: the decisions with what else was possible, and pictures of the machine.
 */
import { formatSchedule } from 'scatterlist/explore';
import type { Choice, Point, ScheduleListener } from 'scatterlist/explore';
import type { Machine, TraceEvent } from 'scatterlist/machine';
import type { Option } from './messages.ts';
import { FramesUsed } from './frames-used.ts';
import { LocksHeld } from './locks-held.ts';
import { takeSnapshot } from './take-snapshot.ts';
import type { Snapshot } from './snapshot.ts';
import type { linesOf } from './lines.ts';

/** A decision as it was heard. */
export interface HeardDecision {
  readonly options: readonly Option[];
  readonly isInner: boolean;
  /** Events before it. */
  readonly events: number;
}

/** A moment of which a picture is wanted. */
export interface Wanted {
  readonly moment: number;
  /**
   * `begin`: before the first step. A number of events: after the last of them. A number of decisions: when the step that
   * the last of them began has ended. `end`: when all has ended.
   */
  readonly when:
    | 'begin'
    | 'end'
    | { readonly events: number; readonly isViolation: boolean }
    | { readonly decisions: number };
}

/** Listens to one run. */
export class Recording {
  readonly decisions: HeardDecision[] = [];
  #events = 0;
  #hasBegun = false;
  /** Pictures by moment. */
  readonly snapshots: Map<number, Snapshot> = new Map<number, Snapshot>();
  private readonly lineOf: ReturnType<typeof linesOf>;
  private readonly onEvents: (events: number) => void;
  readonly #locks = new LocksHeld();
  readonly #used = new FramesUsed();
  readonly #begin: number[] = [];
  readonly #end: number[] = [];
  readonly #byEvents = new Map<number, Wanted[]>();
  readonly #byDecisions: { readonly moment: number; readonly decisions: number }[] = [];

  /** `onEvents` is told the number of events so far. */
  constructor(
    lineOf: ReturnType<typeof linesOf>,
    wanted: readonly Wanted[] = [],
    onEvents: (events: number) => void = () => undefined,
  ) {
    this.lineOf = lineOf;
    this.onEvents = onEvents;
    for (const one of wanted) this.#want(one);
  }

  #want(wanted: Wanted): void {
    const { moment, when } = wanted;
    if (when === 'begin') this.#begin.push(moment);
    else if (when === 'end') this.#end.push(moment);
    else if ('decisions' in when) this.#byDecisions.push({ moment, decisions: when.decisions });
    else this.#byEvents.set(when.events, [...(this.#byEvents.get(when.events) ?? []), wanted]);
  }

  /** For `explain`. */
  get listener(): ScheduleListener {
    return {
      decides: (point, machine) => {
        this.#decides(point, machine);
      },
      happened: (event, machine) => {
        this.#happened(event, machine);
      },
      ended: (machine) => {
        this.#ended(machine);
      },
    };
  }

  #decides({ choices, inner }: Point, machine: Machine): void {
    if (!this.#hasBegun) this.#begins(machine);
    if (!inner) this.#stepEnded(machine);
    this.decisions.push({ options: choices.map(optionOf), isInner: inner, events: this.#events });
  }

  #happened(event: TraceEvent, machine: Machine): void {
    this.#locks.add(event);
    this.#used.add(event);
    this.#events += 1;
    this.onEvents(this.#events);
    for (const { moment } of this.#byEvents.get(this.#events) ?? []) this.#take(moment, machine);
  }

  #ended(machine: Machine): void {
    if (!this.#hasBegun) this.#begins(machine);
    this.#stepEnded(machine);
    for (const { moment } of this.#byDecisions.splice(0)) this.#take(moment, machine);
    for (const moment of this.#end) this.#take(moment, machine);
  }

  // Before the first decision there are only events of the set-up, which are not told one by one.
  #begins(machine: Machine): void {
    this.#hasBegun = true;
    const { trace } = machine.hardware;
    const before = trace?.events ?? [];
    this.#events = (trace?.dropped ?? 0) + before.length;
    for (const event of before) {
      this.#locks.add(event);
      this.#used.add(event);
    }
    for (const moment of this.#begin) this.#take(moment, machine);
  }

  // An event is told in the middle of what it is a part of; once its step has ended, the picture is complete.
  #stepEnded(machine: Machine): void {
    for (const { moment, when } of this.#byEvents.get(this.#events) ?? [])
      if (typeof when === 'object' && 'isViolation' in when && !when.isViolation) this.#take(moment, machine);
    for (const { moment } of this.#byDecisions.filter(
      ({ decisions }) => decisions <= this.decisions.length,
    )) {
      this.#take(moment, machine);
    }
    const left = this.#byDecisions.filter(({ decisions }) => decisions > this.decisions.length);
    this.#byDecisions.splice(0, this.#byDecisions.length, ...left);
  }

  #take(moment: number, machine: Machine): void {
    const besides = { locks: this.#locks.pictures, frames: this.#used.frames, lineOf: this.lineOf };
    this.snapshots.set(moment, takeSnapshot(machine, besides));
  }
}

/** A choice as an option. */
export function optionOf(choice: Choice): Option {
  const text = formatSchedule([choice]);
  const [, actor = '-1', cpu = '-1'] = /^(\d+)(?:@(\d+))?$/.exec(text) ?? [];
  return { text, actor: Number(actor), cpu: Number(cpu) };
}
