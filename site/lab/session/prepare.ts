/**
 * Makes what a program exports ready to be run on the machine that the reader has chosen.
 */
import { ConfigError } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { isDefinedProgram } from 'scatterlist/explore';
import type { Program } from 'scatterlist/explore';
import { resolveConfig } from 'scatterlist/machine';
import { COLUMNS, exploreBeside, isPort } from 'scatterlist/ports';
import type { Column, Port } from 'scatterlist/ports';
import type { ActorPicture, Loaded } from './messages.ts';
import type { Configuration, ProgramText } from './program.ts';
import { ProgramError } from './program-error.ts';

/** A program that can be run. */
export interface Prepared {
  readonly program: Program;
  readonly loaded: Loaded;
}

/** The bytes that a port moves here: a few, so that its orders of events can be tried. */
const PORT_BYTES = 48;

/** Prepares the default export of a program. */
export async function prepare(
  exported: unknown,
  text: ProgramText,
  configuration: Configuration,
): Promise<Prepared> {
  if (isDefinedProgram(exported)) return preparedOf(exported, text, configuration, undefined);
  if (!isPort(exported))
    throw new ProgramError(
      'the default export is neither a program nor a port; export default what defineProgram or definePort returns',
    );
  const { program, port } = await portProgram(exported, configuration);
  return preparedOf(program, text, configuration, port);
}

function preparedOf(
  own: Program,
  text: ProgramText,
  configuration: Configuration,
  port: Loaded['port'],
): Prepared {
  const machine = { ...own.machine, ...machineOptions(configuration) };
  const { cpus, highmem, preemptRt, pkmapSlots } = resolveConfig(machine);
  refuseMissingCpus(own, cpus);
  return {
    program: { ...own, machine },
    loaded: {
      name: own.name ?? text.file.slice(text.file.lastIndexOf('/') + 1),
      actors: actorsOf(own, text.text),
      machine: { cpus, highmem, preemptRt, pkmapSlots },
      port,
    },
  };
}

function machineOptions({ cpus, highmem, preemptRt, pkmapSlots }: Configuration): MachineOptions {
  return {
    ...(cpus !== undefined && { cpus }),
    ...(highmem !== undefined && { highmem }),
    ...(preemptRt !== undefined && { preemptRt }),
    ...(pkmapSlots !== undefined && { pkmapSlots }),
  };
}

/** A reader who takes a CPU away should hear which task needs it. */
function refuseMissingCpus({ tasks, interrupts = {} }: Program, cpus: number): void {
  const specs = [...Object.entries(tasks), ...Object.entries(interrupts)];
  for (const [name, spec] of specs) {
    const cpu = typeof spec === 'function' ? 0 : spec.cpu;
    if (typeof cpu === 'number' && cpu >= cpus)
      throw new ConfigError(`"${name}" is on cpu${String(cpu)}, and the machine has ${String(cpus)} CPUs`);
  }
}

function actorsOf(program: Program, text: string): readonly ActorPicture[] {
  const lines = text.split('\n');
  const kinds: (readonly [string, ActorPicture['kind']])[] = [
    ...Object.keys(program.tasks).map((name) => [name, 'task'] as const),
    ...Object.entries(program.interrupts ?? {}).map(([name, { kind }]) => [name, kind] as const),
    ...Object.keys(program.devices ?? {}).map((name) => [name, 'device'] as const),
  ];
  return kinds.map(([name, kind], index) => ({ index, name, kind, line: lineOf(lines, name) }));
}

/** The line on which an actor is written as a property or a method: a guess, which is right for programs of one file. */
function lineOf(lines: readonly string[], name: string): number | undefined {
  if (!/^\w+$/.test(name)) return undefined;
  const written = new RegExp(`(^|[{,*\\s])${name}\\s*[:(]`);
  const at = lines.findIndex((line) => written.test(line));
  return at < 0 ? undefined : at + 1;
}

async function portProgram(
  port: Port,
  { backend, variant, ...machine }: Configuration,
): Promise<{ readonly program: Program; readonly port: NonNullable<Loaded['port']> }> {
  const variants = Object.keys(port.variants);
  const [memory = 'highmem'] = port.memory;
  const chosen = chosenOf('variant', variant, variants);
  const content = Uint8Array.from({ length: PORT_BYTES }, (_, i) => i + 1);
  const loaded = await port.load({ name: 'a few bytes', content });
  const names = COLUMNS.map(({ contract }) => contract.name);
  const besideOf = (column: Column): ReturnType<typeof exploreBeside> =>
    exploreBeside(
      { port: loaded, variant: chosen, memory, column },
      { budget: { schedules: 1 }, machine: machineOptions(machine) },
    );
  const name = backend === undefined ? undefined : chosenOf('backend', backend, names);
  const columns = name === undefined ? COLUMNS : COLUMNS.filter(({ contract }) => contract.name === name);
  const cell = firstServing(columns, besideOf);
  const { program, column } = cell;
  return { program, port: { backends: names, variants, backend: column.contract.name, variant: chosen } };
}

/** The first backend that serves the port, if there is one also beside a second user of its pool. */
function firstServing(
  columns: readonly Column[],
  besideOf: (column: Column) => ReturnType<typeof exploreBeside>,
): ReturnType<typeof exploreBeside> {
  let best: ReturnType<typeof exploreBeside> | undefined;
  for (const column of columns) {
    const cell = besideOf(column);
    const isServed = cell.expectation.result === 'verified';
    if (isServed && cell.together.length === 0) return cell;
    if (best === undefined || (isServed && best.expectation.result !== 'verified')) best = cell;
  }
  if (best === undefined) throw new ConfigError('no backend serves the port');
  return best;
}

function chosenOf(what: string, name: string | undefined, names: readonly string[]): string {
  const found = name === undefined ? names[0] : names.find((one) => one === name);
  if (found === undefined)
    throw new ConfigError(`the port has no ${what} "${name ?? ''}"; it has ${names.join(', ')}`);
  return found;
}
