/**
 * `npm run mutation`: makes small mistakes in a copy of the sources and counts how many the tests notice.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { RandomSource } from '../../lib/explore/random-source.ts';
import { applied, mutantsOf } from './mutants.ts';
import type { Mutant } from './mutants.ts';
import { SpecIndex, filesOf } from './specs.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const FOLDERS = ['base', 'machine', 'kernel', 'mapping', 'scatterlist', 'explore', 'conformance'];
const HELP = `npm run mutation -- [options]

  --folder=lib/kernel   one folder, one file, or one line: lib/kernel/pkmap.ts:43
                        (default: every folder of lib but cli and entries, and backends)
  --sample=20           mutants of each folder; 0 for all
  --seed=1              another seed takes other mutants
  --specs=12            spec files that a mutant is shown to, the likeliest first
  --seconds=120         then a mutant counts as noticed: it runs for ever
  --list                print the mutants, run nothing
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
    specs: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '120' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const equivalents = parse(readFileSync(join(ROOT, 'tools', 'mutation', 'equivalent.json'), 'utf8'));

// A file of this repository, read by nothing else.
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

/** A copy that mutants can be written to; the packages are shared with the original. */
function copyOfTree(): string {
  const copy = mkdtempSync(join(tmpdir(), 'scatterlist-mutation-'));
  for (const file of filesOf(ROOT)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(ROOT, file), join(copy, file));
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const RUNNER = ['node_modules/mocha/bin/mocha.js', '--bail', '--reporter', 'dot'];

/** The test run that is under way; killed as a group, because mocha's node-options make it start a second process. */
let running: number | undefined;

function killRunning(): void {
  if (running !== undefined) process.kill(-running, 'SIGKILL');
}

/** Runs spec files of the copy; the first failure ends the run. */
function test(
  copy: string,
  specs: readonly string[],
  seconds: number,
): Promise<'passed' | 'failed' | 'endless'> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...RUNNER, ...specs], {
      cwd: copy,
      stdio: 'ignore',
      detached: true,
    });
    running = child.pid;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killRunning();
    }, seconds * 1000);
    child.once('exit', (code) => {
      running = undefined;
      clearTimeout(timer);
      resolve(late ? 'endless' : code === 0 ? 'passed' : 'failed');
    });
  });
}

/** The specs of a file that pass where nothing has been changed. */
class Baseline {
  readonly #copy: string;
  readonly #index = new SpecIndex(ROOT);
  readonly #passing = new Map<string, readonly string[]>();

  constructor(copy: string) {
    this.#copy = copy;
  }

  async specsOf(file: string): Promise<readonly string[]> {
    const known = this.#passing.get(file);
    if (known !== undefined) return known;
    const specs = this.#index.specsOf(file, Number(values.specs));
    const whole = await test(this.#copy, specs, Number(values.seconds));
    const passing: string[] = whole === 'passed' ? [...specs] : [];
    if (whole !== 'passed') {
      for (const spec of specs) {
        if ((await test(this.#copy, [spec], Number(values.seconds))) === 'passed') passing.push(spec);
        else console.log(`left out: ${spec} does not pass on the unchanged sources`);
      }
    }
    this.#passing.set(file, passing);
    return passing;
  }
}

async function tryOne(copy: string, baseline: Baseline, { file, mutant }: Candidate): Promise<Tried> {
  const specs = await baseline.specsOf(file);
  const path = join(copy, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, applied(text, mutant));
  try {
    const ended = specs.length === 0 ? 'passed' : await test(copy, specs, Number(values.seconds));
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
  const copy = copyOfTree();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      killRunning();
      rmSync(copy, { recursive: true, force: true });
      process.exit(130);
    });
  }
  const all: Tried[] = [];
  try {
    const baseline = new Baseline(copy);
    for (const { folder, candidates } of chosen) {
      const tried: Tried[] = [];
      for (const candidate of candidates) {
        const one = await tryOne(copy, baseline, candidate);
        tried.push(one);
        const { file, mutant, result } = one;
        if (result === 'survived') {
          console.log(
            `survived  ${file}:${String(mutant.line)}  ${mutant.change}\n            ${mutant.lineText}`,
          );
        }
      }
      console.log(`${folder}: ${percent(tried)}`);
      all.push(...tried);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  if (folders.length > 1) console.log(`together: ${percent(all)}`);
  const results = join(ROOT, 'node_modules', '.cache', 'mutation.json');
  mkdirSync(dirname(results), { recursive: true });
  writeFileSync(results, JSON.stringify(all, undefined, 2));
  console.log(`all of them: ${results}`);
}

await main();
