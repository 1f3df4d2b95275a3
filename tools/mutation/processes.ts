/**
 * Runs node programs for the mutation tool, and ends them together with the processes that they started.
 */
import { spawn } from 'node:child_process';

export type Ended = 'passed' | 'failed' | 'endless';

/** The runs that have not ended. They are killed as process groups, because mocha's node-options make it start a second process. */
const running = new Set<number>();

export function killAll(): void {
  for (const pid of running) process.kill(-pid, 'SIGKILL');
}

/** Runs a program with node in a folder. */
export function run(folder: string, args: readonly string[], seconds: number): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: 'ignore', detached: true });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    }, seconds * 1000);
    child.once('exit', (code) => {
      if (pid !== undefined) running.delete(pid);
      clearTimeout(timer);
      resolve(late ? 'endless' : code === 0 ? 'passed' : 'failed');
    });
  });
}
