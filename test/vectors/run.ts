/** Runs recordings and counts; used by the command and by the tests. */
import { AssertionError } from 'chai';
import type { GroupRunner, VectorFile } from './format.ts';

interface Failure {
  readonly name: string;
  readonly quirk: string | undefined;
  readonly details: string;
}

export interface FileResult {
  readonly passed: number;
  /** How many of the cases, passed or failed, are quirks. */
  readonly quirks: number;
  readonly failures: readonly Failure[];
}

export function runFile(file: VectorFile, run: GroupRunner): FileResult {
  const failures: Failure[] = [];
  for (const c of file.cases) {
    try {
      run(c, file);
    } catch (error) {
      failures.push({ name: c.name, quirk: c.quirk, details: describe(error) });
    }
  }
  const quirks = file.cases.filter((c) => c.quirk !== undefined).length;
  return { passed: file.cases.length - failures.length, quirks, failures };
}

function describe(error: unknown): string {
  if (error instanceof AssertionError) {
    const { actual, expected } = error as { actual?: unknown; expected?: unknown };
    return `${error.message}\n  got  ${clip(actual)}\n  want ${clip(expected)}`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function clip(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
