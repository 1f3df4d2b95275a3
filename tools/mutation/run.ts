/**
 * `npm run mutation`: makes small mistakes in a copy of the sources and counts how many the tests notice.
 */
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RandomSource } from '../../lib/explore/random-source.ts';
import { readCoverage, recordCoverage, specsThatRun } from './coverage.ts';
import type { Coverage } from './coverage.ts';
import { applied, mutantsOf } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { killAll, run } from './processes.ts';
import { SpecIndex, filesOf } from './specs.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache');
const FOLDERS = ['base', 'machine', 'kernel', 'mapping', 'scatterlist', 'explore', 'conformance', 'cli'];
const HELP = `npm run mutation -- [options]

  --folder=lib/kernel   one folder, one file, or one line: lib/kernel/parts/pkmap.ts:43
                        (default: every folder of lib but entries, and backends)
  --sample=20           mutants of each folder; 0 for all
  --seed=1              another seed chooses other mutants
  --specs=40            the most spec files that a mutant is tested with
  --budget=60           the most seconds that these may take together on the unchanged sources
  --seconds=120         after so many seconds a mutant counts as noticed, because it does not end
  --jobs=N              mutants tried at the same time (default: one for each processor)
  --record              record again which spec runs which line
  --list                print the mutants, run no tests
`;

interface Equivalent {
  readonly file: string;
  readonly line: string;
  readonly change: string;
  readonly reason: string;
}

interface Tried {
  readonly file: string;
  readonly mutant: Mutant;
  readonly result: 'noticed' | 'endless' | 'survived';
}

interface Candidate {
  readonly file: string;
  readonly mutant: Mutant;
}

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    sample: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    specs: { type: 'string', default: '40' },
    budget: { type: 'string', default: '60' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    record: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '120' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const equivalents = parse(readFileSync(join(ROOT, 'tools', 'mutation', 'equivalent.json'), 'utf8'));

// The file belongs to this tool, so its shape is known.
function parse(text: string): readonly Equivalent[];
function parse(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return value;
}

function isEquivalent({ file, mutant }: Candidate): boolean {
  return equivalents.some(
    (each) => each.file === file && each.line === mutant.lineText && each.change === mutant.change,
  );
}

function sampled(folder: string, random: RandomSource): readonly Candidate[] {
  const [path = '', line] = folder.split(':');
  const within = path.endsWith('.ts') ? path : `${path}/`;
  const all = filesOf(ROOT)
    .filter((file) => file.startsWith(within) && file.endsWith('.ts') && !file.endsWith('/index.ts'))
    .flatMap((file) =>
      mutantsOf(file, readFileSync(join(ROOT, file), 'utf8')).map((mutant) => ({ file, mutant })),
    )
    .filter(({ mutant }) => line === undefined || mutant.line === Number(line))
    .filter((candidate) => !isEquivalent(candidate));
  const wanted = Number(values.sample) === 0 ? all.length : Math.min(Number(values.sample), all.length);
  for (let i = 0; i < wanted; i += 1) {
    const other = i + random.next(all.length - i);
    const [a, b] = [all[i], all[other]];
    if (a === undefined || b === undefined) continue;
    all[i] = b;
    all[other] = a;
  }
  return all.slice(0, wanted);
}

/** Makes a copy of the tree to which mutants can be written. It shares the packages with the original. */
function copyOfTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'scatterlist-mutation-'));
  for (const file of filesOf(ROOT)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  // Some specs ask git for the files of the repository.
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
  writeFileSync(join(copy, '.git', 'info', 'exclude'), 'node_modules\n');
  return copy;
}

const MOCHA = ['node_modules/mocha/bin/mocha.js', '--bail', '--reporter', 'dot'];

/** Chooses the specs of a mutant: those that run its line, or likely ones if its file has changed since the recording. */
class Specs {
  readonly #coverage: Coverage;
  readonly #index = new SpecIndex(ROOT);

  constructor(coverage: Coverage) {
    this.#coverage = coverage;
  }

