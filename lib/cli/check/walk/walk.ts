/**
 * Walks through all paths of a function. States that know the same of its mappings become one where the paths meet.
 */
import type { Block } from '../flow/graph.ts';
import { livenessOf } from '../flow/liveness.ts';
import type { Liveness } from '../flow/liveness.ts';
import { argumentsOf, named } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { Callees } from './callees.ts';
import { Conversion } from './conversion.ts';
import { Evaluator } from './evaluate.ts';
import { CALL, Maps } from './maps.ts';
import { Observed } from './observed.ts';
import { State, join } from './state.ts';
import { Unmaps } from './unmaps.ts';
import { Uses } from './uses.ts';
import { shortened } from './walked.ts';
import type { WalkResult, Walked } from './walked.ts';
import { WaysOut } from './ways-out.ts';

const MAX_STEPS = 15_000;
const MAX_STATES_AT_JOIN = 24;

/** Walks through a function. */
export function walk(walked: Walked): WalkResult {
  return new Walk(walked).run();
}

interface Pending {
  readonly block: Block;
  readonly key: string;
}

class Walk {
  private readonly walked: Walked;
  private readonly evaluator: Evaluator;
  readonly #observed = new Observed();
  private readonly uses: Uses;
  private readonly unmaps: Unmaps;
  private readonly maps: Maps;
  private readonly callees: Callees;
  private readonly waysOut: WaysOut;
  private readonly live: Liveness;
  readonly #places = new Map<Syntax, string>();
  readonly #joined = new Map<Block, Map<string, State>>();
  /** Blocks with states that wait. */
  readonly #waiting: Pending[] = [];
  /** Ways that an earlier access excludes, and that were taken all the same. */
  readonly #excluded = new Set<string>();
  #isBounded = false;

