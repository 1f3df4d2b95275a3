/**
 * A C file with sections as a program of the explorer.
 */
import { ConfigError } from '../base/invariant.ts';
import { defineProgram } from '../explore/define-program.ts';
import type { InterruptEnv, InterruptSpec, Program, TaskEnv, TaskSpec } from '../explore/program.ts';
import { maybe } from '../explore/times.ts';
import { runAlone } from '../kernel/core/run-alone.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import type { Sleeping } from '../kernel/parts/wait-queue.ts';
import { cpuId } from '../base/units.ts';
import { RULES } from '../machine/rules.ts';
import type { RuleId } from '../machine/rules.ts';
import type { MachineOptions } from '../machine/config.ts';
import type { CModule, CValue } from './module.ts';
import { TIMED, expire } from './kernel/timeouts.ts';
import { timeoutKey, timeoutOf } from './runtime/timeout.ts';
import { ALONE } from './runtime/runner.ts';
import type { Runner } from './runtime/runner.ts';
import { World, worldOf } from './runtime/world.ts';
import type { Objects, Timeouts } from './runtime/world.ts';
import { declaredIn } from './sections.ts';
import type { Section, SectionOptions } from './sections.ts';

/** What the actors of a C program share; the rest lies in the memory of the machine. */
export interface CShared {
  /** Locks and queues, by the addresses of their structures. */
  readonly c: Objects;
  /** The timeouts of the actors that may wait with one. */
  readonly timeouts: Timeouts;
}

/** Modules by number: an actor's function refers to its module by that, and holds nothing that changes. */
const modules: CModule<Runner>[] = [];

/** Pages besides those that C needs for its variables. */
const SMALL = { lowmemPages: 64, highmemPages: 64, vmallocPages: 64 } as const;

/** Calls a function of C in a context, from the top of the stack of that name. */
function* callC(
  name: string,
  context: Context,
  exported: string,
  values: readonly CValue[],
): Sleeping<CValue | undefined> {
  const world = worldOf(context.machine);
  const run = world.module.exports.get(exported);
  if (run === undefined) throw new ConfigError(`${world.module.file} exports no function "${exported}"`);
  const runner = world.runner(name, context);
  return yield* run(runner, ...values);
}

/** Makes a program of a module. */
export function programOf(module: CModule<Runner>, only?: readonly string[]): Program<CShared> {
  const { file } = module;
  const { sections: all, machine, program } = declaredIn(file, module.exports.keys());
  const absent = only?.find((name) => !all.some((one) => one.name === name));
  if (absent !== undefined) throw new ConfigError(`${file} declares no section "${absent}"`);
  const sections = all.filter(
    ({ kind, name }) => only === undefined || kind === 'setup' || kind === 'check' || only.includes(name),
  );
  const of = (kind: Section['kind']): readonly Section[] => sections.filter((one) => one.kind === kind);
  const actors = sections.filter(({ kind }) => kind !== 'setup' && kind !== 'check');
  if (of('task').length === 0)
    throw new ConfigError(
      `${file} declares no task: include linux/scatterlist-explore.h and write SECTION(task, name) { … }`,
    );
  const number = modules.push(module) - 1;
  const names = [ALONE, ...actors.map(({ name }) => name)];
  const setups = of('setup').map(({ exported }) => exported);
  const checks = of('check');
  const isTimed = module.calls.some((name) => TIMED.includes(name));
  const waiting = isTimed ? actors.filter(({ kind }) => kind === 'task' || kind === 'work') : [];
  return defineProgram<CShared>({
    name: file,
    machine: machineOptions(file, machine, module),
    ...programOptions(file, program),
    setup: setUp(
      number,
      names,
      setups,
      waiting.map(({ name }) => name),
    ),
    tasks: Object.fromEntries(of('task').map((one) => [one.name, taskOf(one)])),
    interrupts: Object.fromEntries([
      ...actors.filter(({ kind }) => kind !== 'task').map((one) => [one.name, interruptOf(one)] as const),
      ...waiting.map((one) => [timeoutOf(one.name), expiryOf(one)] as const),
    ]),
    check: checkOf(checks.map(({ name, exported }) => ({ name, exported }))),
  });
}

function setUp(
  number: number,
  names: readonly string[],
  setups: readonly string[],
  waiting: readonly string[],
) {
  return (machine: Machine): CShared => {
    const module = modules[number];
    if (module === undefined) throw new ConfigError('a module that is not there');
    const world = new World(machine, module, names);
    for (const exported of setups) runAlone(machine.executing, callC(ALONE, machine.executing, exported, []));
    for (const name of waiting)
      world.timeouts[timeoutKey(name)] = { isArmed: false, isPending: false, hasExpired: false };
    return { c: world.objects, timeouts: world.timeouts };
  };
}

