/**
 * Checks the keys and values of a contract, because shared code would take a misspelt word for `no`.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkChoice, checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { configWhole } from '../base/whole.ts';
import type { MemoryKind } from '../machine/memory.ts';
import type { Contract, KindTerms, Nesting } from './contract.ts';

const CONTRACT: Readonly<Record<keyof Contract, Accepts>> = {
  name: 'string',
  mirrors: 'string',
  contexts: 'object',
  sleeps: 'boolean',
  scope: ['global', 'task', 'cpu'],
  nesting: 'object',
  except: 'object',
  contiguous: 'boolean',
  direct: 'boolean',
  disables: 'object',
  disablesRt: 'object',
  errors: 'object',
};
const TERMS: Readonly<Record<keyof KindTerms, Accepts>> = { scope: CONTRACT.scope, nesting: 'object' };
const NESTING: Readonly<Record<keyof Nesting, Accepts>> = {
  order: ['any', 'lifo'],
  limitedBy: 'anything',
  beyond: 'string',
};
const LIMITS = ['localSlots', 'pkmapSlots', 'bounceSlots', 'vmallocPages', 'nothing'];
const KINDS: Readonly<Record<MemoryKind, 'object'>> = {
  lowmem: 'object',
  highmem: 'object',
  iomem: 'object',
  protected: 'object',
  unmappable: 'object',
};
const CONTEXTS = ['task', 'softirq', 'hardirq', 'nmi'];
const EFFECTS = ['preemption', 'migration', 'pageFaults'];

// Backends are made for each context but share one contract, so a contract is checked once.
const CHECKED = new WeakSet<Contract>();

/** Refuses a contract with unknown keys or values. */
export function checkContract(contract: Contract): void {
  if (CHECKED.has(contract)) return;
  const what = `contract ${contract.name}`;
  checkAll(what, contract, CONTRACT, ['except', 'mirrors']);
  checkEach(`contexts of ${what}`, contract.contexts, CONTEXTS);
  checkEach(`disables of ${what}`, contract.disables, EFFECTS);
  checkEach(`disablesRt of ${what}`, contract.disablesRt, EFFECTS);
  checkNesting(what, contract.nesting);
  checkAll(`errors of ${what}`, contract.errors, KINDS, []);
  checkOptions(`except of ${what}`, contract.except ?? {}, KINDS);
  for (const [kind, terms] of Object.entries(contract.except ?? {})) {
    checkAll(`except.${kind} of ${what}`, terms, TERMS, []);
    checkNesting(`except.${kind} of ${what}`, terms.nesting);
  }
  CHECKED.add(contract);
}

function checkAll(
  what: string,
  value: object,
  known: Readonly<Record<string, Accepts>>,
  optional: readonly string[],
): void {
  checkOptions(what, value, known);
  const given: Readonly<Record<string, unknown>> = { ...value };
  for (const [key, accepts] of Object.entries(known)) {
    if (optional.includes(key)) continue;
    if (!Object.hasOwn(given, key)) throw new ConfigError(`${what} says nothing about ${key}`);
    checkChoice(key, given[key], accepts);
  }
}

function checkEach(what: string, values: readonly string[], known: readonly string[]): void {
  if (!Array.isArray(values)) throw new ConfigError(`${what} are no array`);
  for (const value of values) checkChoice(`one of the ${what}`, value, known);
}

function checkNesting(what: string, nesting: Nesting): void {
  checkAll(`nesting of ${what}`, nesting, NESTING, []);
  const { limitedBy } = nesting;
  if (typeof limitedBy === 'number') configWhole(`nesting.limitedBy of ${what}`, limitedBy, 0);
  else checkChoice(`nesting.limitedBy of ${what}`, limitedBy, LIMITS);
}
