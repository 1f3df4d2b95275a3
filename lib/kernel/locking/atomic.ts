/**
 * `atomic_t`: a number that every context reads and changes in one indivisible step.
 *
 * Each operation is recorded, so that the explorer tries every order of those that matter.
 */
import type { Hash } from '../../base/hash.ts';
import { ConfigError } from '../../base/invariant.ts';
import type { Machine } from '../core/machine.ts';

const LEAST = -(2 ** 31);
const MOST = 2 ** 31 - 1;

/** A number of 32 bits with a sign; it wraps around, as in Linux. Two atomics of one machine may have one name. */
export class Atomic {
  readonly machine: Machine;
  readonly name: string;
  private readonly id: number;
  private value: number;

  constructor(machine: Machine, name: string, initial = 0) {
    if (!isInt(initial))
      throw new ConfigError(`the value of atomic "${name}" is ${String(initial)}; ${expected}`);
    this.machine = machine;
    this.name = name;
    this.id = machine.stamp();
    this.value = initial;
  }

  /** Adds the value to a state key. */
  addTo(hash: Hash): void {
    hash.addText(this.name).add(this.value);
  }

  /**
   * Returns the value.
   *
   * @linux atomic_read (7.2)
   * @context any; does not sleep
   */
  read(): number {
    this.#record('read', this.value, false);
    return this.value;
  }

  /**
   * Sets the value.
   *
   * @linux atomic_set (7.2)
   * @context any; does not sleep
   */
  set(value: number): void {
    this.#check(value);
    this.#become(value, false);
  }

  /**
   * Adds a number.
   *
   * @linux atomic_add (7.2)
   * @context any; does not sleep
   */
  add(n: number): void {
    this.#check(n);
    this.#become(this.value + n, false);
  }

  /**
   * Subtracts a number.
   *
   * @linux atomic_sub (7.2)
   * @context any; does not sleep
   */
  sub(n: number): void {
    this.#check(n);
    this.#become(this.value - n, false);
  }

  /**
   * Adds one.
   *
   * @linux atomic_inc (7.2)
   * @context any; does not sleep
   */
  inc(): void {
    this.add(1);
  }

  /**
   * Subtracts one.
   *
   * @linux atomic_dec (7.2)
   * @context any; does not sleep
   */
  dec(): void {
    this.sub(1);
  }

  /**
   * Adds a number and returns the new value.
   *
   * @linux atomic_add_return (7.2)
   * @context any; does not sleep
   */
  addReturn(n: number): number {
    this.#check(n);
    return this.#become(this.value + n, true);
  }

  /**
   * Subtracts a number and returns the new value.
   *
   * @linux atomic_sub_return (7.2)
   * @context any; does not sleep
   */
  subReturn(n: number): number {
    this.#check(n);
    return this.#become(this.value - n, true);
  }

  /**
   * Adds one and returns the new value.
   *
   * @linux atomic_inc_return (7.2)
   * @context any; does not sleep
   */
  incReturn(): number {
    return this.addReturn(1);
  }

  /**
   * Subtracts one and returns the new value.
   *
   * @linux atomic_dec_return (7.2)
   * @context any; does not sleep
   */
  decReturn(): number {
    return this.subReturn(1);
  }

  /**
   * Adds a number and returns the value before.
   *
   * @linux atomic_fetch_add (7.2)
   * @context any; does not sleep
   */
  fetchAdd(n: number): number {
    this.#check(n);
    const before = this.value;
    this.#become(before + n, true);
    return before;
  }

  /**
   * Subtracts a number and returns the value before.
   *
   * @linux atomic_fetch_sub (7.2)
   * @context any; does not sleep
   */
  fetchSub(n: number): number {
    this.#check(n);
    const before = this.value;
    this.#become(before - n, true);
    return before;
  }

