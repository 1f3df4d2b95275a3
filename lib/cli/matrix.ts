/**
 * `scatterlist matrix`: every port over every backend, on real data.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import type { MachineOptions } from 'scatterlist';
import {
  CONFIGURATIONS,
  LEGEND,
  conversionLines,
  costTables,
  divergenceLines,
  divergencesOf,
  explainCell,
  portTable,
  reasonLines,
  rowTable,
  summaryLine,
} from 'scatterlist/ports';
import type { CellRecord } from 'scatterlist/ports';
import { EXIT } from './exit-codes.ts';
import { loadInput, sampleOf } from './matrix/input.ts';
import type { Plan } from './matrix/plan.ts';
import { progressTeller } from './matrix/progress.ts';
import { runPlan } from './matrix/run.ts';
import { bytesOf, numberOf, refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist matrix --help` prints. */
export const MATRIX_HELP = `scatterlist matrix: run every driver port over every mapping backend, on real data

  By default: the original variant of each port on each kind of memory, its conversions on the first
  kind, on a 32-bit and a 64-bit kernel, with a few KiB; first what the 64-bit kernel hides.

  --all                 every variant, kind of memory, backend and configuration, one table each
  --why PORT BACKEND    explain the cells of one port and one backend, with the whole report
  --port FILE           add your own port: its default export is definePort({ … }); may be repeated
  --backend FILE        add your own backend: its default export binds it to a context; may be repeated
  --input FILE          what the ports move; what is in it, if it is a .gz, .xz or .zst
                        (default: an ext4 image that holds the sources of this package)
  --bytes SIZE          how much of it (default 4K; of your own FILE, all)
  --max-output SIZE     the most bytes that FILE may have, and that its decoder may make of it (default
                        64M, at most 512M); a machine takes about six times as much memory
  --compatible          as Linux does where Linux is odd: machines of compatible semantics, and decoders
                        that pass over a wrong gzip checksum and over what follows the end of a stream
  --wide                what each cell cost, one line each, 120 columns
  --json                everything, for a program
  --machine MODE        checked (default): every access is watched; direct: only slots and counts are
  --no-highmem          a kernel without HIGHMEM, where every page has a permanent address
  --rt                  a PREEMPT_RT kernel
  --workers N           run the cells in N threads (default: one for each core)

Exit code 0: every cell did what the backend's contract says. 1: one did not. 2: wrong usage, or an
input, a port or a backend that is of no use. 3: stopped by Ctrl-C before all cells had run.
70: a bug in scatterlist itself.
`;

/** The largest input for which a machine's address space and the host's memory have room. */
const MOST_OUTPUT_BYTES = 512 * 1024 * 1024;
const SAMPLE = '4K';
const SAFE_NAME = '64-bit';

interface Choice {
  readonly input: string | undefined;
  readonly bytes: number;
  readonly maxOutputBytes: number;
  readonly why: { readonly port: string; readonly backend: string } | undefined;
  readonly ports: readonly string[];
  readonly backends: readonly string[];
  readonly all: boolean;
  readonly wide: boolean;
  readonly json: boolean;
  readonly workers: number;
  /** The options that were chosen; they hold in every configuration except the 64-bit one of the default view. */
  readonly machine: MachineOptions;
}

function parse(args: readonly string[]): Choice {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      all: { type: 'boolean', default: false },
      why: { type: 'string' },
      port: { type: 'string', multiple: true, default: [] },
      backend: { type: 'string', multiple: true, default: [] },
      input: { type: 'string' },
      bytes: { type: 'string' },
      'max-output': { type: 'string', default: '64M' },
      compatible: { type: 'boolean', default: false },
      wide: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      machine: { type: 'string' },
      highmem: { type: 'boolean', default: false },
      'no-highmem': { type: 'boolean', default: false },
      rt: { type: 'boolean', default: false },
      workers: { type: 'string' },
    },
  });
  refuseRepeats(tokens.filter((token) => token.kind !== 'option' || !/^(port|backend)$/.test(token.name)));
  const { machine: mode, why: port } = values;
  const [backend, ...rest] = positionals;
  if (mode !== undefined && mode !== 'checked' && mode !== 'direct')
    throw new UsageError(`--machine is checked or direct, not ${mode}`);
  if (port !== undefined && backend === undefined) throw new UsageError('--why takes a port and a backend');
  if (rest.length > 0 || (port === undefined && backend !== undefined)) {
    throw new UsageError(`what is "${rest[0] ?? backend ?? ''}"?`);
  }
  if (values.highmem && values['no-highmem']) throw new UsageError('--highmem or --no-highmem, not both');
  const ofInput = values.input === undefined ? SAMPLE : '512M';
  return {
    input: values.input,
    bytes: bytesOf('--bytes', values.bytes ?? ofInput, MOST_OUTPUT_BYTES),
    maxOutputBytes: bytesOf('--max-output', values['max-output'], MOST_OUTPUT_BYTES),
    why: port === undefined || backend === undefined ? undefined : { port, backend },
    ports: values.port,
    backends: values.backend,
    all: values.all,
    wide: values.wide,
    json: values.json,
    workers:
      values.workers === undefined ? availableParallelism() : numberOf('--workers', values.workers, 1, 256),
    machine: {
      ...(mode === undefined ? {} : { mode }),
      ...(values.highmem ? { highmem: true } : {}),
      ...(values['no-highmem'] ? { highmem: false } : {}),
      ...(values.rt ? { preemptRt: true } : {}),
      ...(values.compatible ? { semantics: 'compatible' } : {}),
    },
  };
}

