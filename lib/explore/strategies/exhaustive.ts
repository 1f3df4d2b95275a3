/**
 * Depth-first search over every schedule, by running the program again from the beginning.
 *
 * Three reductions, each sound by itself and, as used here, together (Godefroid, LNCS 1032, chapter 6):
 *
 * - races: at each state one actor is tried, and others only if one of their steps, there or later, conflicts with a
 *   step that was tried (see `races.ts`);
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
import { Hash } from '../../base/hash.ts';
import { StateGraph } from '../loops/state-graph.ts';
import type { Strategy } from '../strategy.ts';
import type { Point } from '../world.ts';
import { Branch } from './branch.ts';
import { DepthFirst, toFront } from './depth-first.ts';
import type { PathNode } from './depth-first.ts';
import type { Asleep } from './piece.ts';
import { Races } from './races.ts';
import type { Future } from './races.ts';
import { OwnStates } from './visited.ts';
import type { Visited } from './visited.ts';

/** Which reductions to use. */
export interface ExhaustiveOptions {
  /** Leave out orders of steps that can change places. Default true. */
  readonly sleepSets?: boolean;
  /** Try an actor only where one of its steps races with another. Default true; it needs both other reductions. */
  readonly races?: boolean;
  /** Leave out states that were explored before. Default true. */
  readonly visited?: boolean;
  /** Most switches away from a task that could have gone on. Default: no bound. */
  readonly preemptions?: number;
  /** Explore only what begins with one of these. Default: everything. */
  readonly prefixes?: readonly (readonly Choice[])[];
}

const OPTIONS: Readonly<Record<keyof ExhaustiveOptions, Accepts>> = {
  sleepSets: 'boolean',
  races: 'boolean',
  visited: 'boolean',
  preemptions: 'number',
  prefixes: 'object',
};

/** A point on the path being explored. */
interface Node extends PathNode {
  /** Its state, if it has one. */
  readonly state: number | undefined;
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

/** The search. */
class Exhaustive extends DepthFirst<Node> implements Strategy {
  readonly name: string;
  private readonly visitedOn: boolean;
  private readonly bound: number;
  private readonly prefixes: readonly (readonly Choice[])[];
  /** Which prefix is being explored. */
  #at = 0;
  protected override prefix: readonly Choice[];
  readonly #hash = new Hash();
  #started = false;
  private visited: Visited;
  /** All states and steps, once a loop was seen. */
  #graph: StateGraph | undefined = undefined;
  #isOver = false;
  private races: Races | undefined;
  /** What each state that was explored to its end leads to. */
  readonly #futures = new Map<number, Future>();

  constructor(options: ExhaustiveOptions) {
    super();
    const bounded = options.preemptions !== undefined;
    this.name = bounded ? `preemption bound ${String(options.preemptions)}` : 'exhaustive';
    // A bound makes the order of independent steps matter: it counts switches.
    this.sleepSets = (options.sleepSets ?? true) && !bounded;
    this.visitedOn = options.visited ?? true;
    this.bound = options.preemptions ?? Infinity;
    this.prefixes = options.prefixes ?? [[]];
    this.visited = new OwnStates();
    this.prefix = this.prefixes[0] ?? [];
    this.leavesOut = this.sleepSets || this.visitedOn;
    const canRace = this.sleepSets && this.visitedOn;
    this.races = canRace && options.races !== false ? new Races() : undefined;
  }

  /** All decisions but the last on the path are those of the schedule before. */
  get sameDecisions(): number {
    return this.path.length === 0 ? 0 : this.prefix.length + this.path.length - 1;
  }

  get states(): number {
    return this.visited.size;
  }

  get progress(): number {
    const share = 1 / Math.max(1, this.prefixes.length);
    return this.#at * share + this.doneOf(share);
  }

