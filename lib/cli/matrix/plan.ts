/**
 * What a run of the matrix consists of, as plain values, so that each thread can make the same matrix of it.
 */
import { COLUMNS, defineMatrix, isPort, recordOf, rowsOf, runRow } from 'scatterlist/ports';
import type { CellRecord, Column, LoadedPort, Matrix, Port, RowOf } from 'scatterlist/ports';
import { createMachine } from 'scatterlist';
import type { Context, MachineOptions, MapBackend } from 'scatterlist';
import { PORTS } from '../../../examples/drivers/index.ts';
import { failed, loadDefault } from '../explore/load.ts';
import { original } from '../source-lines.ts';
import { UsageError, isUsersMistake } from '../usage-error.ts';

/** The plan of a run. */
export interface Plan {
  /** Files of the user's own ports, shown first. */
  readonly ports: readonly string[];
  /** Files of the user's own backends, shown last. */
  readonly backends: readonly string[];
  readonly configurations: Readonly<Record<string, MachineOptions>>;
  readonly input: { readonly name: string; readonly content: Uint8Array };
  /** Whether conversions run on every kind of memory of their port, and not only on the first. */
  readonly isWhole: boolean;
  /** Ports whose names begin with one of these; all if it is undefined. */
  readonly port: string | undefined;
  readonly backend: string | undefined;
}

/** A matrix that is ready to run. */
export class Bench {
  readonly matrix: Matrix;
  readonly rows: readonly RowOf[];
  private readonly plan: Plan;
  readonly #loaded = new Map<Port, LoadedPort>();

  private constructor(plan: Plan, matrix: Matrix) {
    this.plan = plan;
    this.matrix = matrix;
    this.rows = rowsOf(matrix).filter(
      ({ port, variant, memory }) =>
        plan.isWhole || variant === Object.keys(port.variants)[0] || memory === port.memory[0],
    );
  }

  static async of(plan: Plan): Promise<Bench> {
    return new Bench(plan, await matrixOf(plan));
  }

  /** How many cells a row has. */
  cellsOf({ port, variant }: RowOf): number {
    const { columns, configurations } = this.matrix;
    const backends = port.variants[variant]?.usesBackend === false ? 1 : columns.length;
    return backends * Object.keys(configurations).length;
  }

  /** Runs all cells of a row. */
  async run(row: RowOf): Promise<readonly CellRecord[]> {
    const { port } = row;
    const what = `port "${port.name}"`;
    try {
      const loaded = this.#loaded.get(port) ?? (await port.load(this.plan.input));
      this.#loaded.set(port, loaded);
      return [...runRow(this.matrix, row, loaded)].map((cell) => recordOf(cell, original));
    } catch (error) {
      if (isUsersMistake(error)) throw error;
      throw failed(what, `("${row.variant}", ${row.memory} pages)`, error);
    }
  }
}

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
  return a.replaceAll('_', '-') === b.replaceAll('_', '-');
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
