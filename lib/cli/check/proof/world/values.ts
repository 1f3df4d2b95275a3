/**
 * The values that a world tries for a number: those that the code compares it with, and their neighbours.
 */

/** The values by the name of a variable, a member, or a function that returns them, as C writes them. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** More of them than this would take too long. */
const MOST = 6;

const CONSTANT = String.raw`(-?\b(?:0[xX][\da-fA-F]+|\d+)[uUlL]*\b|\b[A-Z][A-Za-z\d_]{2,}\b(?!\s*\())`;
const NAME = String.raw`\b([A-Za-z_]\w*)\b(?:\s*\[[^\]]*\])?\s*\)?`;
const RIGHT = new RegExp(String.raw`${NAME}\s*(==|!=|<=|>=|<(?!<)|>(?!>)|&(?!&))\s*\(?${CONSTANT}`, 'g');
const LEFT = new RegExp(String.raw`${CONSTANT}\s*(==|!=|<=|>=|<(?!<)|>(?!>)|&(?!&))\s*${NAME}`, 'g');

/** Finds them in the text of functions. */
export function valuesIn(text: string): Values {
  const found = new Map<string, Set<string>>();
  const add = (name: string, values: readonly string[]): void => {
    const all = found.get(name) ?? new Set();
    for (const value of values) if (all.size < MOST) all.add(value);
    found.set(name, all);
  };
  for (const [, name = '', operator = '', constant = ''] of text.matchAll(RIGHT))
    if (/^[a-z_]/.test(name)) add(name, around(operator, constant));
  for (const [, constant = '', operator = '', name = ''] of text.matchAll(LEFT))
    if (/^[a-z_]/.test(name)) add(name, around(operator, constant));
  for (const [, bit = '', name = ''] of text.matchAll(
    /\b(?:test_bit|test_and_\w+_bit)\s*\(([^,()]*),[^;{]*?(\w+)\s*\)/g,
  ))
    add(name, [`1ULL << (${bit})`]);
  for (const { 1: subject = '', index } of text.matchAll(/\bswitch\s*\(([^{]*)\)\s*\{/g)) {
    const [name] = /\w+(?=\W*$)/.exec(subject) ?? [];
    if (name === undefined) continue;
    const [body = ''] = text.slice(index + 6).split(/\bswitch\b/);
    add(
      name,
      [...body.matchAll(/\bcase\s+(\w+)\s*:/g)].map(([, label = '']) => label),
    );
  }
  // `len = command->length;`: what `len` is compared with, `length` is.
  for (const [, to = '', from = ''] of text.matchAll(/\b(\w+)\s*=\s*[^;=()]*?(?:->|\.)(\w+)\s*;/g))
    add(from, [...(found.get(to) ?? [])]);
  for (const [, to = '', from = ''] of text.matchAll(/\b(\w+)\s*=\s*(\w+)\s*\(/g))
    add(from, [...(found.get(to) ?? [])]);
  for (const [name, member] of gettersIn(text)) add(member, [...(found.get(name) ?? [])]);
  return new Map([...found].map(([name, values]) => [name, [...values]]));
}

/** Functions that return a member, with its name: those that do nothing else, and `i_size_read`, by its name. */
export function gettersIn(text: string): ReadonlyMap<string, string> {
  const getters = new Map<string, string>();
  for (const [, name = '', body = ''] of text.matchAll(/\b(\w+)\s*\([^(){};]*\)\s*\{([\s\S]*?)^\}/gm)) {
    const [, only] = /^\s*return [^;{}()]*(?:->|\.)(\w+);\s*$/.exec(body) ?? [];
    const member =
      only ??
      [...body.matchAll(/->(\w+)/g)].map(([, one = '']) => one).find((one) => name.startsWith(`${one}_`));
    if (member !== undefined) getters.set(name, member);
  }
  return getters;
}

function around(operator: string, constant: string): readonly string[] {
  return /^[<>]/.test(operator) ? [constant, `(${constant}) + 1`, `(${constant}) - 1`] : [constant];
}

/** What is known of a number that may be a size. */
interface SizeValues {
  /** More values. */
  readonly counts: readonly string[];
  /** Whether the code asks if it is 0; where it does not, no caller gives a size of 0. */
  readonly mayBeZero: boolean;
}

/** The values to try for a number of this name. */
export function valuesFor(
  name: string,
  values: Values,
  type: string,
  { counts, mayBeZero }: SizeValues,
): readonly string[] {
  const compared = values.get(name) ?? [];
  if (/\bbool\b/.test(type)) return ['0', '1'];
  if (/nents|sg_len|sg_count/.test(name)) return ['2', '1', ...compared].slice(0, MOST);
  const isSmall = /8\b|\bchar\b/.test(type);
  const usual = /len|size|count|bytes/.test(name)
    ? ['64', '1', ...(mayBeZero ? ['0'] : []), ...(isSmall ? [] : ['256', ...counts])]
    : ['0', '1'];
  return [...new Set([...usual, ...compared])].slice(0, MOST + 2);
}
