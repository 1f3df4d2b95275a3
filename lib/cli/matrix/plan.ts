/**
 * What a run of the matrix consists of, as plain values, so that each thread can make the same matrix of it.
 */
import {
  COLUMNS,
  besideRecordOf,
  defineMatrix,
  exploreBeside,
  isPort,
  kindFor,
  recordOf,
  rowsOf,
  runRow,
} from 'scatterlist/ports';
import type {
  BesideOptions,
  BesideRecord,
  CellRecord,
  Column,
  LoadedPort,
  Matrix,
  Port,
  RowOf,
} from 'scatterlist/ports';
import { createMachine } from 'scatterlist';
import type { Context, MachineOptions, MapBackend } from 'scatterlist';
import { PORTS } from '../../../examples/drivers/index.ts';
import { failed } from '../failed.ts';
import { loadDefault } from '../load.ts';
import type { Input } from './input.ts';
import { original } from '../source-lines.ts';
import { UsageError, isUsersMistake } from '../usage-error.ts';

/** The plan of a run. */
export interface Plan {
  /** Files of the user's own ports, shown first. */
  readonly ports: readonly string[];
  /** Files of the user's own backends, shown last. */
  readonly backends: readonly string[];
  readonly configurations: Readonly<Record<string, MachineOptions>>;
  /** What the cells move; without it, none are run. */
  readonly input: Input | undefined;
  /** How the cells are explored, if they are. */
  readonly beside?: ExplorePlan | undefined;
  /** Whether conversions run on every kind of memory of their port, and not only on the first. */
  readonly isWhole: boolean;
  /** Ports whose names begin with one of these; all if it is undefined. */
  readonly port: string | undefined;
  readonly backend: string | undefined;
}

/** How each port is explored beside a second user of its pool. */
export interface ExplorePlan {
  /** A few bytes: there are many orders in which they can be moved. */
  readonly input: Input;
  /** For each cell. */
  readonly budget: NonNullable<BesideOptions['budget']>;
  readonly machine: MachineOptions;
  /** Whether what was found is told step by step. */
  readonly isTold: boolean;
}

/** A part of the work: a row of the matrix, or a cell that is explored. */
export type Job =
  | ({ readonly kind: 'row' } & RowOf)
  | { readonly kind: 'beside'; readonly port: Port; readonly variant: string; readonly column: Column };

/** What a job came to. */
export interface Done {
  readonly cells: readonly CellRecord[];
  readonly explored: readonly BesideRecord[];
}

/** A matrix that is ready to run. */
export class Bench {
  /** The rows first. */
  readonly jobs: readonly Job[];
  readonly matrix: Matrix;
  private readonly plan: Plan;
  readonly #loaded = new Map<Input, Map<Port, LoadedPort>>();

  private constructor(plan: Plan, matrix: Matrix) {
    this.plan = plan;
    this.matrix = matrix;
    const isRun = ({ port, variant, memory }: RowOf): boolean =>
      plan.isWhole || variant === Object.keys(port.variants)[0] || memory === port.memory[0];
    const rows = plan.input === undefined ? [] : rowsOf(matrix).filter(isRun);
    const explored = plan.beside === undefined ? [] : matrix.ports;
    this.jobs = [
      ...rows.map((row) => ({ kind: 'row', ...row }) as const),
      ...explored.flatMap((port) => this.#besides(port)),
    ];
  }

  static async of(plan: Plan): Promise<Bench> {
    return new Bench(plan, await matrixOf(plan));
  }

  #besides(port: Port): readonly Job[] {
    return Object.keys(port.variants).flatMap((variant) =>
      this.#columnsOf(port, variant).map((column) => ({ kind: 'beside', port, variant, column }) as const),
    );
  }

