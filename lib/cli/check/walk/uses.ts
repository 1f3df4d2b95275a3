/**
 * What a function does while something is mapped: accesses, stores, calls.
 */
import {
  ATOMIC,
  FAULTS,
  SLEEPING_FLAGS,
  SLEEPS,
  SLEEPS_BY_FLAGS,
  accessedArguments,
} from '../contracts/effects.ts';
import { argumentsOf, part } from '../parse/tree.ts';
import type { Syntax } from '../parse/tree.ts';
import type { Conversion } from './conversion.ts';
import { Frees } from './frees.ts';
import type { Observed } from './observed.ts';
import { Overruns } from './overruns.ts';
import type { Mapping, State } from './state.ts';
import { mappedOf, mappedValue, pointee } from './value.ts';
import type { Value } from './value.ts';
import { isLocalPlace, mappingText, shortened, unmapTakesPage } from './walked.ts';
import type { Walked } from './walked.ts';

// They put an address where others see it.
const PUBLISHES = /^(?:try_)?x?(?:cmp)?xchg|^rcu_assign_pointer$|^WRITE_ONCE$|^smp_store_release$/;

/** Maps that disable page faults on every kernel. */
const DISABLES_FAULTS =
  /^(?:__)?(?:kmap_atomic|bio_kmap|kmap_skb_frag|crypto_kmap|bvec_kmap_irq|io_mapping_map_atomic)/;

/** Judges what is done with mapped addresses, and beside them. */
export class Uses {
  private readonly walked: Walked;
  private readonly observed: Observed;
  private readonly conversion: Conversion;
  private readonly overruns: Overruns;
  private readonly frees: Frees;
  /** Whether the function disables page faults by a call, so that it knows what becomes of them. */
  #disablesFaults = false;
  /** Lines that access the memory of a user with nothing mapped atomically. */
  readonly #faulting = new Set<number>();

  constructor(walked: Walked, observed: Observed, conversion: Conversion) {
    this.walked = walked;
    this.observed = observed;
    this.conversion = conversion;
    this.overruns = new Overruns(observed);
    this.frees = new Frees(walked, observed);
  }

  moved(state: State, address: Value, by: Value, at: Syntax): void {
    this.overruns.moved(state, address, by, at);
  }

  accessed(state: State, address: Value, at: Syntax): void {
    if (address === '#0') this.#throughNull(state, at);
    const mapped = mappedOf(address);
    const mapping = mapped === undefined ? undefined : state.mapping(mapped.token);
    if (mapping?.status === 'held') this.observed.used(mapping);
    if (mapping?.status === 'released' && mapped?.offset !== 'derived')
      this.observed.see(
        state,
        'use-after-unmap',
        at,
        'error',
        'the address is used on a path on which its mapping has ended',
        `${shortened(at.text)} is read or written through ${mappingText(mapping)}, which line ${String(mapping.releasedLine ?? 0)} has unmapped`,
        mapping,
      );
  }

