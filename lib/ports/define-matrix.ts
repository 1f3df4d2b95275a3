/**
 * A matrix: every variant of every port, on every kind of memory, over every backend, on machines of several
 * configurations.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkOptions } from '../base/options.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { MemoryKind } from '../machine/memory.ts';
import { runCell } from './cell.ts';
import type { Cell } from './cell.ts';
import { COLUMNS } from './column.ts';
import type { Column } from './column.ts';
import { observe } from './observe.ts';
import type { Observed } from './observe.ts';
import { isPort } from './port.ts';
import type { LoadedPort, Port } from './port.ts';

/** What a matrix is made of. */
export interface MatrixSpec {
  readonly ports: readonly Port[];
  /** Default: the backends of the library. */
  readonly columns?: readonly Column[];
  /** Options of the machines, by the name of the configuration. Default: those of `CONFIGURATIONS`. */
  readonly configurations?: Readonly<Record<string, MachineOptions>>;
}

/** A checked matrix. */
export interface Matrix {
  readonly ports: readonly Port[];
  readonly columns: readonly Column[];
  readonly configurations: Readonly<Record<string, MachineOptions>>;
}

/** A row of a matrix. */
export interface RowOf {
  readonly port: Port;
  readonly variant: string;
  readonly memory: MemoryKind;
}

/**
 * The kernels on which a port may behave in another way.
 *
 * The last one is what most people test on: a 64-bit kernel, where every page has a permanent address, no access is
 * checked, and quirks of Linux are as in Linux.
 */
export const CONFIGURATIONS: Readonly<Record<string, MachineOptions>> = {
  '32-bit': { highmem: true },
  '32-bit RT': { highmem: true, preemptRt: true },
  'small pool': { highmem: true, pkmapSlots: 4 },
  'forced maps': { highmem: false, forceMap: true },
  '64-bit': { highmem: false, mode: 'direct', semantics: 'compatible' },
};

/**
 * Makes a matrix of ports and backends.
 *
 * @linux none
 */
export function defineMatrix(spec: MatrixSpec): Matrix {
  checkOptions('defineMatrix', spec, { ports: 'object', columns: 'object', configurations: 'object' });
  const { ports, columns = COLUMNS, configurations = CONFIGURATIONS } = spec;
  if (ports.length === 0) throw new ConfigError('a matrix has at least one port; this one has none');
  for (const port of ports)
    if (!isPort(port)) throw new ConfigError('a port of the matrix was not made by definePort');
  refuseTwice(
    'ports',
    ports.map(({ name }) => name),
  );
  refuseTwice(
    'backends',
    columns.map(({ contract }) => contract.name),
  );
  return { ports, columns, configurations };
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new ConfigError(`two ${what} of the matrix have the name "${twice}"`);
}

/** The rows of a matrix. */
export function rowsOf({ ports }: Matrix): readonly RowOf[] {
  return ports.flatMap((port) =>
    Object.keys(port.variants).flatMap((variant) => port.memory.map((memory) => ({ port, variant, memory }))),
  );
}

/** A cell with the configuration of its machine. */
export interface ConfiguredCell extends Cell {
  readonly configuration: string;
}

/**
 * Runs the cells of a row: over each backend in each configuration. The port is observed first, with handlers in
 * interrupt context and, if a configuration wants it, with handlers in threads.
 */
export function* runRow(
  { columns, configurations }: Matrix,
  { variant, memory }: RowOf,
  loaded: LoadedPort,
): Generator<ConfiguredCell, void, void> {
  const observed = new Map<boolean, Observed>();
  // Without a backend under test, all columns are the same.
  const used = loaded.port.variants[variant]?.usesBackend === false ? columns.slice(0, 1) : columns;
  for (const [configuration, options] of Object.entries(configurations)) {
    const { preemptRt = false } = options;
    const seen = observed.get(preemptRt) ?? observe(loaded, variant, memory, { preemptRt });
    observed.set(preemptRt, seen);
    for (const column of used)
      yield { ...runCell({ port: loaded, variant, memory, column }, seen, options), configuration };
  }
}
