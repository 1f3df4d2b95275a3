/**
 * What the command prints and writes of an outcome, and its exit code.
 */
import { basename } from 'node:path';
import { explorerOf, formatSaved, parseSchedule, printable } from 'scatterlist/explore';
import type { DefinedProgram, Explained, Outcome, OutOfBudget, TextOptions } from 'scatterlist/explore';
import { EXIT } from '../exit-codes.ts';
import { writeText } from '../files.ts';
import { MANIFEST } from '../package-root.ts';
import { PROCESS } from './outside.ts';
import type { Outside } from './outside.ts';
import { telling } from './telling.ts';

const WIDTH = 80;

/** How a report is laid out, in so many columns if it goes to a terminal. */
export function layout(
  { all }: { readonly all?: boolean },
  columns: number | undefined,
): { readonly width: number; readonly rows?: number } {
  return { width: columns ?? WIDTH, ...(all === true && { rows: Infinity }) };
}

interface Output {
  readonly trace?: string | undefined;
  readonly html?: string | undefined;
  readonly save?: string | undefined;
  readonly json?: boolean;
  readonly all?: boolean;
}

export function report(
  program: DefinedProgram | undefined,
  outcome: Outcome,
  output: Output,
  file: string,
  outside: Outside = PROCESS,
): number {
  const { json = false, trace, html, save } = output;
  const isTold = !json || [trace, html, save].some((path) => path !== undefined);
  const told =
    isTold && outcome.kind === 'violation' && program !== undefined
      ? telling(program, parseSchedule(outcome.schedule), outside)
      : undefined;
  if (json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
  else
    process.stdout.write(
      printable(describe(program, outcome, told, { ...layout(output, outside.columns), file })),
    );
  if (program !== undefined && told !== undefined && outcome.kind === 'violation')
    write(program, outcome.schedule, told, output, file);
  return EXIT[outcome.kind];
}

/** An outcome as text. */
export function describe(
  program: DefinedProgram | undefined,
  outcome: Outcome,
  told: Explained | undefined,
  options: TextOptions,
): string {
  const { schedules, steps, states, pruned, milliseconds } = outcome.counts;
  const counts = `${String(schedules)} schedules, ${String(steps)} steps, ${String(states)} states, ${String(pruned)} cut short, ${(milliseconds / 1000).toFixed(2)} s (${outcome.strategy})\n`;
  switch (outcome.kind) {
    case 'exhausted':
      return `No rule is broken: explored to the end. ${counts}${unseen(outcome)}`;
    case 'outOfBudget':
      return `${shortOf(outcome)}; nothing is proven. ${counts}${unseen(outcome)}`;
    case 'nondeterministic':
      return `The program is not deterministic: ${outcome.what}. Schedule '${outcome.schedule}'. ${counts}`;
    case 'violation': {
      if (program === undefined || told === undefined || told.stopped === true)
        return `${outcome.violation.rule}: ${outcome.violation.what}. Schedule '${outcome.schedule}'. ${counts}${told === undefined ? '' : '  The time for the report ended; scatterlist replay with a larger --budget tells more.\n'}`;
      return `${explorerOf(program).formatReport(told, options)}  ${counts}${stopped(outcome)}`;
    }
  }
}

function stopped({ shrinkingStopped }: Outcome & { readonly kind: 'violation' }): string {
  return shrinkingStopped === true
    ? '  The time for shrinking ended; there may be a smaller schedule.\n'
    : '';
}

/** Why not everything was tried. */
function shortOf({ limit, what = '' }: OutOfBudget): string {
  switch (limit) {
    case 'strategy':
      return 'Nothing found by the schedules of this strategy, which tries only some';
    case 'stopped':
      return `Nothing found: ${what}`;
    case 'handlers':
    case 'loops':
      return `Nothing found, but some schedules could not be explored to their end: ${what}`;
    default:
      return `Nothing found before the budget of ${limit} ended${what === '' ? '' : ` (${what})`}`;
  }
}

const MOST_LINES = 3;

/** Why no order was left out, which takes longer. */
function unseen({ unseen: lines }: Outcome): string {
  if (lines.length === 0) return '';
  const more = lines.length > MOST_LINES ? `  … and ${String(lines.length - MOST_LINES)} more\n` : '';
  const shown = lines.slice(0, MOST_LINES).map((line) => `  ${line}\n`);
  return `Every order was tried one by one, because there is state that the explorer cannot follow:\n${shown.join('')}${more}  It can follow what lies in plain objects that setup returns.\n`;
}

/** Writes the files that were asked for. */
export function write(
  program: DefinedProgram,
  schedule: string,
  told: Explained,
  { trace, html, save }: Output,
  file: string,
): void {
  const { chromeTrace, htmlReport } = explorerOf(program);
  if (trace !== undefined) writeText(trace, JSON.stringify(chromeTrace(told)));
  if (html !== undefined) writeText(html, htmlReport(told, file));
  const { names: actors, violation } = told;
  if (save === undefined || violation === undefined) return;
  const { rule } = violation;
  writeText(
    save,
    formatSaved({ program: basename(file), rule, schedule, actors, library: MANIFEST.version }),
  );
}
