/**
 * Compiles a C file to WebAssembly, or takes it from the cache if neither it nor what it includes has changed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '../../base/invariant.ts';
import type { Accepts } from '../../base/options.ts';
import { INCLUDE_FOLDER, packageVersion } from './package-files.ts';
import { findTools } from './tools.ts';

/** Where the variables of C begin: behind the first page of the linear map, so that no pointer to one is its start. */
export const IMAGE_BASE = 0xc000_1000;

/** How to compile. */
export interface CompileOptions {
  /** Macros to define: `{ kmap: 'kmap_local_page' }`. */
  readonly define?: Readonly<Record<string, string>>;
  /** More folders of headers; they come before those of the package. */
  readonly include?: readonly string[];
  /** Use no cache. Default false. */
  readonly fresh?: boolean;
}

/** The type of each option. */
export const COMPILE_OPTIONS: Readonly<Record<keyof CompileOptions, Accepts>> = {
  define: 'object',
  include: 'object',
  fresh: 'boolean',
};

/** A compiled file. */
export interface Compiled {
  readonly wasm: Uint8Array;
  /** The map of the linker. */
  readonly map: string;
  readonly isCached: boolean;
}

/** What one compilation was made of. */
interface Entry {
  /** Files by path, with the hash of their content. */
  readonly files: readonly (readonly [path: string, hash: string])[];
  readonly map: string;
  readonly wasm: string;
}

/** For the compiler. The driver does not link, because it would let a `wasm-opt` that it finds rewrite the module. */
const FLAGS = [
  ...[
    '--target=wasm32',
    '-mcpu=mvp',
    '-std=gnu11',
    '-O1',
    '-gdwarf-4',
    '-c',
    '-ffreestanding',
    '-fno-builtin',
  ],
  ...['-fno-inline-functions', '-fno-strict-aliasing', '-fwrapv', '-fdata-sections', '-D__KERNEL__'],
  ...['-fno-delete-null-pointer-checks', '-fno-vectorize', '-fno-slp-vectorize'],
  ...[
    '-Wno-everything',
    '-Werror=implicit-function-declaration',
    '-Werror=int-conversion',
    '-fno-caret-diagnostics',
  ],
  ...['-fno-color-diagnostics', '-ferror-limit=40'],
];
const LINK_FLAGS = [
  ...['--no-entry', '--allow-undefined', '--import-memory', '--no-check-features'],
  ...[`--global-base=${String(IMAGE_BASE)}`, '-z', 'stack-size=16'],
  // The second has a value, so that there is data, and the map lists what is zero at first, too.
  ...['--export-if-defined=mem_map', '--export-if-defined=__scatterlist_data'],
];

/** Compiles a file. Errors in it are a ConfigError of one line for each of the first. */
export function compile(file: string, options: CompileOptions = {}): Compiled {
  const path = resolve(file);
  const args = argumentsFor(options);
  const cached = join(
    cacheFolder(),
    `${hashOf([path, packageVersion(), ...args, ...LINK_FLAGS].join('\0'))}.json`,
  );
  const known = options.fresh === true ? undefined : read(cached);
  if (known !== undefined && known.files.every(([name, hash]) => hashOfFile(name) === hash))
    return { wasm: Buffer.from(known.wasm, 'base64'), map: known.map, isCached: true };
  const entry = make(path, args);
  write(cached, entry);
  return { wasm: Buffer.from(entry.wasm, 'base64'), map: entry.map, isCached: false };
}

function argumentsFor({ define = {}, include = [] }: CompileOptions): readonly string[] {
  return [
    ...FLAGS,
    ...Object.entries(define).map(([name, value]) => `-D${name}=${value}`),
    ...[...include, INCLUDE_FOLDER].map((folder) => `-I${folder}`),
  ];
}

function make(path: string, args: readonly string[]): Entry {
  const { clang, linker } = findTools();
  const folder = mkdtempSync(join(tmpdir(), 'scatterlist-c-'));
  const out = (name: string): string => join(folder, name);
  try {
    writeFileSync(out('whole.c'), wrapped(path));
    run(path, clang, [...args, '-MD', '-MF', out('deps'), '-o', out('object'), out('whole.c')]);
    run(path, linker, [...LINK_FLAGS, `-Map=${out('map')}`, '-o', out('wasm'), out('object')]);
    const files = dependencies(readFileSync(out('deps'), 'utf8')).filter((name) => name !== out('whole.c'));
    return {
      files: files.map((name) => [name, hashOfFile(name) ?? '']),
      map: readFileSync(out('map'), 'utf8'),
      wasm: readFileSync(out('wasm')).toString('base64'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * A file that includes the one to compile. Its variables get an attribute that says nothing, but for which the compiler
 * would take static structs apart and leave out variables that it knows the value of. Others may change them in between.
 */
function wrapped(path: string): string {
  const attribute = '__attribute__((annotate("shared")))';
  return [
    `#pragma clang attribute push(${attribute}, apply_to = variable(is_global))`,
    `#include "${path}"`,
    '#pragma clang attribute pop',
    '',
  ].join('\n');
}

/** Runs a tool on what a file was made of. */
function run(path: string, tool: string, args: readonly string[]): void {
  const done = spawnSync(tool, [...args], { encoding: 'utf8' });
  if (done.error !== undefined) throw new ConfigError(`${tool} cannot be run: ${done.error.message}`);
  if (/no available targets are compatible|unable to create target/i.test(done.stderr))
    throw new ConfigError(`${tool} has no target wasm32: apt-get install clang lld`);
  if (done.status !== 0) throw new ConfigError(firstErrors(path, done.stderr), { cause: done.stderr });
}

/** What the compiler complained about, without what follows from it. */
function firstErrors(path: string, told: string): string {
  const errors = told.split('\n').filter((line) => /error: |undefined symbol/.test(line));
  const [first = told.trim(), ...more] = errors.filter(
    (line) => !/linker command failed|compiler command/.test(line),
  );
  const rest = more.length === 0 ? '' : ` (and ${String(more.length)} more)`;
  return `${path} does not compile: ${first.replace(`${path}:`, '')}${rest}`;
}

/** The files of a rule of make. */
function dependencies(text: string): readonly string[] {
  const [, files = ''] = /^[^:]*:([\s\S]*)$/.exec(text) ?? [];
  return files
    .replaceAll('\\\n', ' ')
    .split(/(?<!\\)\s+/)
    .filter((name) => name !== '')
    .map((name) => resolve(name.replaceAll('\\ ', ' ')));
}

function cacheFolder(): string {
  const { SCATTERLIST_CACHE, XDG_CACHE_HOME } = process.env;
  return SCATTERLIST_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'scatterlist', 'c');
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function hashOfFile(path: string): string | undefined {
  try {
    return hashOf(readFileSync(path));
  } catch {
    return undefined;
  }
}

function read(path: string): Entry | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isEntry(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && 'files' in value && 'map' in value && 'wasm' in value;
}

/** Keeps an entry, where that is possible. */
function write(path: string, entry: Entry): void {
  const beside = `${path}.${String(process.pid)}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(beside, JSON.stringify(entry));
    renameSync(beside, path);
  } catch {
    rmSync(beside, { force: true });
  }
}