  constructor(walked: Walked) {
    this.walked = walked;
    this.live = livenessOf(walked.graph);
    for (const block of walked.graph.blocks)
      if (block.does.kind === 'call') this.#places.set(block.does.node, `${CALL}${String(block.id)}`);
    const conversion = new Conversion(walked, this.#observed);
    this.uses = new Uses(walked, this.#observed, conversion);
    this.evaluator = new Evaluator(
      this.uses,
      this.#places,
      (name) => walked.types.get(name)?.endsWith('*') === true,
      walked.isQuestion,
    );
    this.unmaps = new Unmaps(walked, this.#observed, conversion);
    this.maps = new Maps(walked, this.#observed, this.uses, this.unmaps);
    this.callees = new Callees(walked, this.#observed, this.evaluator, this.maps, this.unmaps, this.uses);
    this.waysOut = new WaysOut(walked, this.#observed);
  }

  run(): WalkResult {
    const state = new State();
    for (const name of this.walked.parameters) state.variables.set(name, `%${name}`);
    this.#go(this.walked.graph.entry, state);
    let steps = 0;
    for (let next = this.#take(); next !== undefined; next = this.#take()) {
      const waiting = this.#joined.get(next.block)?.get(next.key);
      if (waiting === undefined) continue;
      let now: { readonly block: Block; readonly state: State } | undefined = {
        block: next.block,
        state: new State(waiting),
      };
      while (now !== undefined) {
        if (++steps > MAX_STEPS) {
          this.#isBounded = true;
          break;
        }
        now = this.#step(now.block, now.state);
      }
      if (this.#isBounded && steps > MAX_STEPS) break;
    }
    return {
      sightings: this.#observed.sightings,
      fates: [...this.#observed.fates.values()],
      foreign: this.#observed.foreign,
      sleeps: this.#observed.sleeps,
      calls: this.#observed.calls,
      releasesLock: this.#observed.releasesLock,
      outcomes: this.waysOut.outcomes,
      sleepsAt: this.waysOut.sleepsAt,
      isBounded: this.#isBounded,
    };
  }

  #take(): Pending | undefined {
    let best = 0;
    for (let at = 1; at < this.#waiting.length; at++)
      if ((this.#waiting[at]?.block.order ?? 0) < (this.#waiting[best]?.block.order ?? 0)) best = at;
    const [found] = this.#waiting.splice(best, 1);
    return found;
  }

  /** Puts a state before a block where ways meet; there it waits, or becomes one with another. */
  #go(block: Block, state: State): void {
    if (state.excludedIn !== undefined && block.ways > 1) return;
    const live = this.live.get(block);
    if (live !== undefined) state.forgetDead(live);
    state.tidy();
    const states = this.#joined.get(block) ?? new Map<string, State>();
    this.#joined.set(block, states);
    const key = state.key();
    const there = states.get(key);
    if (there === undefined) {
      if (states.size >= MAX_STATES_AT_JOIN) {
        this.#isBounded = true;
        return;
      }
      states.set(key, state);
    } else if (!join(there, state, String(block.id), block.ways > 1)) return;
    for (const each of this.#waiting) if (each.block === block && each.key === key) return;
    this.#waiting.push({ block, key });
  }

  /** Takes one step; returns the next one if it can be taken at once. */
  #step(block: Block, state: State): { readonly block: Block; readonly state: State } | undefined {
    const { does } = block;
    this.#observed.block = block;
    switch (does.kind) {
      case 'nothing':
        break;
      case 'evaluate':
        this.evaluator.value(state, does.node);
        break;
      case 'call':
        for (const each of this.#call(state, does.node, does.name, does.isStatement))
          this.#leave(block.next[0], each);
        return undefined;
      case 'branch':
        return this.#branch(block, state, does.node);
      case 'round':
        this.#round(state, does.node, does.macro);
        for (const next of block.next) this.#leave(next, new State(state));
        return undefined;
      case 'return':
        this.waysOut.leave(
          state,
          does.node === undefined ? undefined : this.evaluator.value(state, does.node),
          block.line,
        );
        return undefined;
    }
    const [next] = block.next;
    if (next === undefined) return undefined;
    if (next.ways < 2) return { block: next, state };
    this.#go(next, state);
    return undefined;
  }

  #leave(next: Block | undefined, state: State): void {
    if (next !== undefined) this.#go(next, state);
  }

  #branch(block: Block, state: State, node: Syntax): undefined {
    const { value, yes, no, excluded } = this.evaluator.branch(state, node, (from) => new State(from));
    if (excluded !== undefined) this.#exclude(block, excluded.way, excluded.state, node);
    const both = yes !== undefined && no !== undefined;
    if (!both) (yes ?? no ?? state).failed = undefined;
    const text = shortened(node.text);
    if (yes !== undefined) {
      if (both) yes.step(node.line, `${text} is true`, { block, way: 0, value });
      this.#leave(block.next[0], yes);
    }
    if (no !== undefined) {
      if (both) no.step(node.line, `${text} is false`, { block, way: 1, value });
      this.#leave(block.next[1], no);
    }
    return undefined;
  }

  // Each such way is taken once for what is mapped there.
  #exclude(block: Block, way: 0 | 1, state: State, node: Syntax): void {
    const mapped = state.mappings.map(({ token, status }) => `${token}${status}`);
    const key = `${String(block.id)} ${mapped.join(' ')}`;
    if (this.#excluded.has(key)) return;
    this.#excluded.add(key);
    state.step(
      node.line,
      `${shortened(node.text)} is ${way === 0 ? 'true' : 'false'}, although line ${String(state.excludedIn ?? 0)} excludes it`,
    );
    this.#leave(block.next[way], state);
  }

  // The variables that a loop by macro moves on.
  #round(state: State, node: Syntax, macro: string): void {
    const inside = named(node).at(0);
    const given = inside === undefined ? [] : flatComma(inside);
    const moved = /^for_each_sg|^for_each_sgtable/.test(macro) ? given.slice(1) : given.slice(0, 3);
    for (const each of moved) {
      if (!/^(identifier|field_expression|pointer_expression|subscript_expression)$/.test(each.type))
        continue;
      const place = this.evaluator.place(state, each);
      if (/^for_each_sg|^for_each_sgtable/.test(macro) && each === given[2] && given.length > 3) continue;
      this.evaluator.clear(state, place, `m${String(node.start)}`);
    }
  }

  *#call(state: State, node: Syntax, name: string, isStatement: boolean): Generator<State> {
    const nodes = argumentsOf(node);
    const place = this.#places.get(node) ?? '';
    const given = nodes.map((argument) => this.evaluator.value(state, argument));
    state.variables.delete(place);
    const map = this.walked.contracts.maps.get(name);
    const unmap = this.walked.contracts.unmaps.get(name);
    if (map !== undefined) {
      const toObject = isStatement && map.givesToObject === true;
      yield* this.maps.map(state, toObject ? { ...map, gives: 'object' } : map, given, node, place);
    } else if (unmap !== undefined) {
      if (unmap.name === 'vunmap') this.uses.maySleep(state, name, node);
      this.unmaps.unmap(state, unmap, given[unmap.argument] ?? '#0', node);
      state.variables.set(place, '#0');
      yield state;
    } else yield* this.callees.call(state, name, given, node, place);
  }
}

function flatComma(node: Syntax): readonly Syntax[] {
  if (node.type !== 'comma_expression') return [node];
  return named(node).flatMap(flatComma);
}
