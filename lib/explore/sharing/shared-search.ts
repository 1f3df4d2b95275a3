/**
 * The search of `exhaustive`, done by several threads at once.
 *
 * Each thread goes through the whole search, depth first, and would come to its end by itself. A state from which one of
 * them has explored everything is left out by all others from then on, together with what it leads to, which is what
 * the search for races needs. So there is no work that only one thread knows of, and none is lost with it.
 *
 * For two threads not to explore the same, each says where it is. One that has explored all that only it was at looks for
 * the first point of its path at which something is to be tried that no other is at, and puts the rest of its path aside.
 * Which choices are to be tried is known before those before them are explored to their end: races that were found
 * already are enough for that. If there is no such point, it goes where others are, and helps there.
 */
import { actorOf } from '../choice.ts';
import type { Choice } from '../choice.ts';
import { Hash } from '../../base/hash.ts';
import type { Resources } from '../observer.ts';
import type { Strategy } from '../strategy.ts';
import { Branch } from '../strategies/branch.ts';
import type { Aside } from '../strategies/branch.ts';
import { DepthFirst, toFront } from '../strategies/depth-first.ts';
import type { PathNode } from '../strategies/depth-first.ts';
import type { Piece, PieceNode } from '../strategies/piece.ts';
import { Races } from '../strategies/races.ts';
import type { Future } from '../strategies/races.ts';
import { STOP } from '../world.ts';
import type { Point } from '../world.ts';
import type { Board } from './board.ts';
import { EndedStates } from './ended-states.ts';
import type { EndedStatesMemory } from './ended-states.ts';

/** Schedules of a part that is worth to be kept although it has no state. */
const LARGE = 64;

/** A point on the path being explored. */
interface Node extends PathNode {
  /** Where it is: its state, or how it was reached. */
  readonly place: number;
  /** Whether all that can happen from here was explored when all choices are. */
  readonly canEnd: boolean;
  /** Whether its place is a state, which is met again on other paths. */
  readonly isState: boolean;
  /** Schedules before it. */
  readonly since: number;
  /** Choices that were begun, and are explored later. */
  readonly aside: Map<Choice, Begun>;
}

/** A choice that was begun. */
interface Begun {
  readonly path: readonly Node[];
  readonly touched: Node['touched'];
  readonly known: Aside | undefined;
}

/** What the threads have in common. */
export interface Common {
  readonly states: EndedStatesMemory;
  readonly board: Board;
}

/** One thread's search. */
export class SharedSearch extends DepthFirst<Node> implements Strategy {
  readonly name = 'exhaustive';
  readonly isComplete = true;
  readonly leavesOut = true;
  private readonly board: Board;
  private readonly ended: EndedStates;
  private readonly races = new Races();
  /** Pieces that were not explored to their end, and the one that is now. */
  private readonly open: Set<Piece>;
  #current: Piece | undefined = undefined;
  readonly #hash = new Hash();
  /** Whether a schedule was begun and has not ended. */
  #isRunning = false;
  #schedules = 0;
  #states = 0;
  /** The decisions of the schedule before, and then of this one. */
  readonly #taken: Choice[] = [];
  #sameDecisions = 0;

  constructor(pieces: readonly Piece[], { states, board }: Common, resources: Resources) {
    super();
    this.board = board;
    this.ended = new EndedStates(states, this.races, resources);
    this.open = new Set(pieces);
  }

  /** States that this thread was the first to explore to their end. */
  get states(): number {
    return this.#states;
  }

  protected override get prefix(): readonly Choice[] {
    return this.#current?.prefix ?? [];
  }

