/**
 * Looks for a run that reaches what a finding says: slices its function, and explores it.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { explorerOf, formatSaved, formatSchedule } from 'scatterlist/explore';
import type { Budget, Counts, DefinedProgram, Explained, Outcome, Strategy } from 'scatterlist/explore';
import { writeText } from '../../files.ts';
import { loadOfC, running } from '../../load.ts';
import { MANIFEST, PACKAGE_FOLDER } from '../../package-root.ts';
import { Reader } from '../../slice/declarations.ts';
import { Pool } from '../../slice/pool.ts';
import { isUsersMistake } from '../../usage-error.ts';
import type { Finding } from '../judge.ts';
import { fewDeviations } from './few-deviations.ts';
import { isOfRule, isSame } from './match.ts';
import type { Proof, Tried } from './proof.ts';
import { repaired, setAround } from './repair.ts';
import type { Repairs } from './repair.ts';
import { sectionOf } from './section.ts';

/** How to go about it. */
export interface ProveOptions {
  /** The folder of the sections and schedules. */
  readonly folder: string;
  /** For each finding. */
  readonly budget: Budget;
  /** Finds the names of functions that map or unmap. */
  readonly maps: RegExp;
}

const DEFINED = ['CONFIG_HIGHMEM', 'CONFIG_MMU', 'CONFIG_BLOCK', 'CONFIG_NET'];
/** Runs that are told again to learn their lines: each takes as long as many runs. */
const MOST_TOLD = 40;
const MOST_TOLD_MS = 20_000;
/** Of runs that other rules ended only so many are told again. */
const MOST_OTHERS = 4;

/** Explores findings; the declarations of a file are read once. */
export class Prover {
  private readonly options: ProveOptions;
  #pool: { readonly key: string; readonly pool: Pool } | undefined = undefined;

  constructor(options: ProveOptions) {
    this.options = options;
  }

  async prove(file: string, finding: Finding): Promise<Proof> {
    const path = resolve(file);
    const { folder, maps } = this.options;
    const name = `${basename(file, '.c')}-${finding.function}-${String(finding.line)}`;
    const section = join(folder, `${name}.c`);
    const around = setAround(readFileSync(path, 'latin1'), [
      finding.lines[0],
      finding.line,
      finding.mapLine ?? 0,
    ]);
    let repairs: Repairs = {
      defined: [...new Set([...DEFINED, ...builtBy(path), ...around])],
      stubs: [],
      absent: [],
      types: [],
      variables: [],
    };
    for (;;) {
      const pool = await this.#poolOf(path, repairs.defined);
      const made = sectionOf({ pool, file: path, finding, maps, repairs, output: section });
      if ('why' in made) return { kind: 'not tried', why: made.why };
      mkdirSync(folder, { recursive: true });
      writeText(section, made.text);
      try {
        const program = await loadOfC(section);
        const search = new Search(program, { file: path, finding, section, budget: this.options.budget });
        return running(section, () => search.run());
      } catch (error) {
        if (!isUsersMistake(error)) throw error;
        const better = repaired(repairs, typeof error.cause === 'string' ? error.cause : '', made);
        if (better === repairs) return { kind: 'not tried', why: error.message, section };
        repairs = better;
      }
    }
  }

  async #poolOf(file: string, defined: readonly string[]): Promise<Pool> {
    const key = `${file} ${defined.join(' ')}`;
    if (this.#pool?.key !== key) {
      const reader = await Reader.load(['__KERNEL__', ...defined]);
      this.#pool = { key, pool: new Pool(reader, file, `${PACKAGE_FOLDER}/c/include`) };
    }
    return this.#pool.pool;
  }
}

/** The options under which the makefile beside a file has it built. */
function builtBy(file: string): readonly string[] {
  const makefile = join(dirname(file), 'Makefile');
  if (!existsSync(makefile)) return [];
  const object = new RegExp(`^obj-\\$\\((CONFIG_\\w+)\\)[^#]*\\b${basename(file, '.c')}\\.o\\b`, 'gm');
  return [...readFileSync(makefile, 'latin1').matchAll(object)].map(([, option = '']) => option);
}

interface Sought {
  readonly file: string;
  readonly finding: Finding;
  readonly section: string;
  readonly budget: Budget;
}

class Search {
  private readonly program: DefinedProgram;
  private readonly sought: Sought;
  /** What other rules ended runs, by what they said. */
  readonly #others = new Map<string, { readonly rule: string; readonly place: string; runs: number }>();
  readonly #isTold = new Set<string>();
  #toldMs = 0;
  #reached: Explained | undefined = undefined;

  constructor(program: DefinedProgram, sought: Sought) {
    this.program = program;
    this.sought = sought;
  }

