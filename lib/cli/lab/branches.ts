/**
 * The branches of call sites that are entered only if a call fails: the error paths that a caller has to write.
 */
import { runJob } from 'scatterlist/lab';
import type { Candidate, JobId } from 'scatterlist/lab';
import { branchesOf, lineAt } from './site-source.ts';
import type { Branch, SiteFile, SiteSource } from './site-source.ts';

/** A branch that only failures lead to. */
export interface ErrorPath {
  /** The line of the file. */
  readonly line: number;
  /** The beginning of its text. */
  readonly text: string;
  /** The numbers of the calls that, when they fail, lead into it. */
  readonly failAt: readonly number[];
}

const COUNTER = Symbol.for('scatterlist.lab.branches');
const HEAD = `const __branch = (n) => globalThis[Symbol.for('scatterlist.lab.branches')]?.(n) ?? n; `;

/** The text of a file with a counter at the beginning of each branch of a call site. No line moves. */
export function withCounters(file: SiteFile, site: SiteSource): string {
  const insertions = branchesOf(site).flatMap((branch, n) => insertionsFor(branch, n, file.text));
  // From the end, so that the positions before stay as they are; of one position, the last first.
  const ordered = insertions
    .map((insertion, i) => ({ ...insertion, i }))
    .sort((a, b) => b.at - a.at || b.i - a.i);
  let { text } = file;
  for (const { at, put } of ordered) text = text.slice(0, at) + put + text.slice(at);
  return HEAD + text;
}

function insertionsFor(
  { start, end, isExpression }: Branch,
  n: number,
  text: string,
): readonly { readonly at: number; readonly put: string }[] {
  const count = `__branch(${String(n)})`;
  if (isExpression)
    return [
      { at: start, put: `(${count}, ` },
      { at: end, put: ')' },
    ];
  if (text[start] === '{') return [{ at: start + 1, put: `${count};` }];
  return [
    { at: start, put: `{${count};` },
    { at: end, put: '}' },
  ];
}

/** Runs a candidate with counters, once as it is and once for each call that can fail, and compares where it came. */
export function errorPaths(counted: Candidate, file: SiteFile, site: SiteSource): readonly ErrorPath[] {
  const { job } = site;
  const { entered: usual, asked } = run(counted, job);
  const failed = new Map<number, number[]>();
  asked.forEach((_, failAt) => {
    for (const n of run(counted, job, failAt).entered)
      if (!usual.has(n)) failed.set(n, [...(failed.get(n) ?? []), failAt]);
  });
  return branchesOf(site).flatMap(({ start, end }, n) => {
    const failAt = failed.get(n);
    if (failAt === undefined) return [];
    const [text = ''] =
      file.text
        .slice(start, end)
        .replaceAll(/\s+/g, ' ')
        .match(/.{1,60}/) ?? [];
    return [{ line: lineAt(file.text, start), text, failAt }];
  });
}

function run(
  candidate: Candidate,
  job: JobId,
  failAt?: number,
): { readonly entered: ReadonlySet<number>; readonly asked: readonly string[] } {
  const entered = new Set<number>();
  Reflect.set(globalThis, COUNTER, (n: number) => {
    entered.add(n);
  });
  try {
    const { asked } = runJob(candidate, job, failAt === undefined ? {} : { failAt });
    return { entered, asked };
  } finally {
    Reflect.deleteProperty(globalThis, COUNTER);
  }
}