  /**
   * Sets the bits of a mask and returns the value before.
   *
   * @linux atomic_fetch_or (7.2)
   * @context any; does not sleep
   */
  fetchOr(mask: number): number {
    this.#check(mask);
    const before = this.value;
    this.#become(before | mask, true);
    return before;
  }

  /**
   * Keeps the bits of a mask and returns the value before.
   *
   * @linux atomic_fetch_and (7.2)
   * @context any; does not sleep
   */
  fetchAnd(mask: number): number {
    this.#check(mask);
    const before = this.value;
    this.#become(before & mask, true);
    return before;
  }

  /**
   * Subtracts one and returns whether the new value is 0.
   *
   * @linux atomic_dec_and_test (7.2)
   * @context any; does not sleep
   */
  decAndTest(): boolean {
    return this.subReturn(1) === 0;
  }

  /**
   * Adds one and returns whether the new value is 0.
   *
   * @linux atomic_inc_and_test (7.2)
   * @context any; does not sleep
   */
  incAndTest(): boolean {
    return this.addReturn(1) === 0;
  }

  /**
   * Adds a number unless the value is another; returns whether it did.
   *
   * @linux atomic_add_unless (7.2)
   * @context any; does not sleep
   */
  addUnless(n: number, unless: number): boolean {
    this.#check(n);
    this.#check(unless);
    if (this.value === unless) return this.#refuse();
    this.#become(this.value + n, true);
    return true;
  }

  /**
   * Adds one unless the value is 0; returns whether it did.
   *
   * @linux atomic_inc_not_zero (7.2)
   * @context any; does not sleep
   */
  incNotZero(): boolean {
    return this.addUnless(1, 0);
  }

  /**
   * Subtracts one unless the new value would be negative; returns the value less one in both cases.
   *
   * @linux atomic_dec_if_positive (7.2)
   * @context any; does not sleep
   */
  decIfPositive(): number {
    const after = (this.value - 1) | 0;
    if (after < 0) this.#refuse();
    else this.#become(after, true);
    return after;
  }

  /**
   * Sets the value and returns the value before.
   *
   * @linux atomic_xchg (7.2)
   * @context any; does not sleep
   */
  xchg(value: number): number {
    this.#check(value);
    const before = this.value;
    this.#become(value, true);
    return before;
  }

  /**
   * Sets the value if it is `expected`, and returns the value before in both cases.
   *
   * @linux atomic_cmpxchg (7.2)
   * @context any; does not sleep
   */
  cmpxchg(expected: number, value: number): number {
    this.#check(expected);
    this.#check(value);
    const before = this.value;
    if (before === expected) this.#become(value, true);
    else this.#refuse();
    return before;
  }

  #become(value: number, isOrdered: boolean): number {
    const before = this.value;
    this.value = value | 0;
    this.#record(isOrdered ? 'exchange' : 'set', before, true);
    return this.value;
  }

  // A conditional operation that changes nothing is a read, and orders nothing.
  #refuse(): false {
    this.#record('read', this.value, false);
    return false;
  }

  #record(verb: 'read' | 'set' | 'exchange', before: number, isWrite: boolean): void {
    const { hardware, executing } = this.machine;
    if (hardware.trace === undefined) return;
    const { name, id, value } = this;
    hardware.trace.record({ event: 'atomic', by: executing.actor, name, id, verb, before, value, isWrite });
  }

  #check(n: number): void {
    const { config, hardware, executing } = this.machine;
    if (isInt(n) || (config.semantics === 'compatible' && Number.isInteger(n))) return;
    hardware.violate({
      rule: 'bad-number',
      severity: 'bug',
      what: `a number for atomic "${this.name}" is ${String(n)}; ${expected}`,
      context: executing.state(),
    });
  }
}

const expected = `it must be a whole number from ${String(LEAST)} to ${String(MOST)}`;

function isInt(n: number): boolean {
  return Number.isInteger(n) && n >= LEAST && n <= MOST;
}
