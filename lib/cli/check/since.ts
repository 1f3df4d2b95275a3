/**
 * What a change adds: the findings of the new text that the old one did not have.
 */
import { execFileSync } from 'node:child_process';
import { UsageError } from '../usage-error.ts';
import type { Finding } from './judge.ts';

/** A file that a diff changes, with the lines of the new text that it touches. */
export interface ChangedFile {
  readonly file: string;
  /** First and last line of each piece. */
  readonly pieces: readonly (readonly [number, number])[];
}

/** Reads a diff in the unified form. */
export function readDiff(diff: string): readonly ChangedFile[] {
  const changed: { readonly file: string; readonly pieces: (readonly [number, number])[] }[] = [];
  let pieces: (readonly [number, number])[] = [];
  for (const line of diff.split('\n')) {
    const [, file] = /^\+\+\+ (?:[a-z]\/)?([^\t]+)/.exec(line) ?? [];
    if (file !== undefined) {
      pieces = [];
      if (file !== '/dev/null') changed.push({ file, pieces });
      continue;
    }
    const [, start, count = '1'] = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (start === undefined) continue;
    const first = Number(start);
    pieces.push([first, first + Math.max(1, Number(count)) - 1]);
  }
  return changed.filter(({ file }) => file.endsWith('.c'));
}

/** What `git diff` says of the work tree since a revision. */
export function diffSince(revision: string): string {
  return git(['diff', '--no-ext-diff', '--relative', '--unified=0', revision, '--', '*.c']);
}

/** A file as it was in a revision; `undefined` if it was not there. */
export function textAt(revision: string, file: string): string | undefined {
  try {
    return git(['show', `${revision}:./${file}`]);
  } catch {
    return undefined;
  }
}

function git(args: readonly string[]): string {
  try {
    return execFileSync('git', args, {
      encoding: 'latin1',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n')[0] : undefined;
    // Outside of a work tree, git diff takes the revision for a file.
    if (/Could not access|not a git repository/i.test(said ?? ''))
      throw new UsageError('--since: this folder is in no work tree of git');
    throw new UsageError(`git ${args[0] ?? ''}: ${said ?? 'git cannot be run'}`);
  }
}

/** A finding without the numbers of its lines, which move with every change above. */
export function keyOf({ rule, function: name, says }: Finding): string {
  return `${rule} ${name} ${says.replaceAll(/\bline \d+/g, 'line')}`;
}

/** The findings that are not among others, told by their keys. */
export function notAmong(findings: readonly Finding[], others: readonly Finding[]): readonly Finding[] {
  const left = new Map<string, number>();
  for (const each of others) left.set(keyOf(each), (left.get(keyOf(each)) ?? 0) + 1);
  return findings.filter((each) => {
    const count = left.get(keyOf(each)) ?? 0;
    left.set(keyOf(each), count - 1);
    return count <= 0;
  });
}
