/**
 * Looks for a run that reaches what a finding says: slices its function, and explores it.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { explorerOf, formatSaved, formatSchedule } from 'scatterlist/explore';
import type { Budget, Counts, DefinedProgram, Explained, Outcome, Strategy } from 'scatterlist/explore';
import { writeText } from '../../files.ts';
import { loadOfC } from '../../load.ts';
import { MANIFEST, PACKAGE_FOLDER } from '../../package-root.ts';
import { Reader } from '../../slice/declarations.ts';
import { Pool } from '../../slice/pool.ts';
import { isUsersMistake } from '../../usage-error.ts';
import type { Finding } from '../judge.ts';
import { isOfRule, isSame } from './match.ts';
import type { Proof, Tried } from './proof.ts';
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
    let defined: readonly string[] = [...DEFINED, ...builtBy(path), ...around];
    for (;;) {
      const pool = await this.#poolOf(path, defined);
      const made = sectionOf({ pool, file: path, finding, maps, defined, output: section });
      if ('why' in made) return { kind: 'not tried', why: made.why };
      mkdirSync(folder, { recursive: true });
      writeText(section, made.text);
      try {
        const program = await loadOfC(section);
        return new Search(program, { file: path, finding, section, budget: this.options.budget }).run();
      } catch (error) {
        if (!isUsersMistake(error)) throw error;
        const more = setAroundMember(error.message, pool).filter((option) => !defined.includes(option));
        if (more.length === 0) return { kind: 'not tried', why: error.message, section };
        defined = [...defined, ...more];
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

/** The options under which a structure has the member that the compiler does not find. */
function setAroundMember(message: string, pool: Pool): readonly string[] {
  const [, member, tag] = /no member named '(\w+)' in '((?:struct|union) \w+)'/.exec(message) ?? [];
  if (member === undefined || tag === undefined) return [];
  const found = (pool.own(tag) ?? pool.tree(tag))?.declaration;
  if (found === undefined) return [];
  const text = readFileSync(found.file, 'latin1');
  const lines = text.split('\n');
  const end = lines.findIndex((line, at) => at >= found.line && line.startsWith('}'));
  const at = lines.findIndex(
    (line, i) => i >= found.line && i < end && new RegExp(`\\b${member}\\b`).test(line),
  );
  return at < 0 ? [] : setAround(text, [at + 1]);
}

/** The options in whose branches some lines lie. */
export function setAround(text: string, lines: readonly number[]): readonly string[] {
  const set = new Set<string>();
  const open: (readonly string[])[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const [, word = '', rest = ''] = /^[ \t]*#[ \t]*(\w+)(.*)$/.exec(line) ?? [];
    const names = rest.match(/\bCONFIG_\w+/g) ?? [];
    if (word === 'ifdef' || (word === 'if' && !rest.includes('!'))) open.push(names);
    else if (word === 'ifndef' || word === 'if') open.push([]);
    else if (word === 'elif' || word === 'else') open.push((open.pop(), []));
    else if (word === 'endif') open.pop();
    if (lines.includes(at + 1)) for (const name of open.flat()) set.add(name);
  }
  return [...set];
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
    const half = halfOf(this.sought.budget);
    const all = this.#explore(exhaustive(), half);
    const isComplete = wereAllTried(all, half);
    // Most values are met sooner by chance; only trying all can say that no run reaches it.
    const isDone = isComplete || this.#reached !== undefined || all.kind === 'nondeterministic';
    const some = isDone ? undefined : this.#explore(random({ schedules: Infinity }), half);
    const tried = this.#tried(some === undefined ? [all.counts] : [all.counts, some.counts]);
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
    return { kind: 'out of budget', tried, section, why: whyNotAll(all) };
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
        if (this.#isTold.has(key) || this.#isTold.size >= MOST_TOLD || this.#toldMs > MOST_TOLD_MS)
          return true;
        this.#isTold.add(key);
        const begun = Date.now();
        const told = explain(this.program, schedule, { milliseconds: MOST_TOLD_MS });
        this.#toldMs += Date.now() - begun;
        if (
          told.violation !== undefined &&
          isOfRule(finding, told.violation) &&
          isSame(finding, file, told.violation)
        ) {
          this.#reached = told;
          return false;
        }
        this.#others.set(key, { rule: violation.rule, place: placeOf(told), runs: 1 });
        return true;
      },
    });
  }

  #tried(counts: readonly Counts[]): Tried {
    const others = [...this.#others.values()].sort((a, b) => b.runs - a.runs);
    const sum = (of: (one: Counts) => number): number => counts.reduce((all, one) => all + of(one), 0);
    return { runs: sum((one) => one.schedules), seconds: sum((one) => one.milliseconds) / 1000, others };
  }
}

/** Half of a budget, and at least one run. */
function halfOf({ schedules, milliseconds }: Budget): Budget {
  return {
    ...(schedules !== undefined && { schedules: Math.ceil(schedules / 2) }),
    ...(milliseconds !== undefined && { milliseconds: milliseconds / 2 }),
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

function whyNotAll(outcome: Outcome): string {
  if (outcome.kind === 'nondeterministic') return outcome.what;
  if (outcome.kind !== 'outOfBudget') return 'the budget ended';
  const { limit, what } = outcome;
  if (what !== undefined) return what;
  return limit === 'milliseconds' ? 'the time was over' : 'the budget ended';
}

function placeOf({ violation }: Explained): string {
  const site = [violation?.foundAt, violation?.mapping?.mappedAt].find((one) => (one?.file ?? '') !== '');
  return site === undefined ? '' : `${basename(site.file)}:${String(site.line)}`;
}

/** What was chosen: the notes of the timeline. */
function choicesOf(told: Explained): readonly string[] {
  return told.events.flatMap((event) => (event.event === 'note' ? [event.text] : []));
}