  get progress(): number {
    let left = 0;
    for (const piece of this.open) left += piece.share;
    return 1 - left + this.doneOf(this.#current?.share ?? 0);
  }

  begin(): boolean {
    this.depth = 0;
    this.#schedules += 1;
    this.#isRunning = this.#moveOn();
    this.#sameDecisions = this.#sameAsBefore();
    this.#taken.length = 0;
    return this.#isRunning;
  }

  get sameDecisions(): number {
    return this.#sameDecisions;
  }

  #sameAsBefore(): number {
    const decisions = [
      ...(this.#current?.prefix ?? []),
      ...this.path.map(({ choices, at }) => choices[at] ?? 0),
    ];
    const other = decisions.findIndex((choice, i) => this.#taken[i] !== choice);
    return other < 0 ? decisions.length : other;
  }

  #moveOn(): boolean {
    if (this.#current !== undefined) {
      if (!this.ended.has(placeOf(this.#current)) && this.#moveAlong()) return true;
      this.#endPiece(this.#current);
    }
    for (const piece of this.open) if (this.ended.has(placeOf(piece))) this.open.delete(piece);
    const [first] = this.open;
    const free = [...this.open].find((piece) => this.board.at(placeOf(piece), 0) === 0) ?? first;
    this.#current = free;
    if (free !== undefined) this.board.enter(placeOf(free), 0);
    return free !== undefined;
  }

  #endPiece(piece: Piece): void {
    for (const node of this.path.splice(0)) this.#leave(node);
    this.board.leave(placeOf(piece), 0);
    this.open.delete(piece);
    this.ended.end(placeOf(piece), this.races.unknown);
  }

  /** Moves on to the next path that was not tried. The last choice of the path was explored to its end. */
  #moveAlong(): boolean {
    for (;;) {
      this.#cutEnded();
      const node = this.advance();
      if (node === undefined) return false;
      this.#findFree(node);
      if (!this.#takeUp() || !this.#cutEnded()) return true;
    }
  }

  /** Leaves the first state of the path that others have explored to its end. */
  #cutEnded(): boolean {
    const at = this.path.findIndex(({ canEnd, place }) => canEnd && this.ended.has(place));
    if (at < 0) return false;
    const [first, ...rest] = this.path.splice(at);
    for (const node of rest) this.#leave(node);
    if (first === undefined) return false;
    this.#leave(first);
    this.leadsTo(this.ended.futureOf(first.place) ?? this.races.unknown);
    return true;
  }

  protected override tried(node: Node): boolean {
    this.#leave(node);
    return super.tried(node);
  }

  protected override explored(node: Node): void {
    if (node.inner) return;
    if (node.branch !== undefined) this.leadsTo(node.branch.future);
    if (node.canEnd) this.#end(node);
  }

  // What only threads at the same place come to, and is small, is not worth the memory.
  #end({ place, branch, isState, since }: Node): void {
    if (!isState && this.#schedules - since < LARGE) return;
    const isNew = this.ended.end(place, branch?.future ?? this.races.unknown);
    if (isState && isNew) this.#states += 1;
  }

  /** Decides where to go on, of the last node, which has choices left, and those before it. */
  #findFree(last: Node): void {
    const { board } = this;
    const isOwn = this.path.some(
      (node) => node !== last && board.at(node.place, node.choices[node.at] ?? 0) === 1,
    );
    if (!isOwn) {
      this.#findRaces();
      for (const [i, node] of this.path.entries()) {
        if (node === last) break;
        const free = this.#freeAt(node, node.at + 1);
        if (free === undefined) continue;
        this.#putAside(i);
        swap(node.choices, node.at, free);
        this.#enter(node);
        return;
      }
    }
    swap(last.choices, last.at, this.#freeAt(last, last.at) ?? last.at);
    this.#enter(last);
  }

  /** Which of the choices of a node, from one on, no other thread is at. */
  #freeAt({ choices, place }: Node, from: number): number | undefined {
    const at = choices.findIndex((choice, i) => i >= from && this.board.at(place, choice) === 0);
    return at < 0 ? undefined : at;
  }

  /** Adds to the choices of each node what is known to race now. */
  #findRaces(): void {
    let below: Future = [];
    for (const node of [...this.path].reverse()) {
      const choice = node.choices[node.at];
      if (choice !== undefined && node.branch !== undefined)
        below = node.branch.triedSoFar(choice, node.touched, below, node.choices);
    }
  }

