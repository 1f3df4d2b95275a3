/**
 * `scatterlist matrix`: every port over every backend, on real data.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import type { MachineOptions } from 'scatterlist';
import {
  BESIDE_LEGEND,
  CONFIGURATIONS,
  LEGEND,
  besideFindings,
  besideReasons,
  besideSummary,
  besideTable,
  conversionLines,
  costTables,
  divergenceLines,
  divergencesOf,
  explainBeside,
  explainCell,
  portTable,
  reasonLines,
  rowTable,
  summaryLine,
} from 'scatterlist/ports';
import type { BesideRecord, CellRecord } from 'scatterlist/ports';
import { EXIT } from './exit-codes.ts';
import { budgetOf } from './explore/limits.ts';
import { loadInput, sampleOf } from './matrix/input.ts';
import type { Input } from './matrix/input.ts';
import type { ExplorePlan, Plan } from './matrix/plan.ts';
import { tellProgress } from './matrix/progress.ts';
import { runPlan } from './matrix/run.ts';
import type { Ran } from './matrix/run.ts';
import { bytesOf, numberOf, refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist matrix --help` prints. */
export const MATRIX_HELP = `scatterlist matrix: run every driver port over every mapping backend, on real data

  By default: the original variant of each port on each kind of memory, its conversions on the first
  kind, on a 32-bit and a 64-bit kernel, with a few KiB; first what the 64-bit kernel hides.

  --all                 every variant, kind of memory, backend and configuration, one table each; and --explore
  --explore             instead, every variant over every backend in every order of events, beside a second
                        user of the same small pool; with few bytes
  --budget N            how long each cell is explored: N schedules, or N seconds where it ends in s (default 2s)
  --why PORT BACKEND    explain the cells of one port and one backend, with the report and the trace
  --port FILE           add your own port: its default export is definePort(…); may be repeated
  --backend FILE        add your own backend: its default export binds it to a context; may be repeated
  --input FILE          what the ports move; what is in it, if it is a .gz, .xz or .zst
                        (default: an ext4 image that holds the sources of this package)
  --bytes SIZE          how much of it (default 4K; of your own FILE, all; with --explore, 16)
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

Exit code 0: every cell did what the backend's contract says, and each that was explored was explored
to its end. 1: one did not. 2: wrong usage, or an input, a port or a backend that is of no use. 3: the
budget of a cell ended first, or Ctrl-C came before all cells had run.
70: a bug in scatterlist itself.
`;

/** The largest input for which a machine's address space and the host's memory have room. */
const MOST_OUTPUT_BYTES = 512 * 1024 * 1024;
const SAMPLE = '4K';
/** What each cell that is explored moves. */
const FEW_BYTES = 16;
/** A cell of many bytes has more orders than any budget. */
const MOST_EXPLORED_BYTES = 64 * 1024;
const SAFE_NAME = '64-bit';

