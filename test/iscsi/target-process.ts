/** A target in a process of its own, which can be killed. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class TargetProcess {
  output = '';
  errors = '';
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** The port it listens on; undefined where it ended first. */
  readonly port: Promise<number | undefined>;
  readonly #child: ChildProcess;

  constructor(options: readonly string[]) {
    const args = ['--conditions=source', '--import', 'tsx', 'examples/iscsi-target/main.ts'];
    const child = spawn(process.execPath, [...args, '--listen', '127.0.0.1:0', ...options], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    this.ended = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve(code ?? signal ?? 'lost');
      });
    });
    this.port = new Promise((resolve) => {
      child.stdout.on('data', (text: Buffer) => {
        this.output += text.toString();
        const port = /listening on 127\.0\.0\.1:(\d+)/.exec(this.output)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      void this.ended.then(() => {
        resolve(undefined);
      });
    });
    child.stderr.on('data', (text: Buffer) => (this.errors += text.toString()));
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }
}
