/**
 * What depth-first searches have in common: the path of points being explored, what is to be tried at each of them, and
 * what the steps between them have touched.
 */
import type { Choice } from '../choice.ts';
import { Footprint } from '../footprint.ts';
import { NondeterminismError } from '../strategy.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';
import type { Branch } from './branch.ts';
import type { Asleep } from './piece.ts';
import type { Future } from './races.ts';

/** A point on the path being explored. */
export interface PathNode {
  /** Whether it is a marked point inside a step. */
  readonly inner: boolean;
  /** How many choices there were: the same at each visit, unless the program is not deterministic. */
  readonly enabled: number;
  /** What is to be tried, and how far that is; a branch adds to it. */
  readonly choices: Choice[];
  at: number;
  readonly asleep: Asleep[];
  /** Which of its choices need not be tried; `undefined` if all of them are. */
  readonly branch: Branch | undefined;
  /** What the current choice has touched so far, over all that happened inside it. */
  touched: Footprint | undefined;
}

/** Follows a path to its end, then changes the last decision on it that leaves something to try. */
export abstract class DepthFirst<Node extends PathNode> {
  /** Nodes on the path after the prefix. */
  protected readonly path: Node[] = [];
  /** Decisions of this schedule so far. */
  protected depth = 0;
  /** Whether orders of steps that can change places are left out. */
  protected sleepSets = true;
  #sawLoop = false;

  /** Whether a task was seen to loop. */
  get sawLoop(): boolean {
    return this.#sawLoop;
  }

  /** The decisions that are given. */
  protected abstract get prefix(): readonly Choice[];

  /** A new point at the end of the path, so many after the prefix; `undefined` where there is nothing new to try. */
  protected abstract arrive(point: Point, at: number): Node | undefined;

  /** Nothing is left to try at a point, which is off the path now. */
  protected abstract explored(node: Node): void;

  choose(point: Point): Choice {
    const { prefix, depth } = this;
    const given = prefix[depth];
    if (given !== undefined) {
      this.depth += 1;
      if (!point.choices.includes(given)) throw new NondeterminismError('a prefix is no longer possible');
      return given;
    }
    const at = depth - prefix.length;
    const node = this.path[at] ?? this.arrive(point, at);
    if (node === undefined) return STOP;
    const choice = node.choices[node.at];
    if (node.enabled !== point.choices.length || choice === undefined || !point.choices.includes(choice)) {
      throw new NondeterminismError(
        `after the same ${String(depth)} decisions there were ${String(node.enabled)} choices once and ${String(point.choices.length)} now`,
      );
    }
    this.depth += 1;
    return choice;
  }

  end(point: Point): void {
    if (point.inner) return;
    this.#note(point.footprint);
    if (point.choices.length === 0) this.lastOuter()?.branch?.reached(point);
  }

  /** The step that led to a point has ended. */
  protected stepEnded(point: Point): void {
    this.#note(point.footprint);
    this.#sawLoop ||= point.looped === true;
  }

  /** Adds what the last complete step touched to the node that chose it. */
  #note(footprint: Footprint | undefined): void {
    if (!this.sleepSets) return;
    const node = this.lastOuter();
    if (node === undefined) return;
    const all = node.touched ?? new Footprint();
    if (footprint === undefined) all.everything = true;
    else all.merge(footprint);
    node.touched = all;
  }

  /** The current choice of a node was explored to its end. Returns whether there is another. */
  protected tried(node: Node): boolean {
    const choice = node.choices[node.at];
    if (choice !== undefined && node.touched !== undefined) {
      const future = node.branch?.tried(choice, node.touched, node.choices);
      node.asleep.push({ choice, footprint: node.touched, future });
    }
    node.touched = undefined;
    node.at += 1;
    return node.at < node.choices.length;
  }

  /** Moves on to the next choice that was not tried. Returns its node. */
  protected advance(): Node | undefined {
    for (let node = this.path.at(-1); node !== undefined; node = this.path.at(-1)) {
      if (this.tried(node)) return node;
      this.path.pop();
      this.explored(node);
    }
    return undefined;
  }

  protected lastOuter(): Node | undefined {
    return this.path.findLast((node) => !node.inner);
  }

  /** What the current choice of the last node leads to. */
  protected leadsTo(future: Future): void {
    this.lastOuter()?.branch?.leadsTo(future);
  }

  /** The steps that need not be tried at a new point, because they can change places with the step that led to it. */
  protected asleepAt({ footprint }: Point): Asleep[] {
    const before = this.lastOuter();
    if (before === undefined || footprint === undefined) return [];
    return before.asleep.filter((other) => !other.footprint.conflicts(footprint));
  }

  /** How much of the path is done, if all of it is a share of the search. */
  protected doneOf(whole: number): number {
    let share = whole;
    let done = 0;
    for (const node of this.path) {
      const width = Math.max(1, node.choices.length);
      done += (share * node.at) / width;
      share /= width;
    }
    return done;
  }
}

/** Makes the choice at a place the first one. */
export function toFront(choices: Choice[], at: number): void {
  if (at <= 0) return;
  const choice = choices[at] ?? 0;
  choices.copyWithin(1, 0, at);
  choices[0] = choice;
}
