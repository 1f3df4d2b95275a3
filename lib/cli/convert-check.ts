/**
 * `scatterlist convert-check`: a section of C before and after a conversion of its maps, each in every order.
 */
import { basename, dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { explorerOf, printable } from 'scatterlist/explore';
import type { DefinedProgram, Outcome } from 'scatterlist/explore';
import { KEEPS, KINDS, converted, definesOf } from './convert-check/conversion.ts';
import type { Conversion, Keep } from './convert-check/conversion.ts';
import { changeOf, codeOf, verdictText } from './convert-check/verdict.ts';
import { LIMITS, budgetOf, limitsOf } from './explore/limits.ts';
import { PROCESS } from './explore/outside.ts';
import type { Outside } from './explore/outside.ts';
import { describe, layout } from './explore/report.ts';
import { telling } from './explore/telling.ts';
import { watched } from './explore/watch.ts';
import { checkWritable, writeText } from './files.ts';
import { calledIn, loadOfC, running } from './load.ts';
import { refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist convert-check --help` prints. */
export const CONVERT_CHECK_HELP = `scatterlist convert-check: explore a section of C before and after a conversion, and tell what that changed

  scatterlist convert-check FILE.c --from kmap --to kmap_local_page
  --from NAME      kmap or kmap_atomic
  --to NAME        kmap_local_page
  --keep NAMES     with kmap_atomic: preempt, pagefault or preempt,pagefault: what the converted section still disables
  --write FILE.c   write the converted section, for scatterlist explore and scatterlist replay
  --budget N       for each of the two: stop after N schedules, or after N seconds where it ends in s (default 60s)
  --memory SIZE    stop when the process takes more (default: half of the machine's, at most 4G)
  --all            print every row of a timeline, not a screenful
  --json           both outcomes, for a program

A name that is used without a call, such as a pointer to kmap, cannot be converted: the compiler names its line.

Exit code 0: the converted section was explored to the end, and nothing is wrong. 1: it breaks a rule. 2: wrong usage,
or the file cannot be used. 3: nothing found in it, and not everything was tried. 70: a bug in scatterlist itself.
`;

function parse(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      keep: { type: 'string' },
      write: { type: 'string' },
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      ...LIMITS,
    },
  });
  refuseRepeats(tokens);
  const [file = '', ...rest] = positionals;
  if (file === '') throw new UsageError('which section? name its C file');
  if (rest.length > 0) throw new UsageError(`one section at a time; what is "${rest.join(' ')}"?`);
  if (!file.endsWith('.c'))
    throw new UsageError(`${file}: convert-check takes a C file, whose name ends in .c`);
  checkWritable(values.write);
  if (values.write !== undefined && resolve(values.write) === resolve(file))
    throw new UsageError(`--write ${values.write}: it is the section itself`);
  return { values, file, conversion: conversionOf(values), ...limitsOf(values) };
}

function conversionOf(values: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly keep?: string | undefined;
}): Conversion {
  const from = KINDS.find((name) => name === values.from);
  if (from === undefined)
    throw new UsageError(`--from takes ${KINDS.join(' or ')}, not ${values.from ?? 'nothing'}`);
  if (values.to !== 'kmap_local_page')
    throw new UsageError(`--to takes kmap_local_page, not ${values.to ?? 'nothing'}`);
  const names = values.keep?.split(',') ?? [];
  const keep = names.map((name): Keep => {
    const known = KEEPS.find((one) => one === name);
    if (known === undefined) throw new UsageError(`--keep takes ${KEEPS.join(', ')} or both, not "${name}"`);
    return known;
  });
  if (keep.length > 0 && from === 'kmap')
    throw new UsageError('--keep: kmap disables neither preemption nor page faults');
  return { from, keep };
}

/** Runs `scatterlist convert-check`. */
export async function convertCheck(args: readonly string[], outside: Outside = PROCESS): Promise<number> {
  const { values, file, conversion } = parse(args);
  const { from } = conversion;
  const before = await loadOfC(file);
  const after = await loadOfC(file, definesOf(conversion));
  const called = await calledIn(file);
  if (!called.some((name) => name === from || name === `${from}_pfn`))
    throw new UsageError(`${file} does not call ${from}: there is nothing to convert`);
  outside.enter('exploring');
  const outcomes = running(file, () => ({
    before: explored(before, values.budget, outside),
    after: explored(after, values.budget, outside),
  }));
  const kept = isBroken(outcomes) ? await enough(file, conversion, values.budget, outside) : undefined;
  outside.enter('reporting');
  if (values.write !== undefined)
    writeText(values.write, converted(conversion, relative(dirname(resolve(values.write)), resolve(file))));
  if (values.json) {
    const { keep } = conversion;
    const change = changeOf(outcomes);
    process.stdout.write(`${JSON.stringify({ from, to: 'kmap_local_page', keep, change, ...outcomes })}\n`);
    return codeOf(outcomes.after);
  }
  process.stdout.write(printable(verdictText(file, conversion, outcomes, kept)));
  if (outcomes.after.kind === 'violation') {
    const told = telling(after, explorerOf(after).parseSchedule(outcomes.after.schedule), outside);
    const name = values.write ?? `converted-${basename(file)}`;
    const options = { ...layout(values, outside.columns), file: name };
    process.stdout.write(`\n${printable(describe(after, outcomes.after, told, options))}`);
    if (values.write === undefined)
      process.stdout.write(`  --write ${name} writes the converted section that the line above replays.\n`);
  }
  return codeOf(outcomes.after);
}

interface Outcomes {
  readonly before: Outcome;
  readonly after: Outcome;
}

function isBroken({ before, after }: Outcomes): boolean {
  return after.kind === 'violation' && before.kind !== 'violation';
}

function explored(program: DefinedProgram, budget: string, outside: Outside): Outcome {
  const { explore, exhaustive } = explorerOf(program);
  return explore(program, exhaustive(), {
    budget: budgetOf(budget),
    ...(outside.signal !== undefined && { signal: outside.signal }),
    onProgress: (counts, part) => {
      outside.tell(counts, part);
    },
  });
}

/** What the converted section has to keep of kmap_atomic, so that nothing is broken; the least first. */
async function enough(
  file: string,
  { from, keep }: Conversion,
  budget: string,
  outside: Outside,
): Promise<readonly Keep[] | undefined> {
  if (from !== 'kmap_atomic' || keep.length > 0) return undefined;
  for (const some of [['preempt'], ['pagefault'], KEEPS] as const) {
    const program = await loadOfC(file, definesOf({ from, keep: some }));
    if (running(file, () => explored(program, budget, outside)).kind === 'exhausted') return some;
  }
  return undefined;
}

/** The same, in a thread that is watched. */
export async function convertCheckWatched(args: readonly string[]): Promise<number> {
  const { values, file, conversion, milliseconds, memoryBytes } = parse(args);
  const { json } = values;
  // Of kmap_atomic up to three more variants are explored, to say what must be kept.
  const variants = conversion.from === 'kmap' ? 2 : 5;
  return watched('convert-check', args, {
    file,
    strategy: 'exhaustive',
    milliseconds: variants * milliseconds,
    memoryBytes,
    json,
  });
}
