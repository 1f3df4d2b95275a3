/**
 * What is measured, as plain values, so that each thread can make the same of it.
 */
import { JOB_IDS } from 'scatterlist/lab';
import type { JobId, LabCell } from 'scatterlist/lab';
import { failed } from '../failed.ts';
import { UsageError, isUsersMistake } from '../usage-error.ts';
import { loadDesign, ownDesigns } from './design.ts';
import type { Design } from './design.ts';
import { measureCell } from './measure-cell.ts';

/** The plan of a run. */
export interface LabPlan {
  /** Files of the user's own designs, shown first. */
  readonly files: readonly string[];
  /** The design that is measured; all if it is undefined. */
  readonly facade: string | undefined;
  /** The job; all if it is undefined. */
  readonly job: JobId | undefined;
  /** Whether what two users did is told step by step. */
  readonly isTold: boolean;
}

/** A cell that is to be measured. */
export interface CellJob {
  readonly design: Design;
  readonly job: JobId;
}

/** A plan with its designs loaded. */
export class Lab {
  readonly designs: readonly Design[];
  readonly cells: readonly CellJob[];
  private readonly isTold: boolean;

  private constructor(designs: readonly Design[], { facade, job, isTold }: LabPlan) {
    this.isTold = isTold;
    this.designs = designs.filter(
      ({ candidate }) => facade === undefined || candidate.facade.name === facade,
    );
    if (this.designs.length === 0)
      throw new UsageError(
        `no design "${facade ?? ''}"; there is ${designs.map(({ candidate }) => candidate.facade.name).join(', ')}`,
      );
    const jobs = job === undefined ? JOB_IDS : [job];
    this.cells = this.designs.flatMap((design) => jobs.map((each) => ({ design, job: each })));
  }

  static async of(plan: LabPlan): Promise<Lab> {
    const own = await Promise.all(
      plan.files.map(async (file) => {
        try {
          return await loadDesign(file);
        } catch (error) {
          throw failed(file, 'cannot be loaded', error);
        }
      }),
    );
    const all = [...own, ...ownDesigns()];
    const seen = new Map<string, string>();
    // From the end, so that it is the user's own file that is named.
    for (const { candidate, file } of all.toReversed()) {
      const { name } = candidate.facade;
      const other = seen.get(name);
      if (other !== undefined)
        throw new UsageError(`${file}: ${other} has a design "${name}", too; give yours another name`);
      seen.set(name, file);
    }
    return new Lab(all, plan);
  }

  /** Measures the cell of a number. */
  async measure(number: number): Promise<LabCell> {
    const cell = this.cells[number];
    if (cell === undefined) throw new UsageError(`the laboratory has no cell ${String(number)}`);
    try {
      return await measureCell(cell.design, cell.job, this.isTold);
    } catch (error) {
      if (isUsersMistake(error)) throw error;
      throw failed(cell.design.file, `cannot be measured in ${cell.job}`, error);
    }
  }
}
