/**
 * Calls of functions of the same file: what they do to mappings, as their summaries say.
 */
import type { Syntax } from '../parse/tree.ts';
import type { Evaluator } from './evaluate.ts';
import { assume, assumeCondition } from './facts.ts';
import type { Maps } from './maps.ts';
import type { Observed } from './observed.ts';
import { State } from './state.ts';
import { inCaller } from './summary.ts';
import type { Outcome } from './summary.ts';
import type { Unmaps } from './unmaps.ts';
import type { Uses } from './uses.ts';
import { mappedOf, mappedValue, pointee, readable, isMapped } from './value.ts';
import type { Value } from './value.ts';
import { isLocalPlace, shortened } from './walked.ts';
import type { Walked } from './walked.ts';

/** Takes the ways in which a called function can return. */
export class Callees {
  private readonly walked: Walked;
  private readonly observed: Observed;
  private readonly evaluator: Evaluator;
  private readonly maps: Maps;
  private readonly unmaps: Unmaps;
  private readonly uses: Uses;

  constructor(
    walked: Walked,
    observed: Observed,
    evaluator: Evaluator,
    maps: Maps,
    unmaps: Unmaps,
    uses: Uses,
  ) {
    this.walked = walked;
    this.observed = observed;
    this.evaluator = evaluator;
    this.maps = maps;
    this.unmaps = unmaps;
    this.uses = uses;
  }

  *call(state: State, name: string, given: readonly Value[], node: Syntax, place: string): Generator<State> {
    const summary = this.walked.summaryOf(name);
    this.observed.seeCall(state, name, node);
    this.uses.called(state, name, given, node);
    if (summary?.sleepsAt !== undefined) {
      state.hasSlept = true;
      this.uses.sleeps(state, name, node);
    }
    if (summary === undefined || !summary.hasEffect || summary.outcomes.length === 0) {
      for (const value of given) this.evaluator.forget(state, value, `c${String(node.start)}`);
      state.variables.set(place, state.fresh(`c${String(node.start)}`));
      yield state;
      return;
    }
    const { outcomes, parameters } = summary;
    const { block } = this.observed;
    const releases = outcomes.some(({ released }) => released.length > 0);
    for (const outcome of outcomes) {
      const after = outcomes.length === 1 ? state : new State(state);
      if (!this.#apply(after, outcome, parameters, given, node, name, place)) continue;
      const isSame =
        outcome.kept.length > 0 || outcome.basedOn !== undefined || outcome.returns?.startsWith('%') === true;
      if (releases && !isSame && outcome.released.length === 0 && block !== undefined)
        after.step(node.line, `${name.replace(/^__free_(\w+)$/, '__free($1)')} unmaps nothing`, {
          block,
          way: 0,
          value: `${name}()`,
        });
      yield after;
    }
  }

  #apply(
    state: State,
    outcome: Outcome,
    parameters: readonly string[],
    given: readonly Value[],
    node: Syntax,
    name: string,
    place: string,
  ): boolean {
    for (const [value, isTrue] of outcome.when)
      if (!assumeCondition(state.facts, inCaller(value, parameters, given), isTrue)) return false;
    this.observed.isInCallee = true;
    for (const { unmap, value } of outcome.released)
      this.unmaps.unmap(state, unmap, inCaller(value, parameters, given), node);
    let result: Value | undefined =
      outcome.returns === undefined ? undefined : inCaller(outcome.returns, parameters, given);
    for (const [index, { contract, page, object, places }] of outcome.kept.entries()) {
      const mapping = this.maps.begin(state, {
        contract,
        page: inCaller(page, parameters, given),
        shown: `what ${name} maps`,
        call: shortened(node.text),
        object: object === undefined ? undefined : inCaller(object, parameters, given),
        line: node.line,
        loop: this.walked.loopOf(node),
        slot: undefined,
        place,
        index,
      });
      state.step(node.line, `${name} calls ${contract.name}`);
      for (const where of places) {
        if (where === object) continue;
        if (where === 'return') result = mappedValue(mapping.token, 'start');
        else {
          const at = inCaller(where, parameters, given)
            .replace(/^\*&\((.*)\)$/, '$1')
            .replace(/^&\((.*)\)->/, '$1.');
          state.variables.set(at, mappedValue(mapping.token, 'start'));
          this.observed.putAway(mapping);
          if (!isLocalPlace(this.walked, at)) {
            const now = state.mapping(mapping.token);
            if (now !== undefined) state.change(now, { kept: readable(at) });
          }
        }
      }
    }
    this.observed.isInCallee = false;
    for (const value of given) {
      const variable = pointee(value);
      if (variable !== undefined && !isMapped(state.variables.get(variable) ?? ''))
        this.evaluator.forget(state, value, `c${String(node.start)}`);
    }
    for (const [where, number] of outcome.writes) {
      const to = inCaller(where, parameters, given);
      if (!to.startsWith('*')) state.variables.set(to, number);
    }
    const base = outcome.basedOn === undefined ? undefined : inCaller(outcome.basedOn, parameters, given);
    const token = base === undefined ? undefined : mappedOf(base)?.token;
    if (token !== undefined) result ??= mappedValue(token, 'derived');
    const value = result ?? state.fresh(`c${String(node.start)}`);
    if (outcome.isNot0 !== undefined && !assume(state.facts, value, outcome.isNot0)) return false;
    if (outcome.isError !== undefined && !assume(state.facts, `IS_ERR(${value})`, outcome.isError))
      return false;
    state.variables.set(place, value);
    return true;
  }
}