  begin(): boolean {
    this.depth = 0;
    if (this.#isOver) return false;
    if (this.sawLoop && this.#graph === undefined) {
      this.#graph = new StateGraph();
      // Every step of every state is to be tried.
      this.sleepSets = false;
      this.races = undefined;
      this.restart();
    }
    if (!this.#started) this.#started = true;
    else if (this.advance() === undefined) this.#goTo(this.#at + 1);
    return this.#at < this.prefixes.length || this.#goesRound();
  }

  /** Begins the last schedule, which shows what goes round for ever, if anything does. */
  #goesRound(): boolean {
    const prefix = this.#graph?.fairCycle();
    this.#isOver = true;
    if (prefix === undefined) return false;
    this.prefix = prefix;
    return true;
  }

  readonly isComplete = true;
  readonly leavesOut: boolean;

  restart(): void {
    this.path.length = 0;
    this.visited = new OwnStates();
    if (this.#graph !== undefined) this.#graph = new StateGraph();
    this.#futures.clear();
    this.#started = false;
    this.#isOver = false;
    this.#goTo(0);
  }

  #goTo(at: number): void {
    this.#at = at;
    this.prefix = this.prefixes[at] ?? [];
  }

  protected override explored({ branch, state }: Node): void {
    if (branch === undefined) return;
    this.leadsTo(branch.future);
    if (state === undefined) return;
    this.#futures.set(state, branch.future);
    if (branch.hasBegun) this.visited.keepAsleep?.(state, branch.asleepAndNeeded);
  }

  protected override arrive(point: Point): Node | undefined {
    if (point.inner)
      return this.#push(point, lastFirst(point.choices, point.last), [], this.#preemptions(point));
    this.stepEnded(point);
    if (this.#graph !== undefined) this.#noteEdge(this.#graph, point);
    if (!this.visitedOn && point.repeats === true) return undefined;
    const before = this.lastOuter()?.branch;
    before?.reached(point);
    const asleep = this.asleepAt(point);
    const preemptions = this.#preemptions(point);
    let open = point.choices;
    if (asleep.length > 0) open = open.filter((choice) => !asleep.some((other) => other.choice === choice));
    if (preemptions >= this.bound && point.choices.includes(point.last)) open = [point.last];
    const state = this.visitedOn ? this.#stateOf(point, preemptions) : undefined;
    const isNew = state === undefined || !this.visited.has?.(state);
    if (state !== undefined)
      open = this.visited.enter(
        state,
        open,
        asleep.map(({ choice }) => choice),
      );
    const branch = this.#branch(
      point,
      asleep,
      isNew,
      state === undefined ? undefined : this.#futures.get(state),
    );
    if (open.length > 0) {
      const all = lastFirst(open, point.last);
      const begun = isNew ? branch?.begin(all) : undefined;
      return this.#push(point, begun === undefined ? all : [...begun], asleep, preemptions, state, branch);
    }
    if (branch !== undefined) {
      before?.leadsTo(branch.future);
      if (isNew && state !== undefined) this.#futures.set(state, branch.future);
    }
    return undefined;
  }

  /** What a new point leads to, as far as that is known before anything is tried there. */
  #branch(
    point: Point,
    asleep: readonly Asleep[],
    isNew: boolean,
    known: Future | undefined,
  ): Branch | undefined {
    if (this.races === undefined || point.racing === undefined) return undefined;
    return new Branch(this.races, point, asleep, known ?? (isNew ? [] : this.races.unknown));
  }

  #push(
    point: Point,
    choices: Choice[],
    asleep: Asleep[],
    preemptions: number,
    state?: number,
    branch?: Branch,
  ): Node {
    const node: Node = {
      inner: point.inner,
      enabled: point.choices.length,
      choices,
      at: 0,
      asleep,
      state,
      branch,
      touched: undefined,
      preemptions,
      last: point.last,
      key: point.inner || this.#graph === undefined ? undefined : point.stateKey(),
    };
    this.path.push(node);
    return node;
  }

  #noteEdge(graph: StateGraph, point: Point): void {
    const key = point.stateKey();
    if (key === undefined) return;
    graph.state(key, point.choices);
    const from = this.path.findLastIndex((node) => !node.inner);
    const before = this.path[from]?.key;
    if (before === undefined) graph.root(key, this.prefix);
    else {
      const choices = this.path.slice(from).flatMap((node) => node.choices[node.at] ?? []);
      graph.edge(before, choices, key);
    }
  }

  #preemptions(point: Point): number {
    if (this.bound === Infinity) return 0;
    const before = this.lastOuter();
    if (before === undefined) return 0;
    const couldGoOn = before.choices.includes(before.last);
    return before.preemptions + (couldGoOn && point.last !== before.last ? 1 : 0);
  }

  /** The state of a point, if it is known. Under a bound, what is left of it and who may go on for free belong to it. */
  #stateOf(point: Point, preemptions: number): number | undefined {
    const key = point.stateKey();
    if (key === undefined || this.bound === Infinity) return key;
    return this.#hash.reset().add(key).add(preemptions).add(point.last).value;
  }
}

/** Going on with the same actor first: the first schedules have the fewest switches. */
function lastFirst(open: readonly Choice[], last: Choice): Choice[] {
  const choices = [...open];
  toFront(choices, choices.indexOf(last));
  return choices;
}
