/**
 * The parameters and constants of a command line: `--parameter tasks=8`, `--constant ipi=2000`.
 */
import { readWithin } from '../files.ts';
import { UsageError } from '../usage-error.ts';

const MOST_FILE_BYTES = 1024 * 1024;

/** Reads `name=number` texts; refuses a name that comes twice. */
export function numbersOf(option: string, texts: readonly string[]): Readonly<Record<string, number>> {
  const given: Record<string, number> = {};
  for (const text of texts) {
    const [, name = '', number = ''] = /^([A-Za-z][\w-]*)=(-?\d+(?:\.\d+)?(?:e\d{1,2})?)$/.exec(text) ?? [];
    if (name === '') throw new UsageError(`${option} takes name=number, not "${text}"`);
    if (Object.hasOwn(given, name)) throw new UsageError(`${option} ${name} is given twice`);
    given[name] = Number(number);
  }
  return given;
}

/** Reads a file with constants: a JSON object of numbers. */
export function constantsIn(file: string): Readonly<Record<string, number>> {
  const text = Buffer.from(readWithin(file, MOST_FILE_BYTES)).toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} has no object of constants: { "ipi": 2000 }`);
  const given: Record<string, number> = {};
  for (const [name, cycles] of Object.entries<unknown>({ ...value })) {
    if (typeof cycles !== 'number')
      throw new UsageError(`${file}: constant ${name} is ${JSON.stringify(cycles)}; it must be a number`);
    given[name] = cycles;
  }
  return given;
}
