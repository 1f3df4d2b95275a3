/**
 * Maps: what begins, and what a call that fails returns.
 */
import type { MapContract } from '../contracts/contract.ts';
import { argumentsOf } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import { assumePointer } from './facts.ts';
import { FixedSlots, slotOf } from './fixed-slots.ts';
import type { Observed } from './observed.ts';
import { State } from './state.ts';
import type { Mapping } from './state.ts';
import type { Unmaps } from './unmaps.ts';
import type { Uses } from './uses.ts';
import { mappedOf, mappedValue, pointee, readable } from './value.ts';
import type { Value } from './value.ts';
import { isLocalPlace, shortened, unmapTakesPage } from './walked.ts';
import type { Walked } from './walked.ts';

const MAX_REPEATS = 2;
/** Local mappings that a task can have at a time. */
const LOCAL_SLOTS = 16;

/** The name of the variable that has the result of the call of a block begins so. */
export const CALL = '$call';

/** A mapping that begins. */
interface Begun {
  readonly contract: MapContract;
  readonly page: Value;
  /** The page as the C file writes it. */
  readonly shown: string;
  /** The call as the C file writes it. */
  readonly call: string;
  readonly object: Value | undefined;
  readonly line: number;
  /** The innermost loop around it. */
  readonly loop: number;
  readonly slot: string | undefined;
  readonly place: string;
  /** Which of those that one call makes. */
  readonly index: number;
}

/** Begins mappings. */
export class Maps {
  private readonly walked: Walked;
  private readonly observed: Observed;
  private readonly uses: Uses;
  private readonly unmaps: Unmaps;
  private readonly slots: FixedSlots;

  constructor(walked: Walked, observed: Observed, uses: Uses, unmaps: Unmaps) {
    this.walked = walked;
    this.observed = observed;
    this.uses = uses;
    this.unmaps = unmaps;
    this.slots = new FixedSlots(observed);
  }

  /** Calls a map: the states after a failure, if it can fail, and after success. */
  *map(
    state: State,
    contract: MapContract,
    given: readonly Value[],
    node: Syntax,
    place: string,
  ): Generator<State> {
    if (contract.maySleep) {
      if (contract.name === 'kmap' && state.atomic > 0)
        this.observed.see(
          state,
          'kmap-in-atomic',
          node,
          'warning',
          'nothing in between unlocks, or enables them',
          `${shortened(node.text)} may sleep, and on this path the function holds a spin lock, or has disabled interrupts or preemption`,
        );
      this.observed.seeSleep(state, contract, node);
      this.uses.sleeps(state, contract.name, node);
      state.hasSlept = true;
    }
    const page = given[contract.page] ?? '';
    assumePointer(state.facts, page, node.line);
    if (contract.isReplaced === true)
      for (const older of state.mappings) if (older.object === page) this.#replace(state, older, node.line);
    if (contract.fails !== undefined) {
      const failed = new State(state);
      failed.variables.set(place, contract.fails === 'errno' ? '-E:ENOMEM' : '#0');
      failed.failed = { contract, line: node.line };
      failed.step(node.line, `${contract.name} fails`);
      yield failed;
    }
    const argument = argumentsOf(node)[contract.page];
    const shown = argument === undefined ? contract.name : shortened(argument.text);
    const made = this.begin(state, {
      contract,
      page,
      shown,
      call: shortened(node.text),
      object: undefined,
      line: node.line,
      loop: this.walked.loopOf(node),
      slot: slotOf(node),
      place,
      index: 0,
    });
    this.slots.taken(state, made, node);
    const { object } = made;
    if (object === undefined) state.variables.set(place, mappedValue(made.token, 'start'));
    else {
      state.variables.set(place, contract.fails === 'false' ? '#1' : '#0');
      this.#fill(state, object, made);
    }
    state.step(node.line, `${contract.name} maps ${shown}`);
    yield state;
  }

  // As many mappings as rounds: a loop with a small number of rounds may mean it.
  #seeOverflow(state: State, older: Mapping, line: number): void {
    const most = this.walked.roundsOf(older.loop);
    if (older.loop < 0 || (most !== undefined && most <= LOCAL_SLOTS)) return;
    this.observed.see(
      state,
      'slot-overflow',
      { line },
      'note',
      most === undefined
        ? `nothing in the head of the loop says that there are at most ${String(LOCAL_SLOTS)} rounds`
        : `there are up to ${String(most)} rounds`,
      `each round maps with ${older.call}, and those of the rounds before are still mapped`,
      older,
    );
  }

  // What an iterator mapped ends with its next step. How many steps there are, its caller knows better than the walk.
  #replace(state: State, older: Mapping, line: number): void {
    if (older.status === 'held') this.unmaps.end(state, older, line, older.contract.name);
    state.mappings = state.mappings.filter(({ token }) => token !== older.token);
    for (const [name, value] of state.variables)
      if (mappedOf(value)?.token === older.token) state.variables.set(name, '‹old›');
  }

  // The field of the object that has the address.
  #fill(state: State, object: Value, { contract, token }: Mapping): void {
    if (contract.addressField === undefined) return;
    const variable = pointee(object);
    const place =
      variable === undefined ? `${object}->${contract.addressField}` : `${variable}.${contract.addressField}`;
    state.variables.set(place, mappedValue(token, 'start'));
  }

  /** Begins a mapping; `place` is the variable of the call that makes it. */
  begin(state: State, begun: Begun): Mapping {
    const { contract, page, shown, call, object, line, loop, slot, place, index } = begun;
    const base = String(100 * Number(place.slice(CALL.length)) + index);
    let token = base;
    for (let copy = 1; state.mapping(token) !== undefined && copy <= MAX_REPEATS; copy++) {
      const older = state.mapping(token);
      // What is released is forgotten; its variables hold an old address.
      if (older?.status === 'released') {
        state.mappings = state.mappings.filter((each) => each !== older);
        for (const [name, value] of state.variables)
          if (mappedOf(value)?.token === token) state.variables.set(name, '‹old›');
        break;
      }
      token = `${base}.${String(copy)}`;
    }
    // What was undone before for the same page has no part in this.
    state.mappings = state.mappings.filter(
      (each) => each.status === 'held' || !each.isByPage || each.page !== page || state.holds(each.token),
    );
    const there = state.mapping(token);
    if (there?.status === 'held' && contract.isLocal && !this.observed.isInCallee)
      this.#seeOverflow(state, there, line);
    if (there !== undefined) state.mappings = state.mappings.filter((each) => each !== there);
    const held = object ?? (contract.gives === 'object' ? page : undefined);
    const mapping: Mapping = {
      token,
      contract,
      line,
      page,
      shown,
      call,
      object: held,
      hasEntryOffset: false,
      slot,
      isByPage: unmapTakesPage(this.walked, contract),
      loop,
      status: 'held',
      releasedLine: undefined,
      since: state.path,
      block: this.observed.block,
      isReleasedInCallee: false,
      kept:
        held !== undefined && !isLocalPlace(this.walked, pointee(held) ?? held) ? readable(held) : undefined,
      isVague: there !== undefined,
      isElement: false,
      elements: [],
    };
    state.mappings = [...state.mappings, mapping];
    this.observed.fate(mapping);
    return mapping;
  }
}
