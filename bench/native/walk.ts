/** Builds and loads the C walk if there are a compiler and Node's headers; otherwise the bench leaves its rows out. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

interface Walk {
  prepare(views: readonly Uint8Array[], target: Uint8Array): void;
  walk(): void;
}

function headers(): string | undefined {
  const beside = join(dirname(process.execPath), '..', 'include', 'node');
  return [beside, '/usr/include/node', '/usr/local/include/node'].find((folder) =>
    existsSync(join(folder, 'node_api.h')),
  );
}

function load(): Walk | undefined {
  const include = headers();
  if (include === undefined) return undefined;
  const folder = join(import.meta.dirname, '..', '..', 'dist', 'bench');
  const binary = join(folder, `walk-${process.version}.node`);
  try {
    if (!existsSync(binary)) {
      mkdirSync(folder, { recursive: true });
      execFileSync(
        'cc',
        ['-O2', '-shared', '-fPIC', `-I${include}`, '-o', binary, join(import.meta.dirname, 'walk.c')],
        { stdio: 'pipe' },
      );
    }
    return createRequire(import.meta.url)(binary) as Walk;
  } catch (error) {
    process.stderr.write(
      `no C walk here: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}\n`,
    );
    return undefined;
  }
}

/** A function in C that copies the views one behind the other; `undefined` if there is no compiler. */
export function nativeWalk(views: readonly Uint8Array[], target: Uint8Array): (() => void) | undefined {
  const native = load();
  if (native === undefined) return undefined;
  native.prepare(views, target);
  return () => {
    native.walk();
  };
}
