/**
 * The states of a program and the steps between them, to find out whether a schedule can go round for ever without
 * starving an actor (Emerson and Lei, Science of Computer Programming 8, 1987, for strong fairness).
 */
import { END, actorOf, isInner } from '../choice.ts';
import type { Choice } from '../choice.ts';

interface Edge {
  readonly choices: readonly Choice[];
  readonly actors: readonly number[];
  readonly to: number;
}

interface State {
  readonly enabled: ReadonlySet<number>;
  readonly edges: Edge[];
}

/** Rounds of a cycle that show it: from the second on, the actors are seen to come back to where they were. */
const ROUNDS = 8;

/** The states that were met, by their keys. */
export class StateGraph {
  readonly #states = new Map<number, State>();
  /** The states in which a search began, with the schedule up to there. */
  readonly #roots = new Map<number, readonly Choice[]>();

  /** Notes a state and who can act there. */
  state(key: number, choices: readonly Choice[]): void {
    if (this.#states.has(key)) return;
    // Where the schedule may end, only interrupts are left that need not come.
    const enabled = new Set(choices.includes(END) ? [] : choices.map(actorOf));
    this.#states.set(key, { enabled, edges: [] });
  }

  root(key: number, schedule: readonly Choice[]): void {
    if (!this.#roots.has(key)) this.#roots.set(key, schedule);
  }

  /** Notes a step from one state to another, with what happened inside it. */
  edge(from: number, choices: readonly Choice[], to: number): void {
    const actors = choices.filter((choice) => !isInner(choice)).map(actorOf);
    this.#states.get(from)?.edges.push({ choices, actors, to });
  }

  /** A schedule that goes round for ever and starves no actor; `undefined` if there is none. */
  fairCycle(): readonly Choice[] | undefined {
    const open: ReadonlySet<number>[] = [new Set(this.#states.keys())];
    for (let within = open.pop(); within !== undefined; within = open.pop()) {
      for (const part of this.#components(within)) {
        const inside = [...part];
        const edges = inside.flatMap((key) => this.#edgesIn(key, part));
        if (edges.length === 0) continue;
        const acting = new Set(edges.flatMap(({ actors }) => actors));
        const starving = inside.filter((key) => [...this.#enabled(key)].some((actor) => !acting.has(actor)));
        if (starving.length === 0) return this.#schedule(part, acting);
        // A cycle that starves no actor keeps away from where one could act that does not.
        const rest = new Set(inside.filter((key) => !starving.includes(key)));
        if (rest.size > 0) open.push(rest);
      }
    }
    return undefined;
  }

  #enabled(key: number): ReadonlySet<number> {
    return this.#states.get(key)?.enabled ?? new Set();
  }

  #edgesIn(key: number, part: ReadonlySet<number>): readonly Edge[] {
    return (this.#states.get(key)?.edges ?? []).filter(({ to }) => part.has(to));
  }

  /** The strongly connected components (Tarjan), without recursion. */
  #components(within: ReadonlySet<number>): readonly ReadonlySet<number>[] {
    const found: ReadonlySet<number>[] = [];
    const index = new Map<number, number>();
    const low = new Map<number, number>();
    const stack: number[] = [];
    const onStack = new Set<number>();
    for (const start of within) {
      if (index.has(start)) continue;
      const calls: { readonly key: number; readonly edges: readonly Edge[]; at: number }[] = [];
      const enter = (key: number): void => {
        index.set(key, index.size);
        low.set(key, index.size - 1);
        stack.push(key);
        onStack.add(key);
        calls.push({ key, edges: this.#edgesIn(key, within), at: 0 });
      };
      const lower = (key: number, to: number): void => {
        low.set(key, Math.min(low.get(key) ?? 0, to));
      };
      enter(start);
      for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
        const { key } = call;
        const edge = call.edges[call.at];
        call.at += 1;
        if (edge !== undefined) {
          const to = index.get(edge.to);
          if (to === undefined) enter(edge.to);
          else if (onStack.has(edge.to)) lower(key, to);
          continue;
        }
        calls.pop();
        const caller = calls.at(-1);
        if (caller !== undefined) lower(caller.key, low.get(key) ?? 0);
        if (low.get(key) !== index.get(key)) continue;
        const part = new Set(stack.splice(stack.indexOf(key)));
        for (const one of part) onStack.delete(one);
        found.push(part);
      }
    }
    return found;
  }

  /** From a beginning to a cycle through steps of all its actors, and round it. */
  #schedule(part: ReadonlySet<number>, acting: ReadonlySet<number>): readonly Choice[] | undefined {
    const all = new Set(this.#states.keys());
    for (const [root, given] of this.#roots) {
      const way = this.#path(root, all, (key) => part.has(key));
      if (way === undefined) continue;
      const round: Choice[] = [];
      let at = way.end;
      for (const actor of acting) {
        const there = this.#path(at, part, (key) =>
          this.#edgesIn(key, part).some(({ actors }) => actors.includes(actor)),
        );
        if (there === undefined) continue;
        const edge = this.#edgesIn(there.end, part).find(({ actors }) => actors.includes(actor));
        round.push(...there.choices, ...(edge?.choices ?? []));
        at = edge?.to ?? there.end;
      }
      const back = this.#path(at, part, (key) => key === way.end);
      round.push(...(back?.choices ?? []));
      return [...given, ...way.choices, ...Array.from({ length: ROUNDS }, () => round).flat()];
    }
    return undefined;
  }

  #path(
    from: number,
    within: ReadonlySet<number>,
    isEnd: (key: number) => boolean,
  ): { readonly choices: readonly Choice[]; readonly end: number } | undefined {
    const open: { readonly choices: readonly Choice[]; readonly end: number }[] = [
      { choices: [], end: from },
    ];
    const met = new Set([from]);
    for (const path of open) {
      if (isEnd(path.end)) return path;
      for (const { choices, to } of this.#edgesIn(path.end, within)) {
        if (met.has(to)) continue;
        met.add(to);
        open.push({ choices: [...path.choices, ...choices], end: to });
      }
    }
    return undefined;
  }
}
