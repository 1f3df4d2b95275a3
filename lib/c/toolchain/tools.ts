/**
 * Finds the compiler and the linker, and says in one line how to install what is missing.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { ConfigError } from '../../base/invariant.ts';

/** The oldest version of clang and lld that is known to do. */
const OLDEST = 14;

/** Names under which a tool may be installed, the plain one first. */
function namesOf(tool: string): readonly string[] {
  return [tool, ...Array.from({ length: 20 }, (_, i) => `${tool}-${String(OLDEST + 19 - i)}`)];
}

function inPath(tool: string): string | undefined {
  for (const name of namesOf(tool))
    for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not there.
      }
    }
  return undefined;
}

/** Where the tools are. */
export interface Tools {
  readonly clang: string;
  readonly linker: string;
}

/** What is missing to compile C, with the command that installs it; `undefined` if all is there. */
export function missingTool(): string | undefined {
  const found = look();
  return typeof found === 'string' ? found : undefined;
}

function look(): Tools | string {
  const clang = inPath('clang');
  if (clang === undefined)
    return `clang is not installed, which compiles C (version ${String(OLDEST)} or later): apt-get install clang lld`;
  const linker = inPath('wasm-ld');
  if (linker === undefined)
    return `wasm-ld is not installed, which links C (version ${String(OLDEST)} or later): apt-get install lld`;
  return { clang, linker };
}

/** Finds the tools, and refuses what is missing or too old. */
export function findTools(): Tools {
  const found = look();
  if (typeof found === 'string') throw new ConfigError(found);
  const [, major = '0'] = /clang version (\d+)/.exec(run(found.clang, ['--version'])) ?? [];
  if (Number(major) < OLDEST)
    throw new ConfigError(
      `${found.clang} is version ${major}; ${String(OLDEST)} or later is needed: apt-get install clang lld`,
    );
  return found;
}

function run(file: string, args: readonly string[]): string {
  return execFileSync(file, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
