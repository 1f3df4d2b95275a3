/**
 * Checks option objects: keys must be known, and values must have the right type. TypeScript checks this too, but not
 * every caller is compiled with types, and a misspelt option would silently have no effect.
 */
import { ConfigError } from './invariant.ts';

/** The values of an option: one of some strings, a type, or `anything`, which is checked where it is used. */
export type Accepts =
  readonly string[] | 'boolean' | 'number' | 'string' | 'function' | 'object' | 'anything';

function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

function fits(value: unknown, accepts: Accepts): boolean {
  if (typeof accepts === 'object') return typeof value === 'string' && accepts.includes(value);
  if (accepts === 'anything') return true;
  return typeof value === accepts && value !== null;
}

function inWords(accepts: Accepts): string {
  if (typeof accepts === 'object') return accepts.map((one) => `'${one}'`).join(' or ');
  if (accepts === 'boolean') return 'true or false';
  return `${accepts === 'object' ? 'an' : 'a'} ${accepts}`;
}

/** Refuses a value that an argument cannot have. */
export function checkChoice(name: string, value: unknown, accepts: Accepts): void {
  if (!fits(value, accepts))
    throw new ConfigError(`${name} is ${show(value)}; it must be ${inWords(accepts)}`);
}

/** Refuses unknown keys and values of another type; `undefined` is the default everywhere. */
export function checkOptions(what: string, options: unknown, known: Readonly<Record<string, Accepts>>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    throw new ConfigError(`${what} takes an object of options, not ${show(options)}`);
  for (const [name, value] of Object.entries<unknown>({ ...options })) {
    const accepts = Object.hasOwn(known, name) ? known[name] : undefined;
    if (accepts === undefined)
      throw new ConfigError(`${what} has no option '${name}'; it has ${Object.keys(known).join(', ')}`);
    if (value !== undefined) checkChoice(name, value, accepts);
  }
}