  // What a map that can fail returned is used although nothing has tested it.
  #throughNull(state: State, at: Syntax): void {
    if (state.failed === undefined) return;
    const { name } = state.failed.contract;
    this.observed.see(
      state,
      'null-pointer',
      at,
      name.startsWith('pte_') ? 'note' : 'warning',
      `nothing tests what ${name} returned`,
      `${shortened(at.text)} uses what ${name} of line ${String(state.failed.line)} returned, which may be NULL`,
    );
  }

  stored(state: State, place: string, value: Value, at: Syntax): void {
    const before = mappedOf(state.variables.get(place) ?? '');
    const now = mappedOf(value);
    if (before !== undefined && before.token !== now?.token)
      this.#overwritten(state, place, before.token, at);
    if (now === undefined) return;
    const mapping = state.mapping(now.token);
    if (mapping?.status !== 'held') return;
    if (/[.[>]/.test(place)) this.observed.putAway(mapping);
    // An element of an array whose index is not known: which one it is, only a loop could tell.
    if (/\[[^\]]*‹/.test(place))
      state.change(mapping, {
        isElement: true,
        elements: [...mapping.elements, shortened((part(at, 'left') ?? at).text)],
      });
    if (isLocalPlace(this.walked, place)) return;
    const held = state.mapping(mapping.token);
    if (held !== undefined) state.change(held, { kept: shortened((part(at, 'left') ?? at).text) });
  }

  #overwritten(state: State, place: string, token: string, at: Syntax): void {
    const mapping = state.mapping(token);
    if (mapping?.status !== 'held' || mapping.kept !== undefined || state.holds(token, place)) return;
    if (mapping.contract.gives === 'object' || unmapTakesPage(this.walked, mapping.contract)) return;
    if (state.excludedIn === undefined) {
      const fate = this.observed.fate(mapping);
      fate.lost.set(at.line, state.path);
      fate.overwrittenAt.add(at.line);
    }
    state.mappings = state.mappings.filter((each) => each !== mapping);
  }

  called(state: State, name: string | undefined, values: readonly Value[], at: Syntax): void {
    this.overruns.called(state, name ?? shortened(part(at, 'function')?.text ?? ''), values, at);
    if (name === undefined) return;
    const change = ATOMIC.get(name);
    if (change !== undefined) {
      if (state.atomic + change < 0) this.observed.releasesLock = true;
      state.atomic = Math.max(0, state.atomic + change);
      if (name === 'pagefault_disable') this.#disablesFaults = true;
      if (name.includes('irq')) state.interruptsOff = Math.max(0, state.interruptsOff + change);
      return;
    }
    this.maySleep(state, name, at);
    this.#mayFault(state, name, at);
    this.conversion.relied(state, name, at);
    if (accessedArguments(name).some((index) => values[index] === '#0')) this.#throughNull(state, at);
    for (const [index, value] of values.entries()) {
      const mapped = mappedOf(value);
      const mapping = mapped === undefined ? undefined : state.mapping(mapped.token);
      if (mapping?.status === 'held') this.observed.used(mapping);
      if (
        mapping?.status === 'held' &&
        mapping.kept === undefined &&
        (PUBLISHES.test(name) || this.walked.stores(name, index))
      )
        state.change(mapping, { kept: `an argument of ${name}` });
      if (
        mapping?.status === 'released' &&
        mapped?.offset !== 'derived' &&
        !/^(?:pr_|printk|dev_|WARN|trace_)/.test(name)
      )
        this.observed.see(
          state,
          'use-after-unmap',
          at,
          'error',
          'the address is given to a function after its mapping has ended',
          `${shortened(at.text)} is given an address of ${mappingText(mapping)}, which line ${String(mapping.releasedLine ?? 0)} has unmapped`,
          mapping,
        );
    }
    this.frees.called(state, name, values, at);
    this.#advanced(state, name, values);
    for (const [index, value] of values.entries()) this.#movedFields(state, name, index, value);
  }

  // A function of the file that moves an address on in the structure that it is given.
  #movedFields(state: State, name: string, index: number, object: Value): void {
    const variable = pointee(object);
    const within = variable === undefined ? `${object}->` : `${variable}.`;
    for (const [place, value] of state.variables) {
      const mapped = place.startsWith(within) ? mappedOf(value) : undefined;
      const field = place.slice(within.length);
      if (mapped !== undefined && /^\w+$/.test(field) && this.walked.moves(name, index, field))
        state.variables.set(place, mappedValue(mapped.token, 'moved'));
    }
  }

  // zlib moves next_in and next_out of the stream that it is given.
  #advanced(state: State, name: string, values: readonly Value[]): void {
    if (!/^(?:zlib_)?(?:inflate|deflate)$/.test(name)) return;
    const stream = values[0] ?? '';
    const prefix = pointee(stream) ?? stream;
    for (const [place, value] of state.variables) {
      const mapped = mappedOf(value);
      if (mapped !== undefined && place.startsWith(prefix))
        state.variables.set(place, mappedValue(mapped.token, 'moved'));
    }
  }

  maySleep(state: State, name: string, at: Syntax): void {
    const flags = SLEEPS_BY_FLAGS.get(name);
    const text = flags === undefined ? '' : (argumentsOf(at)[flags]?.text ?? '');
    if (!SLEEPS.has(name) && !SLEEPING_FLAGS.test(text)) return;
    if (!/^cond_resched$/.test(name)) state.hasSlept = true;
    this.sleeps(state, name, at);
  }

  #mayFault(state: State, name: string, at: Syntax): void {
    if (!FAULTS.test(name) || this.#disablesFaults) return;
    const atomic = heldAtomic(state);
    if (atomic === undefined) {
      // Where the same call is made without an atomic mapping too, the caller chooses which, and knows why.
      this.#faulting.add(at.line);
      this.observed.withdraw('sleep-in-atomic', at.line);
    }
    if (atomic === undefined || this.#faulting.has(at.line)) return;
    if (!DISABLES_FAULTS.test(atomic.contract.name)) return;
    this.observed.see(
      state,
      'sleep-in-atomic',
      at,
      // Who calls the form without a check of the range may want it to fail.
      name.startsWith('__') ? 'warning' : 'error',
      `${atomic.contract.name} disables page faults until ${atomic.contract.unmap}`,
      `${name} may fault in a page of the user, and ${mappingText(atomic)} is still mapped`,
      atomic,
      'user memory',
    );
  }

  sleeps(state: State, name: string, at: { readonly line: number }): void {
    const atomic = heldAtomic(state);
    if (atomic === undefined) return;
    this.observed.see(
      state,
      'sleep-in-atomic',
      at,
      'error',
      `nothing may sleep between ${atomic.contract.name} and ${atomic.contract.unmap}`,
      `${name} may sleep, and ${mappingText(atomic)} is still mapped`,
      atomic,
    );
  }
}

function heldAtomic({ mappings }: State): Mapping | undefined {
  return mappings.find(({ status, contract }) => status === 'held' && contract.isAtomic);
}
