/**
 * Asks TypeScript about texts: one run of its command for all of them, whichever version is installed.
 *
 * TypeScript is an optional package. Without it, nothing is said to be accepted.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { PACKAGE_FOLDER } from '../package-root.ts';
import { IS_SOURCE } from '../thread-url.ts';

/** A text that is compiled. */
export interface Unit {
  /** The name of its file, without an ending, of letters, digits, `-` and `.`. */
  readonly name: string;
  readonly text: string;
  /** The folder from which its relative imports are found. */
  readonly folder: string;
}

/** The first error in a text. */
interface Refusal {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

/** What TypeScript says: the first error of each text that has one; or why it could not be asked. */
export type Compiled =
  | { readonly version: string; readonly refusals: ReadonlyMap<string, Refusal> }
  | { readonly missing: string };

interface Tool {
  readonly bin: string;
  readonly version: string;
}

const NOT_INSTALLED = 'TypeScript is not installed, so it was not asked: npm install --save-dev typescript';
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;

/** The names under which it is installed; the first is that of version 7 beside version 6. */
const NAMES = ['@typescript/native', 'typescript'];

/** Finds TypeScript where the user works, or beside this package. */
export function findTypeScript(
  folders: readonly string[] = [process.cwd(), PACKAGE_FOLDER],
): Tool | undefined {
  for (const folder of folders)
    for (const name of NAMES) {
      try {
        const manifest = createRequire(join(folder, 'from.js')).resolve(`${name}/package.json`);
        const { bin, version } = toolIn(JSON.parse(readFileSync(manifest, 'utf8')));
        return { bin: join(dirname(manifest), bin), version };
      } catch {
        // It is not there.
      }
    }
  return undefined;
}

function toolIn(manifest: unknown): Tool {
  if (typeof manifest !== 'object' || manifest === null || !('bin' in manifest) || !('version' in manifest))
    throw new TypeError('no manifest');
  const bins = Object.values({ ...(typeof manifest.bin === 'object' ? manifest.bin : {}) });
  const [bin] = bins.filter((each) => typeof each === 'string');
  if (bin === undefined) throw new TypeError('no command');
  return { bin, version: String(manifest.version) };
}

/** Compiles texts, with strict options. */
export async function compile(
  units: readonly Unit[],
  tool: Tool | 'none' = findTypeScript() ?? 'none',
): Promise<Compiled> {
  if (tool === 'none') return { missing: NOT_INSTALLED };
  const folder = mkdtempSync(join(tmpdir(), 'scatterlist-lab-'));
  try {
    for (const { name, text } of units) writeFileSync(join(folder, `${name}.ts`), text);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configOf(units, folder)));
    return await outcomeOf(tool, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function outcomeOf({ bin, version }: Tool, folder: string): Promise<Compiled> {
  const output = await run(bin, folder);
  const refusals = new Map<string, Refusal>();
  const others: string[] = [];
  for (const line of output.split('\n')) {
    const [, name, at = '', code = '', message = ''] =
      /^(.+?)\.ts\((\d+),\d+\): error (TS\d+): (.*)$/.exec(line) ?? [];
    if (name === undefined && line.startsWith('error')) others.push(line);
    if (name !== undefined && !refusals.has(name)) refusals.set(name, { line: Number(at), code, message });
  }
  const [other] = others;
  return other === undefined
    ? { version, refusals }
    : { missing: `TypeScript ${version} could not be asked: ${other}` };
}

function run(bin: string, folder: string): Promise<string> {
  return new Promise((done, failed) => {
    execFile(
      process.execPath,
      [bin, '-p', folder, '--pretty', 'false'],
      { cwd: folder, maxBuffer: MOST_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        // It ends with an error code if any text has an error.
        if (error !== null && stdout === '') failed(new Error(`TypeScript failed: ${stderr}`));
        else done(stdout);
      },
    );
  });
}

function configOf(units: readonly Unit[], folder: string): object {
  return {
    compilerOptions: {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      types: [],
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      skipLibCheck: true,
      paths: pathsOf(),
      rootDirs: [folder, ...new Set(units.map((unit) => resolve(unit.folder)))],
      ...(IS_SOURCE ? { customConditions: ['source'] } : {}),
    },
    files: units.map(({ name }) => `${name}.ts`),
  };
}

/** Where the entries of this package have their types. */
function pathsOf(): Readonly<Record<string, readonly string[]>> {
  const manifest: unknown = JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8'));
  const entries = Object.entries(recordIn(manifest, 'exports'));
  return Object.fromEntries(
    entries.flatMap(([subpath, target]): readonly (readonly [string, readonly string[]])[] => {
      const file = IS_SOURCE ? stringIn(target, 'source') : stringIn(recordIn(target, 'import'), 'types');
      return file === undefined ? [] : [[subpath.replace('.', 'scatterlist'), [join(PACKAGE_FOLDER, file)]]];
    }),
  );
}

function recordIn(value: unknown, key: string): Readonly<Record<string, unknown>> {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'object' && found !== null ? { ...found } : {};
}

function stringIn(value: unknown, key: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'string' ? found : undefined;
}
