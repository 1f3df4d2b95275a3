/**
 * Depth-first search over every schedule, by running the program again from the beginning.
 *
 * Two reductions, each sound by itself and, as used here, together (Godefroid, LNCS 1032, chapter 6):
 *
 * - sleep sets: a step that was tried here is not tried again after steps with which it can change
 *   places;
 * - visited states: what has been explored from a state is not explored from it again. A state keeps
 *   the set of steps that were asleep when it was explored; a schedule that reaches it with one of them awake
 *   explores just that one.
 *
 * Most schedules have no cycles, because every step advances an actor. Where a loop was seen, states can come back; then
 * every step of every state is tried, so that a schedule that goes round for ever is found.
 */
import { checkOptions } from '../../base/options.ts';
import type { Accepts } from '../../base/options.ts';
import { configWhole } from '../../base/whole.ts';
import type { Choice } from '../choice.ts';
import { Footprint } from '../footprint.ts';
import { Hash } from '../../base/hash.ts';
import { StateGraph } from '../loops/state-graph.ts';
import { NondeterminismError } from '../strategy.ts';
import type { Strategy } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';

/** Which reductions to use. */
export interface ExhaustiveOptions {
  /** Leave out orders of steps that can change places. Default true. */
  readonly sleepSets?: boolean;
  /** Leave out states that were explored before. Default true. */
  readonly visited?: boolean;
  /** Most switches away from a task that could have gone on. Default: no bound. */
  readonly preemptions?: number;
  /** Explore only what begins with one of these. Default: everything. */
  readonly prefixes?: readonly (readonly Choice[])[];
}

const OPTIONS: Readonly<Record<keyof ExhaustiveOptions, Accepts>> = {
  sleepSets: 'boolean',
  visited: 'boolean',
  preemptions: 'number',
  prefixes: 'object',
};

/** A step that need not be tried, with what it touches. */
interface Asleep {
  readonly choice: Choice;
  readonly footprint: Footprint;
}

/** A point on the path being explored. */
interface Node {
  readonly inner: boolean;
  /** How many choices there were: the same at each visit, unless the program is not deterministic. */
  readonly enabled: number;
  /** What is to be tried, and how far that is. */
  readonly choices: readonly Choice[];
  at: number;
  asleep: Asleep[];
  /** What the current choice has touched so far, over all that happened inside it. */
  touched: Footprint | undefined;
  /** Preemptions on the path up to here. */
  readonly preemptions: number;
  readonly last: number;
  /** The state, where it is kept. */
  readonly key: number | undefined;
}

/** Explores every schedule; see the file's comment. */
export function exhaustive(options: ExhaustiveOptions = {}): Strategy {
  checkOptions('exhaustive', options, OPTIONS);
  configWhole('preemptions', options.preemptions ?? 0, 0, Infinity);
  return new Exhaustive(options);
}

class Exhaustive implements Strategy {
  readonly name: string;
  private sleepSets: boolean;
  private readonly visitedOn: boolean;
  private readonly bound: number;
  private readonly prefixes: readonly (readonly Choice[])[];
  #prefix = 0;
  private given: readonly Choice[];
  /** Nodes on the path; those before `#base` are given. */
  readonly #path: Node[] = [];
  #depth = 0;
  readonly #hash = new Hash();
  #started = false;
  /** All states and steps, once a loop was seen. */
  #graph: StateGraph | undefined = undefined;
  #sawLoop = false;
  #isOver = false;
  /** The sleep set with which each state was explored. */
  readonly #visited = new Map<number, readonly Choice[]>();

  constructor(options: ExhaustiveOptions) {
    const bounded = options.preemptions !== undefined;
    this.name = bounded ? `preemption bound ${String(options.preemptions)}` : 'exhaustive';
    // A bound makes the order of independent steps matter: it counts switches.
    this.sleepSets = (options.sleepSets ?? true) && !bounded;
    this.visitedOn = options.visited ?? true;
    this.bound = options.preemptions ?? Infinity;
    this.prefixes = options.prefixes ?? [[]];
    this.given = this.prefixes[0] ?? [];
    this.leavesOut = this.sleepSets || this.visitedOn;
  }

  get states(): number {
    return this.#visited.size;
  }