function taskOf({ name, exported, options }: Section): TaskSpec<CShared> {
  const cpu = numberOf(name, options, 'cpu') ?? 0;
  return {
    cpu,
    *run(env: TaskEnv<CShared>): Sleeping<void> {
      connect(env.machine, env);
      yield* callC(name, env.task, exported, []);
    },
  };
}

function interruptOf({ kind, name, exported, options }: Section): InterruptSpec<CShared> {
  const most = numberOf(name, options, 'maybe');
  const times = numberOf(name, options, 'times');
  const cpu = options.get('cpu') === 'any' ? 'any' : numberOf(name, options, 'cpu');
  const isRaised = kind === 'work' || flagOf(name, options, 'raised');
  return {
    kind: kind === 'softirq' || kind === 'nmi' ? kind : 'hardirq',
    ...(kind === 'work' && { thread: true }),
    ...(isRaised && { onlyRaised: true }),
    ...(cpu !== undefined && { cpu }),
    ...(most !== undefined ? { times: maybe(most) } : times !== undefined && { times }),
    *run(env: InterruptEnv<CShared>): Sleeping<void> {
      connect(env.machine, env);
      yield* callC(name, env.irq, exported, []);
    },
  };
}

/** The interrupt with which the timeout of an actor expires. */
function expiryOf({ name, options }: Section): InterruptSpec<CShared> {
  return {
    kind: 'softirq',
    onlyRaised: true,
    cpu: numberOf(name, options, 'cpu') ?? 0,
    run(env: InterruptEnv<CShared>): void {
      connect(env.machine, env);
      expire(worldOf(env.machine).actor(name));
    },
  };
}

/** Lets C code reach what its actor was given. */
function connect(machine: Machine, env: TaskEnv<CShared> | InterruptEnv<CShared>): void {
  const world = worldOf(machine);
  world.watchThrough(env.c, env.timeouts);
  world.raise = env.raise;
  world.choose = env.choose;
  world.note = env.note;
}

function checkOf(checks: readonly { readonly name: string; readonly exported: string }[]) {
  return ({ machine }: { readonly machine: Machine }): boolean | string => {
    for (const { name, exported } of checks) {
      const context = machine.running(cpuId(0));
      if (runAlone(context, callC(ALONE, context, exported, [])) === 0) return `CHECK(${name}) does not hold`;
    }
    return true;
  };
}

function numberOf(name: string, options: SectionOptions, option: string): number | undefined {
  const value = options.get(option);
  if (value === undefined || typeof value === 'number') return value;
  if (value === true) return 1;
  throw new ConfigError(`${option} of "${name}" is ${String(value)}; it must be a number`);
}

/** An option that is there or not: `migrate`, or `migrate = true`. */
function flagOf(name: string, options: SectionOptions, option: string): boolean {
  const value = options.get(option);
  if (value === undefined || typeof value === 'boolean') return value === true;
  throw new ConfigError(`${option} of "${name}" is ${String(value)}; it takes no value`);
}

function machineOptions(file: string, options: SectionOptions, module: CModule<Runner>): MachineOptions {
  const image = Math.ceil((module.imageEnd - 0xc000_0000) / 4096);
  const given = Object.fromEntries(options);
  const lowmemPages = given['lowmemPages'] ?? SMALL.lowmemPages;
  if (typeof lowmemPages !== 'number') throw new ConfigError(`${file}: lowmemPages must be a number`);
  return { ...SMALL, cpus: 1, trackUninitialised: true, ...given, lowmemPages: lowmemPages + image + 64 };
}

function programOptions(file: string, options: SectionOptions): Partial<Program<CShared>> {
  const allow = String(options.get('allow') ?? '')
    .split(' ')
    .filter((rule) => rule !== '');
  for (const rule of allow) if (!isRule(rule)) throw new ConfigError(`${file}: there is no rule "${rule}"`);
  const maxSteps = numberOf('PROGRAM', options, 'maxSteps');
  return {
    ...(allow.length > 0 && { allow: allow.filter(isRule) }),
    ...(flagOf('PROGRAM', options, 'migrate') && { migrate: true }),
    ...(flagOf('PROGRAM', options, 'mayKeepMappings') && { mayKeepMappings: true }),
    ...(maxSteps !== undefined && { maxSteps }),
  };
}

function isRule(rule: string): rule is RuleId {
  return Object.hasOwn(RULES, rule);
}