  /** The current choice of a node is explored later. */
  #putAside(at: number): void {
    const path = this.path.splice(at + 1);
    // The last one has not begun what it would do next.
    for (const node of path.slice(0, -1)) this.#leave(node);
    const node = this.path[at];
    const choice = node?.choices[node.at];
    if (node === undefined || choice === undefined) return;
    this.#leave(node);
    node.aside.set(choice, { path, touched: node.touched, known: node.branch?.putAside() });
    node.touched = undefined;
  }

  /** Goes on with the choice of the last node, if it was put aside. */
  #takeUp(): boolean {
    let isAside = false;
    for (let node = this.path.at(-1); node !== undefined; node = this.path.at(-1)) {
      const choice = node.choices[node.at];
      const begun = choice === undefined ? undefined : node.aside.get(choice);
      if (choice === undefined || begun === undefined) break;
      node.aside.delete(choice);
      node.touched = begun.touched;
      if (begun.known !== undefined) node.branch?.takeUp(begun.known);
      for (const other of begun.path) {
        this.path.push(other);
        this.#enter(other);
      }
      isAside = true;
    }
    return isAside;
  }

  #enter({ place, choices, at }: Node): void {
    this.board.enter(place, choices[at] ?? 0);
  }

  #leave({ place, choices, at }: Node): void {
    this.board.leave(place, choices[at] ?? 0);
  }

  override choose(point: Point): Choice {
    const choice = super.choose(point);
    if (choice !== STOP) this.#taken.push(choice);
    return choice;
  }

  override end(point: Point): void {
    this.#isRunning = false;
    super.end(point);
  }

  /** A point of a piece: what else can happen from it belongs to other pieces. */
  #resume(point: Point, known: PieceNode | undefined): Node | undefined {
    if (known === undefined) return undefined;
    return this.#push(point, [...known.choices], { place: this.#pathPlace(), asleep: [...known.asleep] });
  }

  protected override arrive(point: Point, at: number): Node | undefined {
    const resumed = this.#resume(point, this.#current?.nodes[at]);
    if (resumed !== undefined) return resumed;
    if (point.inner) return this.#push(point, [...point.choices], { place: this.#pathPlace() });
    this.stepEnded(point);
    if (this.sawLoop) return undefined;
    this.lastOuter()?.branch?.reached(point);
    const state = point.stateKey();
    const place = state ?? this.#pathPlace();
    const future = this.ended.futureOf(place);
    if (future !== undefined) {
      this.leadsTo(future);
      return undefined;
    }
    const asleep = this.asleepAt(point);
    const open = point.choices.filter((choice) => !asleep.some((other) => other.choice === choice));
    const branch = point.racing === undefined ? undefined : new Branch(this.races, point, asleep, []);
    if (open.length === 0) {
      if (branch !== undefined) this.leadsTo(branch.future);
      if (state !== undefined && this.ended.end(place, branch?.future ?? this.races.unknown))
        this.#states += 1;
      return undefined;
    }
    toFront(open, open.indexOf(point.last));
    // All begin with the same actor, so that they have the same to try.
    const first = branch === undefined ? undefined : this.board.firstIn(place);
    toFront(open, first === undefined ? -1 : open.findIndex((choice) => actorOf(choice) === first));
    const choices = [...(branch?.begin(open) ?? open)];
    if (branch !== undefined) this.board.begins(place, actorOf(choices[0] ?? 0));
    return this.#push(point, choices, { place, asleep, canEnd: true, isState: state !== undefined, branch });
  }

  #push(
    { inner, choices: all, last }: Point,
    choices: Choice[],
    known: { readonly place: number } & Partial<Node>,
  ): Node {
    const node: Node = {
      inner,
      enabled: all.length,
      choices,
      at: 0,
      asleep: [],
      canEnd: false,
      isState: false,
      since: this.#schedules,
      branch: undefined,
      touched: undefined,
      aside: new Map(),
      ...known,
    };
    if (!node.canEnd) toFront(choices, choices.indexOf(last));
    this.path.push(node);
    this.#enter(node);
    return node;
  }

  /** Where the next point is, by how it was reached. */
  #pathPlace(): number {
    const node = this.path.at(-1);
    if (node === undefined) return placeOf(this.#current ?? { prefix: [], nodes: [] });
    return this.#hash
      .reset()
      .add(node.place)
      .add(node.choices[node.at] ?? 0).value;
  }

  /** All that is left, the largest pieces first, for another search. */
  rest(): readonly Piece[] {
    const current = this.#current;
    const others = [...this.open].filter((piece) => piece !== current);
    if (current === undefined || (this.path.length === 0 && this.#isRunning)) return [...this.open];
    const { prefix, share: whole } = current;
    const rest: Piece[] = [];
    const nodes: PieceNode[] = [];
    const taken = [...prefix];
    let share = whole;
    let outer = 0;
    for (const [i, node] of this.path.entries()) {
      const waiting = node.branch?.waiting ?? [];
      const width = Math.max(1, node.choices.length + waiting.length);
      const choice = node.choices[node.at];
      const isLeft = this.#isRunning && i === this.path.length - 1;
      // Others do not know what races, so they try all.
      const left = [...node.choices.slice(isLeft ? node.at : node.at + 1), ...waiting];
      if (!node.inner) {
        outer = i;
        nodes.length = 0;
      }
      if (left.length > 0) {
        const from = taken.length - (i - outer);
        rest.push({
          prefix: taken.slice(0, from),
          // What is asleep was explored to its end.
          nodes: [...nodes, { choices: left, asleep: [...node.asleep] }],
          share: (share * left.length) / width,
        });
      }
      if (choice === undefined) break;
      nodes.push({ choices: [choice], asleep: [...node.asleep] });
      taken.push(choice);
      share /= width;
    }
    return [...rest, ...others];
  }
}

/** Where a piece is: pieces of one job differ in it. */
function placeOf({ prefix, nodes }: Pick<Piece, 'prefix' | 'nodes'>): number {
  const hash = new Hash().addText('piece').add(prefix.length);
  for (const choice of prefix) hash.add(choice);
  for (const { choices } of nodes) {
    hash.add(choices.length);
    for (const choice of choices) hash.add(choice);
  }
  return hash.value;
}

function swap(choices: Choice[], one: number, two: number): void {
  const choice = choices[one];
  choices[one] = choices[two] ?? 0;
  choices[two] = choice ?? 0;
}