  /** Without a backend under test, all columns are the same. */
  #columnsOf(port: Port, variant: string): readonly Column[] {
    const { columns } = this.matrix;
    return port.variants[variant]?.usesBackend === false ? columns.slice(0, 1) : columns;
  }

  /** How many cells a job has. */
  cellsOf(job: Job): number {
    if (job.kind === 'beside') return 1;
    return this.#columnsOf(job.port, job.variant).length * Object.keys(this.matrix.configurations).length;
  }

  /** Does a job. */
  async run(job: Job): Promise<Done> {
    const what = `port "${job.port.name}"`;
    try {
      return job.kind === 'row' ? await this.#run(job) : await this.#explore(job);
    } catch (error) {
      if (isUsersMistake(error)) throw error;
      const where = job.kind === 'row' ? `${job.memory} pages` : 'beside a second user';
      throw failed(what, `("${job.variant}", ${where})`, error);
    }
  }

  async #run(row: RowOf): Promise<Done> {
    const loaded = await this.#load(row.port, this.plan.input);
    const cells = [...runRow(this.matrix, row, loaded)].map((cell) => recordOf(cell, original));
    return { cells, explored: [] };
  }

  async #explore({ port, variant, column }: Job & { readonly kind: 'beside' }): Promise<Done> {
    const { beside } = this.plan;
    const memory = kindFor(column.contract, port.memory);
    if (beside === undefined || memory === undefined) return { cells: [], explored: [] };
    const { input, budget, machine, isTold } = beside;
    const loaded = await this.#load(port, input);
    const cell = exploreBeside({ port: loaded, variant, memory, column }, { budget, machine });
    return { cells: [], explored: [besideRecordOf(cell, { place: original, isTold })] };
  }

  async #load(port: Port, input: Input = NONE): Promise<LoadedPort> {
    const of = this.#loaded.get(input) ?? new Map<Port, LoadedPort>();
    this.#loaded.set(input, of);
    const loaded = of.get(port) ?? (await port.load(input));
    of.set(port, loaded);
    return loaded;
  }
}

const NONE: Input = { name: 'no input', content: new Uint8Array() };

async function matrixOf({ ports, backends, configurations, port, backend }: Plan): Promise<Matrix> {
  const own = await Promise.all(ports.map(loadPort));
  const all = [...own, ...PORTS];
  const columns = [...COLUMNS, ...(await Promise.all(backends.map(loadColumn)))];
  const names = all.map(({ name }) => name);
  const matrix = defineMatrixOf({ ports: all, columns, configurations });
  const chosen = all.filter(({ name }) => port === undefined || name === port);
  const similar = chosen.length > 0 ? chosen : all.filter(({ name }) => name.startsWith(port ?? ''));
  if (similar.length === 0) throw new UsageError(`no such port; there are ${names.join(', ')}`);
  const used = columns.filter(({ contract }) => backend === undefined || isSame(contract.name, backend));
  if (used.length === 0)
    throw new UsageError(
      `no such backend; there are ${columns.map(({ contract }) => contract.name).join(', ')}`,
    );
  return { ...matrix, ports: similar, columns: used };
}

function defineMatrixOf(spec: Matrix): Matrix {
  try {
    return defineMatrix(spec);
  } catch (error) {
    // Two ports of one name: the user's own is one of them.
    if (error instanceof Error && error.name === 'ConfigError') throw new UsageError(error.message);
    throw error;
  }
}

function isSame(a: string, b: string): boolean {
  return letters(a) === letters(b);
}

function letters(name: string): string {
  return name.replaceAll(/[-_]/g, '').toLowerCase();
}

/** Loads a user's own port. */
async function loadPort(file: string): Promise<Port> {
  const port = await loadDefault(file);
  if (!isPort(port))
    throw new UsageError(`the default export of ${file} is not a port: export default definePort({ … })`);
  return port;
}

/** Loads a user's own backend: a column, or the function that binds it to a context. */
async function loadColumn(file: string): Promise<Column> {
  const value = await loadDefault(file);
  if (isColumn(value)) return value;
  if (!isBind(value))
    throw new UsageError(
      `the default export of ${file} is no backend: a function (context) => defineBackend(…), or { contract, on }`,
    );
  // The contract is that of the bound backend.
  let contract: unknown;
  try {
    ({ contract } = value(createMachine().task('contract')));
  } catch (error) {
    throw failed(file, 'cannot be bound', error);
  }
  if (!isContract(contract)) throw new UsageError(`the backend of ${file} has no contract`);
  return { contract, on: () => value };
}

function isColumn(value: unknown): value is Column {
  if (typeof value !== 'object' || value === null || !('contract' in value) || !('on' in value)) return false;
  return isContract(value.contract) && typeof value.on === 'function';
}

function isBind(value: unknown): value is (context: Context) => MapBackend {
  return typeof value === 'function';
}

function isContract(value: unknown): value is Column['contract'] {
  return typeof value === 'object' && value !== null && 'name' in value && 'errors' in value;
}