  of({ file, mutant }: Candidate, text: string): readonly string[] {
    const budget = { most: Number(values.specs), seconds: Number(values.budget) };
    const running = specsThatRun(this.#coverage, file, text, mutant.line, budget);
    if (running !== undefined && running.length > 0) return running;
    // No spec ran this line at the recording, but a test of it may have been written since.
    return this.#index
      .specsOf(file, running === undefined ? Math.min(budget.most, 12) : 3)
      .filter((spec) => this.#coverage.specs[spec] !== undefined);
  }
}

async function tryOne(copy: string, specs: Specs, candidate: Candidate): Promise<Tried> {
  const { file, mutant } = candidate;
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  const shown = specs.of(candidate, text);
  if (shown.length === 0) return { file, mutant, result: 'survived' };
  writeFileSync(path, applied(text, mutant));
  try {
    const ended = await run(copy, [...MOCHA, ...shown], Number(values.seconds));
    const result = ended === 'passed' ? 'survived' : ended === 'failed' ? 'noticed' : 'endless';
    return { file, mutant, result };
  } finally {
    writeFileSync(path, text);
  }
}

function percent(tried: readonly Tried[]): string {
  const noticed = tried.filter(({ result }) => result !== 'survived').length;
  const share = tried.length === 0 ? 100 : (100 * noticed) / tried.length;
  return `${String(noticed)} of ${String(tried.length)} noticed, ${share.toFixed(1)} %`;
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  const folders =
    values.folder === undefined ? [...FOLDERS.map((name) => `lib/${name}`), 'backends'] : [values.folder];
  const random = new RandomSource(Number(values.seed));
  const chosen = folders.map((folder) => ({ folder, candidates: sampled(folder, random) }));
  if (values.list) {
    for (const { candidates } of chosen) {
      for (const { file, mutant } of candidates)
        console.log(`${file}:${String(mutant.line)}  ${mutant.change}`);
    }
    return;
  }
  const copies = Array.from({ length: Math.max(1, Number(values.jobs)) }, copyOfTree);
  const removeCopies = (): void => {
    for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killAll();
      removeCopies();
      process.exit(130);
    });
  }
  const all: Tried[] = [];
  try {
    const specs = new Specs(await coverageFor(copies[0] ?? copyOfTree()));
    for (const { folder, candidates } of chosen) {
      const tried = await tryAll(copies, specs, folder, candidates);
      console.log(`${folder}: ${percent(tried)}`);
      all.push(...tried);
    }
  } finally {
    removeCopies();
  }
  if (folders.length > 1) console.log(`together: ${percent(all)}`);
}

async function coverageFor(copy: string): Promise<Coverage> {
  const file = join(CACHE, 'mutation-coverage.json');
  const known = values.record ? undefined : readCoverage(file);
  const missing = new SpecIndex(ROOT).specs.filter((spec) => known?.specs[spec] === undefined);
  if (known !== undefined && missing.length === 0) return known;
  const files = filesOf(ROOT);
  const sources = files.filter((each) => /^(lib|backends)\/.*\.ts$/.test(each));
  return recordCoverage(copy, missing, sources, file, known);
}

async function tryAll(
  copies: readonly string[],
  specs: Specs,
  folder: string,
  candidates: readonly Candidate[],
): Promise<readonly Tried[]> {
  const waiting = [...candidates];
  const tried: Tried[] = [];
  const work = async (copy: string): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const one = await tryOne(copy, specs, next);
      tried.push(one);
      writeDown(one);
      const { file, mutant, result } = one;
      if (result === 'survived') {
        const place = `${file}:${String(mutant.line)}`;
        console.log(`survived  ${place}  ${mutant.change}\n            ${mutant.lineText}`);
      }
      if (tried.length % 10 === 0) {
        console.log(
          `${folder}: ${String(tried.length)} of ${String(candidates.length)} tried, ${percent(tried)}`,
        );
      }
    }
  };
  await Promise.all(copies.map(work));
  return tried;
}

/** Adds one line for each result as soon as it is known, so that the results of an interrupted run are kept. */
function writeDown(one: Tried): void {
  mkdirSync(CACHE, { recursive: true });
  appendFileSync(join(CACHE, 'mutation.jsonl'), `${JSON.stringify(one)}\n`);
}

await main();