  run(): Proof {
    const { section } = this.sought;
    const { exhaustive, random } = explorerOf(this.program);
    // The way of the finding is met first with few deviations from it; others by chance. Only trying all can say that no
    // run reaches it.
    const outcomes: Outcome[] = [];
    let isComplete = false;
    const searches = [
      { strategy: fewDeviations(), share: 0.6 },
      { strategy: exhaustive(), share: 0.2 },
      { strategy: random({ schedules: Infinity }), share: 0.2 },
    ];
    for (const { strategy, share } of searches) {
      const budget = partOf(this.sought.budget, share);
      const outcome = this.#explore(strategy, budget);
      outcomes.push(outcome);
      isComplete = wereAllTried(outcome, budget) && strategy.isComplete === true && !this.#wereStopped();
      if (isComplete || this.#reached !== undefined || outcome.kind === 'nondeterministic') break;
    }
    const tried = this.#tried(outcomes.map(({ counts }) => counts));
    const told = this.#reached;
    if (told?.violation !== undefined) {
      const schedule = section.replace(/\.c$/, '.schedule');
      const { rule } = told.violation;
      writeText(
        schedule,
        formatSaved({
          program: basename(section),
          rule,
          schedule: formatSchedule(told.schedule),
          actors: told.names,
          library: MANIFEST.version,
        }),
      );
      return { kind: 'reached', tried, rule, choices: choicesOf(told), section, schedule };
    }
    if (isComplete) return { kind: 'not reached', tried, section };
    return { kind: 'out of budget', tried, section, why: whyNotAll(outcomes.at(-1)) };
  }

  #explore(strategy: Strategy, budget: Budget): Outcome {
    const { explore, explain } = explorerOf(this.program);
    const { finding, file } = this.sought;
    return explore(this.program, strategy, {
      budget,
      shrink: false,
      onSchedule: ({ schedule, violation }) => {
        if (violation === undefined) return true;
        const key = `${violation.rule} ${violation.what} ${String(violation.mapping?.pfn)}`;
        const known = this.#others.get(key);
        if (known !== undefined) known.runs += 1;
        const isLikely = isOfRule(finding, violation);
        if (this.#isTold.has(key) || this.#isTold.size >= MOST_TOLD || this.#toldMs > MOST_TOLD_MS)
          return true;
        if (!isLikely && this.#others.size >= MOST_OTHERS) return true;
        if (violation.rule === 'no-progress') {
          this.#isTold.add(key);
          this.#others.set(key, { rule: violation.rule, place: '', runs: 1 });
          return true;
        }
        this.#isTold.add(key);
        const begun = Date.now();
        const told = explain(this.program, schedule, { milliseconds: MOST_TOLD_MS });
        this.#toldMs += Date.now() - begun;
        if (isLikely && told.violation !== undefined && isSame(finding, file, told.violation)) {
          this.#reached = told;
          return false;
        }
        this.#others.set(key, { rule: violation.rule, place: placeOf(told), runs: 1 });
        return true;
      },
    });
  }

  /** Whether runs were stopped because they were too long: what they would have done is not known. */
  #wereStopped(): boolean {
    return [...this.#others.values()].some(({ rule }) => rule === 'no-progress');
  }

  #tried(counts: readonly Counts[]): Tried {
    const others = [...this.#others.values()].sort((a, b) => b.runs - a.runs);
    const sum = (of: (one: Counts) => number): number => counts.reduce((all, one) => all + of(one), 0);
    return { runs: sum((one) => one.schedules), seconds: sum((one) => one.milliseconds) / 1000, others };
  }
}

/** A share of a budget, and at least one run. */
function partOf({ schedules, milliseconds }: Budget, share: number): Budget {
  return {
    ...(schedules !== undefined && { schedules: Math.ceil(schedules * share) }),
    ...(milliseconds !== undefined && { milliseconds: milliseconds * share }),
  };
}

/** Whether exploring ended because nothing was left. Where it went on after other violations, the counts tell. */
function wereAllTried(
  { kind, counts }: Outcome,
  { schedules = Infinity, milliseconds = Infinity }: Budget,
): boolean {
  if (kind === 'exhausted') return true;
  return kind === 'violation' && counts.schedules < schedules && counts.milliseconds < milliseconds;
}

function whyNotAll(outcome: Outcome | undefined): string {
  if (outcome?.kind === 'nondeterministic') return outcome.what;
  if (outcome?.kind !== 'outOfBudget') return 'the budget ended';
  const { limit, what } = outcome;
  if (what !== undefined) return what;
  return limit === 'milliseconds' ? 'the time was over' : 'the budget ended';
}

function placeOf({ violation }: Explained): string {
  const site = [violation?.foundAt, violation?.mapping?.mappedAt].find((one) => (one?.file ?? '') !== '');
  return site === undefined ? '' : `${basename(site.file)}:${String(site.line)}`;
}

/** Other notes are what the code prints. */
const CHOICE = /\w,? is (?:-?\w+|not NULL)$|^\w+ (?:returns [^ ].*|moves pointers to the end)$/;
/** The address of an object of the section. */
const OBJECT = / is 0xc0[\da-f]{6}$/;

/** What was chosen: the notes of the timeline. */
function choicesOf(told: Explained): readonly string[] {
  return told.events.flatMap((event) =>
    event.event === 'note' && CHOICE.test(event.text) ? [event.text.replace(OBJECT, ' is not NULL')] : [],
  );
}
