/**
 * Measures all cells of a plan, in threads, and asks TypeScript about all mistakes meanwhile.
 */
import { dirname } from 'node:path';
import { Piscina } from 'piscina';
import { Edit, firstOf } from 'scatterlist/lab';
import type { LabCell, MistakeRecord, TypeScriptVerdict } from 'scatterlist/lab';
import { threadUrl } from '../thread-url.ts';
import { UsageError } from '../usage-error.ts';
import { compile } from './compiler.ts';
import type { Compiled, Unit } from './compiler.ts';
import { wrongText } from './measure-cell.ts';
import { Lab } from './plan.ts';
import type { CellJob, LabPlan } from './plan.ts';
import type { LabReply } from './thread.ts';

/** What has been measured. */
export interface LabResult {
  readonly cells: readonly LabCell[];
  readonly designs: Lab['designs'];
  /** The version of TypeScript that was asked, or why none was. */
  readonly typescript: { readonly version: string } | { readonly missing: string };
}

/** Told after each cell. */
export type TellCell = (done: number, cells: number, elapsedMs: number, what: string) => void;

/** Fewer cells are measured before a thread has started. */
const WORTH_THREADS = 4;

/** Measures all cells of a plan. */
export async function runLab(plan: LabPlan, workers: number, tell: TellCell): Promise<LabResult> {
  const lab = await Lab.of(plan);
  const asked = compile(unitsOf(lab.cells));
  // An error of it is thrown where it is waited for.
  asked.catch(() => undefined);
  const start = Date.now();
  let done = 0;
  const measured = await measureAll(lab, plan, workers, (cell) => {
    done += 1;
    tell(done, lab.cells.length, Date.now() - start, `${cell.facade} ${cell.job}`);
  });
  const compiled = await asked;
  return {
    cells: measured.map((cell) => withTypeScript(cell, compiled)),
    designs: lab.designs,
    typescript: 'missing' in compiled ? compiled : { version: compiled.version },
  };
}

async function measureAll(
  lab: Lab,
  plan: LabPlan,
  workers: number,
  tell: (cell: LabCell) => void,
): Promise<readonly LabCell[]> {
  const numbers = [...lab.cells.keys()];
  const keep = (cell: LabCell): LabCell => {
    tell(cell);
    return cell;
  };
  if (workers === 1 || numbers.length < WORTH_THREADS) {
    const cells: LabCell[] = [];
    for (const number of numbers) cells.push(keep(await lab.measure(number)));
    return cells;
  }
  const pool = new Piscina<number, LabReply>({
    filename: threadUrl('lab').href,
    workerData: plan,
    minThreads: workers,
    maxThreads: workers,
    atomics: 'disabled',
  });
  try {
    return await Promise.all(
      numbers.map(async (number) => {
        const reply = await pool.run(number);
        if ('mistake' in reply) throw new UsageError(reply.mistake);
        return keep(reply);
      }),
    );
  } finally {
    await pool.destroy();
  }
}

/** The text of each file as it is, and with each mistake. */
function unitsOf(cells: readonly CellJob[]): readonly Unit[] {
  const units = new Map<string, Unit>();
  for (const { design, job } of cells) {
    const { candidate, source } = design;
    const folder = dirname(source.file);
    const { name } = candidate.facade;
    units.set(rightName(name), { name: rightName(name), text: source.text, folder });
    if (candidate.cannot(job) !== undefined) continue;
    const site = source.site(job);
    for (const mistake of candidate.mistakes) {
      if (mistake.job !== job || !(mistake.how instanceof Edit)) continue;
      const text = source.withSite(site, wrongText(design, site, mistake));
      const unit = wrongName(name, job, mistake.mistake);
      units.set(unit, { name: unit, text, folder });
    }
  }
  return [...units.values()];
}

function rightName(facade: string): string {
  return `${facade}.right`;
}

function wrongName(facade: string, job: string, mistake: string): string {
  return `${facade}.${job}.${mistake}`;
}

function withTypeScript(cell: LabCell, compiled: Compiled): LabCell {
  const { measured } = cell;
  if (measured === undefined) return cell;
  const mistakes = measured.mistakes.map((record): MistakeRecord => {
    if (record.cannot !== undefined) return record;
    const typescript = verdictOn(cell, record, compiled);
    return { ...record, typescript, by: firstOf({ ...record, typescript }) };
  });
  return { ...cell, measured: { ...measured, mistakes } };
}

function verdictOn(
  { facade, job }: LabCell,
  { mistake }: MistakeRecord,
  compiled: Compiled,
): TypeScriptVerdict {
  if ('missing' in compiled) return { verdict: 'not asked', why: compiled.missing };
  const right = compiled.refusals.get(rightName(facade));
  if (right !== undefined)
    return {
      verdict: 'not asked',
      why: `the file does not compile without the mistake: line ${String(right.line)}: ${right.code}: ${right.message}`,
    };
  const refusal = compiled.refusals.get(wrongName(facade, job, mistake));
  return refusal === undefined
    ? { verdict: 'accepts' }
    : { verdict: 'refuses', code: refusal.code, message: refusal.message };
}