function configurationsOf({ all, why, machine }: Choice): Readonly<Record<string, MachineOptions>> {
  if (all)
    return Object.fromEntries(
      Object.entries(CONFIGURATIONS).map(([name, options]) => [name, { ...options, ...machine }]),
    );
  const safe = CONFIGURATIONS[SAFE_NAME] ?? {};
  const chosen = { highmem: true, ...machine };
  return { [nameOf(chosen)]: chosen, ...(why === undefined ? { [SAFE_NAME]: safe } : {}) };
}

/** `32-bit` is the kernel with HIGHMEM of the configurations. */
function nameOf({ highmem, preemptRt, mode, semantics }: MachineOptions): string {
  return [
    highmem === false ? 'no HIGHMEM' : '32-bit',
    ...(preemptRt === true ? ['RT'] : []),
    ...(mode === 'direct' ? ['unchecked'] : []),
    ...(semantics === 'compatible' ? ['compatible'] : []),
  ].join(' ');
}

function asJson(plan: Plan, cells: readonly CellRecord[]): string {
  const report = {
    input: { name: plan.input.name, bytes: plan.input.content.length },
    configurations: plan.configurations,
    unexpected: cells.filter(({ isExpected }) => !isExpected).length,
    divergences: divergencesOf(cells),
    cells: cells.map(({ contract, outcome, needs, ...facts }) => ({
      ...facts,
      backend: contract.name,
      ...outcome,
      needs,
    })),
  };
  return JSON.stringify(report, undefined, 2);
}

function asText(plan: Plan, { why, all, wide }: Choice, cells: readonly CellRecord[]): string {
  if (why !== undefined) return cells.flatMap((cell) => explainCell(cell, pc)).join('\n');
  const [first = ''] = Object.keys(plan.configurations);
  const { name, content } = plan.input;
  const of = (configuration: string): readonly CellRecord[] =>
    cells.filter((cell) => cell.configuration === configuration);
  const tables = all
    ? Object.keys(plan.configurations).flatMap((configuration) => [
        pc.bold(configuration),
        ...rowTable(of(configuration), pc),
        '',
        ...reasonLines(of(configuration), pc),
        '',
      ])
    : [...portTable(of(first), pc), pc.dim(LEGEND)];
  return [
    ...divergenceLines(divergencesOf(cells), pc, all ? 120 : 80),
    '',
    ...tables,
    ...(cells.every(({ isExpected }) => isExpected) || all ? [] : reasonLines(unexpected(cells), pc)),
    ...conversionLines(of(first), pc),
    ...(wide ? ['', ...costTables(cells, pc)] : []),
    '',
    pc.dim(`The ports moved ${String(content.length)} bytes of ${name}.`),
    summaryLine(cells, pc),
    ...(all ? [] : [pc.dim('One cell: matrix --why mvsas-smp kmap   everything: --all   costs: --wide')]),
    '',
  ].join('\n');
}

function unexpected(cells: readonly CellRecord[]): readonly CellRecord[] {
  return cells.filter(({ isExpected }) => !isExpected);
}

/** Runs the command and returns its exit code. */
export async function matrix(args: readonly string[]): Promise<number> {
  const choice = parse(args);
  const { maxOutputBytes, machine, bytes, all, why } = choice;
  const asLinux = machine.semantics === 'compatible';
  const input = await loadInput(choice.input, { maxOutputBytes, asLinux });
  const plan: Plan = {
    ports: choice.ports,
    backends: choice.backends,
    configurations: configurationsOf(choice),
    input: bytes < input.content.length ? sampleOf(input, bytes) : input,
    isWhole: all || why !== undefined,
    port: why?.port,
    backend: why?.backend,
  };
  const { cells, isComplete } = await runPlan(plan, choice.workers, progressTeller());
  process.stdout.write(choice.json ? `${asJson(plan, cells)}\n` : asText(plan, choice, cells));
  if (unexpected(cells).length > 0) return EXIT.violation;
  return isComplete ? EXIT.exhausted : EXIT.outOfBudget;
}