interface Choice {
  readonly input: string | undefined;
  readonly bytes: number;
  readonly maxOutputBytes: number;
  readonly why: { readonly port: string; readonly backend: string } | undefined;
  readonly ports: readonly string[];
  readonly backends: readonly string[];
  readonly all: boolean;
  readonly explore: boolean;
  readonly budget: ExplorePlan['budget'];
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
      explore: { type: 'boolean', default: false },
      budget: { type: 'string' },
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
  const { explore, all } = values;
  if (explore && mode === 'direct')
    throw new UsageError('--explore checks every access; not with --machine direct');
  if (values.budget !== undefined && !explore && !all)
    throw new UsageError('--budget is for --explore or --all');
  const ofInput = explore ? String(FEW_BYTES) : values.input === undefined ? SAMPLE : '512M';
  return {
    input: values.input,
    bytes: bytesOf('--bytes', values.bytes ?? ofInput, explore ? MOST_EXPLORED_BYTES : MOST_OUTPUT_BYTES),
    explore,
    budget: budgetOf(values.budget ?? '2s'),
    maxOutputBytes: bytesOf('--max-output', values['max-output'], MOST_OUTPUT_BYTES),
    why: port === undefined || backend === undefined ? undefined : { port, backend },
    ports: values.port,
    backends: values.backend,
    all,
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
  if (why !== undefined) return { [nameOf(chosen)]: { ...chosen, trace: true } };
  return { [nameOf(chosen)]: chosen, [SAFE_NAME]: safe };
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

function asJson({ beside, configurations, ...plan }: Plan, { cells, explored }: Ran): string {
  const report = {
    ...(plan.input !== undefined && { input: inputOf(plan.input), configurations }),
    ...(beside !== undefined && { explored: { input: inputOf(beside.input), budget: beside.budget } }),
    unexpected: unexpected(cells).length + unexpected(explored).length,
    divergences: divergencesOf(cells),
    cells: cells.map(({ contract, outcome, needs, ...facts }) => ({
      ...facts,
      backend: contract.name,
      ...outcome,
      needs,
    })),
    ...(beside !== undefined && {
      beside: explored.map(({ outcome, ...facts }) => ({ ...facts, ...outcome })),
    }),
  };
  return JSON.stringify(report, undefined, 2);
}

function inputOf({ name, content }: Input): { readonly name: string; readonly bytes: number } {
  return { name, bytes: content.length };
}

function asText(plan: Plan, choice: Choice, { cells, explored }: Ran): string {
  if (choice.why !== undefined)
    return [
      ...cells.flatMap((cell) => explainCell(cell, pc)),
      ...explored.flatMap((record) => explainBeside(record, pc)),
    ].join('\n');
  return [
    ...(plan.input === undefined ? [] : matrixLines(plan, plan.input, choice, cells)),
    ...(plan.beside === undefined ? [] : besideLines(plan.beside, explored)),
    '',
  ].join('\n');
}

function matrixLines(
  plan: Plan,
  { name, content }: Input,
  { all, wide }: Choice,
  cells: readonly CellRecord[],
): readonly string[] {
  const [first = ''] = Object.keys(plan.configurations);
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
    ...(all ? [''] : [pc.dim('One cell: matrix --why mvsas-smp kmap   everything: --all   costs: --wide')]),
  ];
}

function besideLines({ input }: ExplorePlan, records: readonly BesideRecord[]): readonly string[] {
  return [
    ...besideFindings(records, pc),
    '',
    ...besideTable(records, pc),
    pc.dim(BESIDE_LEGEND),
    ...besideReasons(records),
    '',
    pc.dim(
      `Each moved ${String(input.content.length)} bytes of ${input.name}, beside a second user of the same small pool.`,
    ),
    besideSummary(records, pc),
    pc.dim('One port, step by step: matrix --explore --why btrfs kmap'),
  ];
}

function unexpected<T extends { readonly isExpected: boolean }>(cells: readonly T[]): readonly T[] {
  return cells.filter(({ isExpected }) => !isExpected);
}

/** A part of the input, if it is larger. */
function partOf(input: Input, bytes: number): Input {
  return bytes < input.content.length ? sampleOf(input, bytes) : input;
}

function planOf(choice: Choice, whole: Input): Plan {
  const { bytes, all, explore, why, budget } = choice;
  const { mode: _, ...machine } = choice.machine;
  return {
    ports: choice.ports,
    backends: choice.backends,
    configurations: configurationsOf(choice),
    input: explore ? undefined : partOf(whole, bytes),
    beside:
      explore || (all && why === undefined)
        ? {
            input: partOf(whole, explore ? bytes : Math.min(bytes, FEW_BYTES)),
            budget,
            machine: { highmem: true, ...machine },
            isTold: why !== undefined,
          }
        : undefined,
    isWhole: all || why !== undefined,
    port: why?.port,
    backend: why?.backend,
  };
}

/** Runs the command and returns its exit code. */
export async function matrix(args: readonly string[]): Promise<number> {
  const choice = parse(args);
  const { maxOutputBytes, machine } = choice;
  const asLinux = machine.semantics === 'compatible';
  const plan = planOf(choice, await loadInput(choice.input, { maxOutputBytes, asLinux }));
  const ran = await runPlan(plan, choice.workers, tellProgress);
  process.stdout.write(choice.json ? `${asJson(plan, ran)}\n` : asText(plan, choice, ran));
  const { cells, explored, isComplete } = ran;
  if (unexpected(cells).length + unexpected(explored).length > 0) return EXIT.violation;
  const isWhole = isComplete && explored.every(({ outcome }) => outcome.result !== 'outOfBudget');
  return isWhole ? EXIT.exhausted : EXIT.outOfBudget;
}
