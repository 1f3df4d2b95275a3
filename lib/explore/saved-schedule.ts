/**
 * A failing schedule as a file keeps it: JSON that a person can read and that does not change when it is saved again.
 */
import { ConfigError } from '../base/invariant.ts';
import { parseSchedule } from './choice.ts';

/** The form of the file; a later library may write another one. */
const FORMAT = 1;

/** What a file keeps of a schedule that broke a rule. */
export interface SavedSchedule {
  /** The file name of the program, without its folder. */
  readonly program: string;
  /** The rule that was broken. */
  readonly rule: string;
  /** As reports print it. */
  readonly schedule: string;
  /** The names of the actors, as the schedule numbers them. */
  readonly actors: readonly string[];
  /** The version of the library that wrote it. */
  readonly library: string;
}

/** Characters that would be invisible in a diff, or change the direction of what follows. */
const NOT_ASCII = /[\u007f-\uffff]/g;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Writes what `parseSaved` reads. */
export function formatSaved({ program, rule, schedule, actors, library }: SavedSchedule): string {
  const saved = { format: FORMAT, program, rule, schedule, actors, library };
  return `${JSON.stringify(saved, undefined, 2).replaceAll(NOT_ASCII, escaped)}\n`;
}

/** Reads a saved schedule; `from` names it in the one line that says what is wrong with it. */
export function parseSaved(text: string, from: string): SavedSchedule {
  const value = objectOf(text);
  if (value === undefined) throw damaged(from, 'it is no saved schedule');
  const format: unknown = Reflect.get(value, 'format');
  if (typeof format !== 'number') throw damaged(from, 'it is no saved schedule');
  if (format !== FORMAT)
    throw damaged(from, `it has format ${String(format)}, and this library reads format ${String(FORMAT)}`);
  const word = (key: string): string => {
    const found: unknown = Reflect.get(value, key);
    if (typeof found === 'string') return found;
    throw damaged(from, `"${key}" is damaged`);
  };
  const actors: unknown = Reflect.get(value, 'actors');
  if (!isWords(actors)) throw damaged(from, '"actors" is damaged');
  const saved = {
    program: word('program'),
    rule: word('rule'),
    schedule: word('schedule'),
    actors,
    library: word('library'),
  };
  try {
    parseSchedule(saved.schedule);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw damaged(from, `"schedule" is damaged: ${error.message}`);
  }
  return saved;
}

function damaged(from: string, why: string): ConfigError {
  return new ConfigError(`${from}: ${why}`);
}

function objectOf(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}
