/**
 * What the way of a finding asks of values: a run that is to go that way tries these first.
 */
import type { Finding } from '../../judge.ts';
import { gettersIn } from './values.ts';

/** Whether a value, as C writes it, is what one condition asks for. */
type Holds = (value: string) => boolean;

/** What the conditions on the way ask for, by the name of what holds the value. */
export type Asked = ReadonlyMap<string, readonly Holds[]>;

/** The function of a finding: its text, and the line in which that begins. */
interface Source {
  readonly text: string;
  readonly line: number;
}

const LAST = String.raw`(?:[\w\]).>-]*?(?:->|\.))?(\w+)(?:\[[^\]]*\])?`;
const COMPARED = new RegExp(String.raw`^\(?${LAST}\)?\s*(==|!=|<=|>=|<|>)\s*(-?\w+)$`);
const MASKED = new RegExp(String.raw`^${LAST}\s*&\s*(\w+)$`);
const ALONE = new RegExp(String.raw`^(!?)${LAST}(?:\(.*\))?$`);
const FAILED = new RegExp(String.raw`^IS_ERR\(${LAST}(?:\(.*\))?\)$`);
/** The same comparison where it is false. */
const OPPOSITE: Readonly<Record<string, string>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
};

/**
 * Reads the way of a finding. What a variable is asked for, that from which it was taken last is asked for.
 *
 * @param all the text of all functions that were taken
 */
export function askedOn(path: Finding['path'], source: Source, all: string): Asked {
  const asked = new Map<string, Holds[]>();
  const ask = (name: string, holds: Holds): void => {
    asked.set(name, [...(asked.get(name) ?? []), holds]);
  };
  const lines = source.text.split('\n');
  const getters = gettersIn(all);
  for (const { line, text } of path) {
    const [, map] = /^(\w+) fails$/.exec(text) ?? [];
    if (map !== undefined) ask(map, (value) => value === 'NULL');
    const [, condition = '', truth] = /^(.*) is (true|false)$/.exec(text) ?? [];
    const found = truth === undefined ? undefined : readCondition(condition.trim(), truth === 'true');
    if (found === undefined) continue;
    const from = takenFrom(found.name, lines.slice(0, line - source.line + 1)) ?? found.name;
    ask(getters.get(from) ?? from, found.holds);
  }
  return asked;
}

/** The function or the member that a variable was given last: `err = start(host);`, `len = command->length;`. */
function takenFrom(name: string, lines: readonly string[]): string | undefined {
  const assigned = new RegExp(
    String.raw`\b${name}\s*=\s*(?:\([^()]*\)\s*)?(?:[^;=()]*?(?:->|\.))?(\w+)(?:\[[^\]]*\])?\s*[;(]`,
  );
  const last = lines.findLast((line) => new RegExp(String.raw`\b${name}\s*=[^=]`).test(line));
  return assigned.exec(last ?? '')?.[1];
}

/** Values in the order in which they are tried: what most conditions ask for comes first. */
export function inAskedOrder(name: string, values: readonly string[], asked: Asked): readonly string[] {
  const conditions = asked.get(name) ?? [];
  const met = (value: string): number => conditions.filter((holds) => holds(value)).length;
  return [...values].sort((a, b) => met(b) - met(a));
}

function readCondition(
  text: string,
  isTrue: boolean,
): { readonly name: string; readonly holds: Holds } | undefined {
  const [, failed] = FAILED.exec(text) ?? [];
  if (failed !== undefined) return { name: failed, holds: (value) => value.startsWith('ERR_PTR') === isTrue };
  const [, compared, operator = '', constant = ''] = COMPARED.exec(text) ?? [];
  if (compared !== undefined) {
    if (!/^-?\d|^-?[A-Z]\w+$/.test(constant)) return undefined;
    const asks = isTrue ? operator : (OPPOSITE[operator] ?? operator);
    return { name: compared, holds: (value) => isSo(difference(value, constant), asks) };
  }
  const [, masked, flag = ''] = MASKED.exec(text) ?? [];
  if (masked !== undefined)
    return { name: masked, holds: (value) => (isTrue ? value === flag || value === '-1' : value === '0') };
  const [, not, alone] = ALONE.exec(text) ?? [];
  if (alone === undefined) return undefined;
  const isSet = (not === '') === isTrue;
  return { name: alone, holds: (value) => /^(?:0|NULL)$/.test(value) !== isSet };
}

/** How much a value is more than a constant, by its sign; `undefined` where it is not known. */
function difference(value: string, constant: string): number | undefined {
  if (value === constant) return 0;
  if (value === `(${constant}) + 1`) return 1;
  if (value === `(${constant}) - 1`) return -1;
  const [a, b] = [Number(value), Number(constant)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return Math.sign(a - b);
  // A name stands for more than 1, most likely; a failure is less than 0.
  if (!Number.isNaN(a) && /^[A-Z]/.test(constant)) return -1;
  if (value.startsWith('-E') && !Number.isNaN(b)) return b > -1 ? -1 : undefined;
  return undefined;
}

function isSo(sign: number | undefined, operator: string): boolean {
  if (sign === undefined) return operator === '!=';
  if (sign === 0) return /^(?:==|<=|>=)$/.test(operator);
  return operator === '!=' || operator.startsWith(sign < 0 ? '<' : '>');
}
