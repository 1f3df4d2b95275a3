/**
 * `scatterlist matrix`: every port over every backend, on real data.
 */
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import type { MachineOptions } from 'scatterlist';
import { EXIT } from './exit-codes.ts';
import { bytesOf, refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';
import { COLUMNS } from './matrix/backends.ts';
import { loadInput } from './matrix/input.ts';
import type { Input } from './matrix/input.ts';
import { machineOptions, runCell } from './matrix/run.ts';
import type { Cell } from './matrix/run.ts';
import { printCosts, printMatrix, printSummary, printWide, size } from './matrix/table.ts';
import { explain } from './matrix/why.ts';
import { workloads } from './matrix/workloads.ts';

/** What `scatterlist matrix --help` prints. */
export const MATRIX_HELP = `scatterlist matrix: run every driver port over every mapping backend, on real data

  --input FILE          what the ports move; a .gz, .xz or .zst is decompressed by the module port
                        (default: an ext4 image that holds the sources of this package)
  --max-output SIZE     the most bytes that FILE may have, and that its decoder may make of it (default
                        64M, at most 512M); a machine takes about six times as much memory
  --compatible          as Linux does where Linux is odd: machines of compatible semantics, and decoders
                        that pass over a wrong gzip checksum and over what follows the end of a stream
  --why PORT BACKEND    explain the cells of one port and one backend, with the whole report
  --wide                what each cell cost, one line each
  --json                everything, for a program
  --machine MODE        checked (default): every access is watched; direct: only slots and counts are
  --no-highmem          a 64-bit kernel, where every page has a permanent address
  --rt                  a PREEMPT_RT kernel

Exit code 0: every cell did what the backend's contract says. 1: one did not. 2: wrong usage,
or an input that is of no use: it cannot be read, is too long, or its decoder refuses it. 70: a bug in scatterlist
itself.
`;

/** The largest input for which a machine's address space and the host's memory have room. */
const MOST_OUTPUT_BYTES = 512 * 1024 * 1024;

interface Choice {
  readonly input: string | undefined;
  readonly maxOutputBytes: number;
  readonly why: { readonly port: string; readonly backend: string } | undefined;
  readonly wide: boolean;
  readonly json: boolean;
  readonly machine: MachineOptions;
}

function parse(args: readonly string[]): Choice {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      input: { type: 'string' },
      'max-output': { type: 'string', default: '64M' },
      compatible: { type: 'boolean', default: false },
      why: { type: 'string' },
      wide: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      machine: { type: 'string', default: 'checked' },
      highmem: { type: 'boolean', default: false },
      'no-highmem': { type: 'boolean', default: false },
      rt: { type: 'boolean', default: false },
    },
  });
  refuseRepeats(tokens);
  const { machine: mode, why: port } = values;
  const [backend, ...rest] = positionals;
  if (mode !== 'checked' && mode !== 'direct')
    throw new UsageError(`--machine is checked or direct, not ${mode}`);
  if (port !== undefined && backend === undefined) throw new UsageError('--why takes a port and a backend');
  if (rest.length > 0 || (port === undefined && backend !== undefined)) {
    throw new UsageError(`what is "${rest[0] ?? backend ?? ''}"?`);
  }
  if (values.highmem && values['no-highmem']) throw new UsageError('--highmem or --no-highmem, not both');
  return {
    input: values.input,
    maxOutputBytes: bytesOf('--max-output', values['max-output'], MOST_OUTPUT_BYTES),
    why: port === undefined || backend === undefined ? undefined : { port, backend },
    wide: values.wide,
    json: values.json,
    machine: {
      mode,
      highmem: !values['no-highmem'],
      preemptRt: values.rt,
      semantics: values.compatible ? 'compatible' : 'strict',
    },
  };
}

function runAll(input: Input, { why, machine }: Choice): readonly Cell[] {
  const same = (a: string, b: string): boolean => a.replaceAll('_', '-') === b.replaceAll('_', '-');
  const rows = workloads(input).filter(({ port }) => why === undefined || port.startsWith(why.port));
  const columns = COLUMNS.filter(({ contract }) => why === undefined || same(contract.name, why.backend));
  if (rows.length === 0) {
    const ports = new Set(workloads(input).map(({ port }) => port));
    throw new UsageError(`no such port; there are ${[...ports].join(', ')}`);
  }
  if (columns.length === 0) {
    throw new UsageError(
      `no such backend; there are ${COLUMNS.map(({ contract }) => contract.name).join(', ')}`,
    );
  }
  const options = machineOptions(Math.max(input.content.length, input.xz.lengthBytes), machine);
  const cells: Cell[] = [];
  for (const workload of rows) {
    for (const column of columns) {
      progress(cells.length, rows.length * columns.length, `${workload.port} × ${column.contract.name}`);
      cells.push(runCell(workload, column, options));
    }
  }
  progress(cells.length, cells.length, '');
  return cells;
}

function progress(done: number, total: number, what: string): void {
  if (!process.stderr.isTTY) return;
  const text = done === total ? '' : `${String(done)}/${String(total)}  ${what}`;
  process.stderr.write(`\r\u001b[K${text}`);
}

function asJson(input: Input, { machine }: Choice, cells: readonly Cell[]): string {
  const report = {
    input: { name: input.name, bytes: input.content.length },
    machine,
    unexpected: cells.filter(({ expected }) => !expected).length,
    cells: cells.map(({ workload, column, expectation, outcome, expected }) => ({
      port: workload.port,
      memory: workload.memory,
      backend: column.contract.name,
      ...outcome,
      expected,
      because: expectation.because,
    })),
  };
  return JSON.stringify(report, undefined, 2);
}

function asText(input: Input, choice: Choice, cells: readonly Cell[]): string {
  if (choice.why !== undefined) return cells.flatMap(explain).join('\n');
  const { mode, highmem, preemptRt } = choice.machine;
  const kernel = `${highmem === false ? '!HIGHMEM' : 'HIGHMEM'}, ${preemptRt === true ? 'PREEMPT_RT' : 'PREEMPT'}`;
  return [
    `${pc.bold(input.name)}, ${size(input.content.length)}, on ${mode ?? ''} machines of 2 CPUs, ${kernel}, 64 kmap slots`,
    '',
    ...printMatrix(cells),
    '',
    ...(choice.wide ? printWide(cells) : printCosts(cells)),
    '',
    printSummary(cells),
    pc.dim('One cell explained: scatterlist matrix --why mvsas-smp kmap     what each cost: --wide'),
    '',
  ].join('\n');
}

/** Runs the command and returns its exit code. */
export async function matrix(args: readonly string[]): Promise<number> {
  const choice = parse(args);
  const { maxOutputBytes, machine } = choice;
  const asLinux = machine.semantics === 'compatible';
  const input = await loadInput(choice.input, { maxOutputBytes, asLinux });
  const cells = runAll(input, choice);
  process.stdout.write(choice.json ? `${asJson(input, choice, cells)}\n` : asText(input, choice, cells));
  return cells.every(({ expected }) => expected) ? EXIT.exhausted : EXIT.violation;
}