  get progress(): number {
    let done = 0;
    let share = 1;
    for (const node of this.#path) {
      const width = Math.max(1, node.choices.length);
      done += (share * node.at) / width;
      share /= width;
    }
    return (this.#prefix + done) / Math.max(1, this.prefixes.length);
  }

  begin(): boolean {
    this.#depth = 0;
    if (this.#isOver) return false;
    if (this.#sawLoop && this.#graph === undefined) {
      this.#graph = new StateGraph();
      this.sleepSets = false;
      this.restart();
    }
    if (!this.#started) {
      this.#started = true;
      return this.prefixes.length > 0;
    }
    if (this.#advance()) return true;
    this.#prefix += 1;
    this.given = this.prefixes[this.#prefix] ?? [];
    if (this.#prefix < this.prefixes.length) return true;
    // The last schedule shows what goes round for ever, if anything does.
    const cycle = this.#graph?.fairCycle();
    this.#isOver = true;
    this.given = cycle ?? [];
    return cycle !== undefined;
  }

  readonly isComplete = true;
  readonly leavesOut: boolean;

  restart(): void {
    this.#path.length = 0;
    this.#visited.clear();
    if (this.#graph !== undefined) this.#graph = new StateGraph();
    this.#started = false;
    this.#isOver = false;
    this.#prefix = 0;
    this.given = this.prefixes[0] ?? [];
  }

  /** Moves on to the next path that was not tried. */
  #advance(): boolean {
    for (let node = this.#path.at(-1); node !== undefined; node = this.#path.at(-1)) {
      const choice = node.choices[node.at];
      if (choice !== undefined && node.touched !== undefined)
        node.asleep.push({ choice, footprint: node.touched });
      node.touched = undefined;
      node.at += 1;
      if (node.at < node.choices.length) return true;
      this.#path.pop();
    }
    return false;
  }

  choose(point: Point): Choice {
    const given = this.given[this.#depth];
    if (given !== undefined) {
      this.#depth += 1;
      if (!point.choices.includes(given)) throw new NondeterminismError('a prefix is no longer possible');
      return given;
    }
    const at = this.#depth - this.given.length;
    const node = this.#path[at] ?? this.#arrive(point);
    if (node === undefined) return STOP;
    const choice = node.choices[node.at];
    if (node.enabled !== point.choices.length || choice === undefined || !point.choices.includes(choice)) {
      throw new NondeterminismError(
        `after the same ${String(this.#depth)} decisions there were ${String(node.enabled)} choices once and ${String(point.choices.length)} now`,
      );
    }
    this.#depth += 1;
    return choice;
  }

  end(point: Point): void {
    if (!point.inner) this.#note(point.footprint);
  }

  /** Adds what the last complete step touched to the node that chose it. */
  #note(footprint: Footprint | undefined): void {
    if (!this.sleepSets) return;
    const node = this.#lastOuter();
    if (node === undefined) return;
    const all = node.touched ?? new Footprint();
    if (footprint === undefined) all.everything = true;
    else all.merge(footprint);
    node.touched = all;
  }

  #lastOuter(): Node | undefined {
    return this.#path.findLast((node) => !node.inner);
  }

  /** A new point at the end of the path; nothing where there is nothing new to try. */
  #arrive(point: Point): Node | undefined {
    if (point.inner) return this.#push(point, point.choices, [], this.#preemptions(point));
    this.#note(point.footprint);
    this.#sawLoop ||= point.looped === true;
    if (this.#graph !== undefined) this.#noteEdge(this.#graph, point);
    if (!this.visitedOn && point.repeats === true) return undefined;
    const asleep = this.#asleepAt(point);
    const preemptions = this.#preemptions(point);
    let open = point.choices;
    if (asleep.length > 0) open = open.filter((choice) => !asleep.some((other) => other.choice === choice));
    if (preemptions >= this.bound && point.choices.includes(point.last)) open = [point.last];
    if (this.visitedOn) open = this.#unexplored(point, open, asleep, preemptions);
    if (open.length === 0) return undefined;
    return this.#push(point, open, asleep, preemptions);
  }

  #push(point: Point, open: readonly Choice[], asleep: Asleep[], preemptions: number): Node {
    // Going on with the same actor first: the first schedules have the fewest switches.
    const choices = [...open];
    const at = choices.indexOf(point.last);
    if (at > 0) {
      choices.copyWithin(1, 0, at);
      choices[0] = point.last;
    }
    const node: Node = {
      inner: point.inner,
      enabled: point.choices.length,
      choices,
      at: 0,
      asleep,
      touched: undefined,
      preemptions,
      last: point.last,
      key: point.inner || this.#graph === undefined ? undefined : point.stateKey(),
    };
    this.#path.push(node);
    return node;
  }

  #noteEdge(graph: StateGraph, point: Point): void {
    const key = point.stateKey();
    if (key === undefined) return;
    graph.state(key, point.choices);
    const from = this.#path.findLastIndex((node) => !node.inner);
    const before = this.#path[from]?.key;
    if (before === undefined) graph.root(key, this.given);
    else {
      const choices = this.#path.slice(from).flatMap((node) => node.choices[node.at] ?? []);
      graph.edge(before, choices, key);
    }
  }

  #asleepAt(point: Point): Asleep[] {
    if (!this.sleepSets) return [];
    const before = this.#lastOuter();
    const { footprint } = point;
    if (before === undefined || footprint === undefined) return [];
    return before.asleep.filter((other) => !other.footprint.conflicts(footprint));
  }

  #preemptions(point: Point): number {
    if (this.bound === Infinity) return 0;
    const before = this.#lastOuter();
    if (before === undefined) return 0;
    const couldGoOn = before.choices.includes(before.last);
    return before.preemptions + (couldGoOn && point.last !== before.last ? 1 : 0);
  }

  /** What is left to try from this state, which counts as explored from now on. */
  #unexplored(
    point: Point,
    open: readonly Choice[],
    asleep: readonly Asleep[],
    preemptions: number,
  ): readonly Choice[] {
    const key = point.stateKey();
    if (key === undefined) return open;
    // Under a bound, what is left of it and who may go on for free belong to the state.
    const state =
      this.bound === Infinity ? key : this.#hash.reset().add(key).add(preemptions).add(point.last).value;
    const before = this.#visited.get(state);
    const now = asleep.map((other) => other.choice);
    if (before === undefined) {
      this.#visited.set(state, now);
      return open;
    }
    this.#visited.set(
      state,
      before.filter((choice) => now.includes(choice)),
    );
    return open.filter((choice) => before.includes(choice));
  }
}
