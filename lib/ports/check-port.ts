/**
 * Refuses ports that cannot be run, or whose result would mean no more than that they ran.
 */
import { ConfigError } from '../base/invariant.ts';
import { checkChoice, checkOptions } from '../base/options.ts';
import type { Accepts } from '../base/options.ts';
import { oneLine } from '../base/printable.ts';
import { configWhole } from '../base/whole.ts';
import { refusePromise } from '../explore/program.ts';
import type { MemoryKind } from '../machine/memory.ts';

/** A variant, as far as it is checked here. */
interface WrittenVariant {
  readonly about: string;
  readonly linux: string;
  readonly usesBackend?: boolean;
  readonly tasks: object;
  readonly interrupts?: object;
  readonly devices?: object;
}

/** A port, as far as it is checked here. */
interface WrittenPort {
  readonly name: string;
  readonly follows: string;
  readonly about: string;
  readonly memory: readonly MemoryKind[];
  readonly machine?: object;
  readonly mostBytes?: number;
  readonly load?: unknown;
  readonly setup: unknown;
  readonly variants: Readonly<Record<string, WrittenVariant>>;
  readonly verify: unknown;
}

const SPEC: Readonly<Record<keyof WrittenPort, Accepts>> = {
  name: 'string',
  follows: 'string',
  about: 'string',
  memory: 'object',
  machine: 'object',
  mostBytes: 'number',
  load: 'function',
  setup: 'function',
  variants: 'object',
  verify: 'function',
};

const VARIANT: Readonly<Record<keyof WrittenVariant, Accepts>> = {
  about: 'string',
  linux: 'string',
  usesBackend: 'boolean',
  tasks: 'object',
  interrupts: 'object',
  devices: 'object',
};

const KINDS: readonly MemoryKind[] = ['lowmem', 'highmem', 'iomem', 'protected', 'unmappable'];

/** Checks what the author of a port wrote. */
export function checkPort(spec: WrittenPort): void {
  checkOptions('a port', spec, SPEC);
  for (const key of ['name', 'follows', 'about'] as const) checkText(`${key} of a port`, spec[key]);
  const what = `port "${spec.name}"`;
  checkChoice(`setup of ${what}`, spec.setup, 'function');
  checkChoice(`verify of ${what}`, spec.verify, 'function');
  configWhole(`mostBytes of ${what}`, spec.mostBytes ?? 1, 1, Infinity);
  checkMemory(what, spec.memory);
  checkChoice(`variants of ${what}`, spec.variants, 'object');
  const variants = Object.entries(spec.variants);
  if (variants.length === 0) throw new ConfigError(`${what} has no variant`);
  for (const [title, variant] of variants) {
    checkText(`the name of a variant of ${what}`, title);
    checkOptions(`variant "${title}" of ${what}`, variant, VARIANT);
    for (const key of ['about', 'linux'] as const)
      checkText(`${key} of variant "${title}" of ${what}`, variant[key]);
    checkChoice(`tasks of variant "${title}" of ${what}`, variant.tasks, 'object');
    for (const [name, body] of Object.entries(variant.tasks))
      checkChoice(`task "${name}" of variant "${title}" of ${what}`, body, 'function');
    const actors = { ...variant.tasks, ...variant.interrupts, ...variant.devices };
    if (Object.keys(actors).length === 0)
      throw new ConfigError(`variant "${title}" of ${what} has no task, no interrupt and no device`);
  }
}

/** A text that a table and a terminal can show in one line. */
function checkText(name: string, text: string): void {
  checkChoice(name, text, 'string');
  if (text.trim() === '') throw new ConfigError(`${name} is '${oneLine(text)}'; it must not be empty`);
  const shown = oneLine(text);
  if (shown !== text)
    throw new ConfigError(`${name} is '${shown}'; it must be one line without control characters`);
}

function checkMemory(what: string, memory: readonly MemoryKind[]): void {
  const given: unknown = memory;
  if (!Array.isArray(given)) throw new ConfigError(`memory of ${what} is no list of kinds of memory`);
  if (memory.length === 0) throw new ConfigError(`${what} names no kind of memory`);
  for (const kind of memory) checkChoice(`memory of ${what}`, kind, KINDS);
  const twice = memory.find((kind, i) => memory.indexOf(kind) !== i);
  if (twice !== undefined) throw new ConfigError(`memory of ${what} names ${twice} twice`);
}

/** What the set-up of a port returned, if actors can share it. */
export function checkShared<S extends object>(what: string, shared: S): S {
  refusePromise(`setup of ${what}`, shared);
  checkChoice(`what setup of ${what} returned`, shared, 'object');
  return shared;
}

/** What the check of a port returned, if it says how many of the bytes were right. */
export function checkMoved<M extends { readonly verifiedBytes: number }>(
  what: string,
  moved: M,
  contentBytes: number,
): M {
  refusePromise(`verify of ${what}`, moved);
  checkChoice(`what verify of ${what} returned`, moved, 'object');
  const least = contentBytes === 0 ? 0 : 1;
  checkChoice(`verifiedBytes of ${what}`, moved.verifiedBytes, 'number');
  configWhole(`verifiedBytes of ${what}`, moved.verifiedBytes, least);
  return moved;
}
