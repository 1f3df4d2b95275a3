/**
 * Records once which lines of which sources each spec file runs, so that a mutant is only tested with specs that reach it.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, posix, relative } from 'node:path';
import { run } from './processes.ts';
import { mirroredSpec } from './specs.ts';

/** The lines that one spec file runs. */
interface SpecCoverage {
  readonly seconds: number;
  /** By source file: one character for each line, '1' if the line ran. */
  readonly lines: Readonly<Record<string, string>>;
}

export interface Coverage {
  /** By source file: a digest of its text when the coverage was recorded, because lines move. */
  readonly digests: Readonly<Record<string, string>>;
  readonly specs: Readonly<Record<string, SpecCoverage>>;
}

/** The part of istanbul's format that is read here. In it, c8 makes one statement of each line. */
interface FileCoverage {
  readonly s: Readonly<Record<string, number>>;
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The recorded coverage, or `undefined` if there is none. */
export function readCoverage(file: string): Coverage | undefined {
  return existsSync(file) ? parseCoverage(readFileSync(file, 'utf8')) : undefined;
}

// Both formats are written by programs that this program has run, so their shape is known.
function parseCoverage(text: string): Coverage;
function parseCoverage(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return value;
}

function parseReport(text: string): Readonly<Record<string, FileCoverage>>;
function parseReport(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return value;
}

/**
 * Runs each of the spec files alone in `copy` and records the lines that it runs, beside what is known of others. A spec
 * that does not pass is left out.
 */
export async function recordCoverage(
  copy: string,
  specs: readonly string[],
  sources: readonly string[],
  file: string,
  known?: Coverage,
): Promise<Coverage> {
  // Where a source has changed since, its old digest stays: the lines that are known of it are the old ones.
  const digests =
    known?.digests ??
    Object.fromEntries(sources.map((source) => [source, digestOf(readFileSync(join(copy, source), 'utf8'))]));
  const recorded: Record<string, SpecCoverage> = { ...known?.specs };
  const waiting = [...specs];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let spec = waiting.shift(); spec !== undefined; spec = waiting.shift()) {
      const coverage = await coverageOf(copy, spec);
      done += 1;
      if (coverage === undefined) console.log(`left out: ${spec} does not pass on the unchanged sources`);
      else recorded[spec] = coverage;
      if (done % 20 === 0) console.log(`coverage of ${String(done)} of ${String(specs.length)} spec files`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  const coverage = { digests, specs: recorded };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(coverage));
  return coverage;
}

async function coverageOf(copy: string, spec: string): Promise<SpecCoverage | undefined> {
  const out = join(copy, 'coverage', spec.replaceAll('/', '-'));
  const start = process.hrtime.bigint();
  const ended = await run(
    copy,
    [
      ...['node_modules/c8/bin/c8.js', '--include=lib', '--include=backends', '--reporter=json'],
      ...[`--reports-dir=${out}`, `--temp-directory=${join(out, 'raw')}`],
      ...[process.execPath, 'node_modules/mocha/bin/mocha.js', '--bail', '--reporter=dot', spec],
    ],
    300,
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  try {
    if (ended !== 'passed') return undefined;
    const report = parseReport(readFileSync(join(out, 'coverage-final.json'), 'utf8'));
    const lines = Object.entries(report).map(([path, { s }]): readonly [string, string] => [
      relative(copy, path).replaceAll('\\', '/'),
      Object.values(s)
        .map((count) => (count > 0 ? '1' : '0'))
        .join(''),
    ]);
    return { seconds, lines: Object.fromEntries(lines) };
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

/** The limits for the specs of a mutant. */
export interface SpecBudget {
  readonly most: number;
  readonly seconds: number;
}

/**
 * The specs that run a line: first the mirrored spec, then those of the same folder, then the fastest. Returns
 * `undefined` if the file has changed since the coverage was recorded.
 */
export function specsThatRun(
  coverage: Coverage,
  file: string,
  text: string,
  line: number,
  budget: SpecBudget,
): readonly string[] | undefined {
  if (coverage.digests[file] !== digestOf(text)) return undefined;
  const own = mirroredSpec(file);
  const near = (spec: string): number =>
    spec === own ? 2 : posix.dirname(spec) === posix.dirname(own) ? 1 : 0;
  const isRunBy = (lines: SpecCoverage['lines']): boolean => lines[file]?.[line - 1] === '1';
  const specs = Object.entries(coverage.specs);
  // Tests of the line may have been added to the mirrored spec since.
  const isRun = specs.some(([, { lines }]) => isRunBy(lines));
  const running = specs
    .filter(([spec, { lines }]) => isRunBy(lines) || (spec === own && isRun))
    .map(([spec, { seconds }]) => ({ spec, seconds }))
    .sort((a, b) => near(b.spec) - near(a.spec) || a.seconds - b.seconds);
  const chosen: string[] = [];
  let seconds = 0;
  for (const each of running) {
    if (chosen.length >= budget.most || (seconds + each.seconds > budget.seconds && chosen.length > 0)) break;
    chosen.push(each.spec);
    seconds += each.seconds;
  }
  return chosen;
}
