/**
 * Runs the built command on a hostile program, and measures how long it takes and how much memory. Needs `npm run build`.
 */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scheduleOf, textFor } from './programs.ts';
import type { HostileProgram, Mode } from './programs.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const COMMAND = join(ROOT, 'dist', 'cli', 'scatterlist.js');
const MB = 2 ** 20;

/** What the command is given. */
const BUDGET_MS = 1000;
const MEMORY_MB = 512;
/**
 * What it may take besides, in time of a processor, so that it holds on a busy machine: the process starts, the program is
 * loaded, a step that does not return is given a second, what was found is shrunk for a second and told for five.
 */
const MARGIN_MS = 9000;
/** Whatever the machine does besides, it has ended by then. */
const MOST_MS = 100_000;
/** Memory grows between two looks at it, and a heap that is full is collected before the process is told. */
const MARGIN_MB = 250;

const REPORT = `import { isMainThread } from 'node:worker_threads';
import { writeSync } from 'node:fs';
if (isMainThread) process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeSync(3, [maxRSS, userCPUTime + systemCPUTime].join(' '));
});`;

/** How one run ended. */
export interface Run {
  readonly name: string;
  readonly code: number | null;
  /** Time of processors, and on the clock. */
  readonly milliseconds: number;
  readonly clockMs: number;
  readonly mostMB: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one program in one mode; one that does not end is killed. */
export function run(program: HostileProgram, mode: Mode, folder: string): Promise<Run> {
  const name = `${program.name}, ${mode.name}`;
  const file = join(folder, `${name.replaceAll(/\W+/g, '-')}.mjs`);
  writeFileSync(file, textFor(program, mode));
  const saved = join(folder, `${name.replaceAll(/\W+/g, '-')}.schedule`);
  writeFileSync(saved, scheduleOf(program));
  const limits = ['--budget', `${String(BUDGET_MS / 1000)}s`, '--memory', `${String(MEMORY_MB)}M`];
  const args = [...mode.args(file, saved), ...limits];
  const start = Date.now();
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`, COMMAND, ...args],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
    );
    const texts = ['', '', '', ''];
    for (const stream of [1, 2, 3])
      child.stdio[stream]?.on('data', (chunk: Buffer) => {
        texts[stream] = ((texts[stream] ?? '') + chunk.toString()).slice(0, 100_000);
      });
    const killer = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
    child.on('close', (code) => {
      clearTimeout(killer);
      const [, out = '', err = '', usage = ''] = texts;
      const [kilobytes = NaN, microseconds = NaN] = usage.split(' ').map(Number);
      const mostMB = Math.round((kilobytes * 1024) / MB);
      const milliseconds = Math.round(microseconds / 1000);
      resolve({ name, code, milliseconds, clockMs: Date.now() - start, mostMB, out, err });
    });
  });
}

/**
 * Programs of which it is right, or may be: a step has no end, the explorer reads a long text inside it for longer than
 * the grace, or a schedule leaves something for the next.
 */
const MISTAKEN = /^does not return|^allocates in one step|^shares a string|^leaves what/;

/** What is wrong with how a run ended; empty if it ended well. */
export function faultsOf({ name, code, milliseconds, mostMB, err }: Run): readonly string[] {
  const faults: string[] = [];
  if (code === null || code > 3) faults.push(`it ended with ${String(code)}`);
  // Large data is no mistake of the program, and each schedule fits.
  if (code === 2 && !MISTAKEN.test(name)) faults.push('it told of a mistake');
  if (!(milliseconds <= BUDGET_MS + MARGIN_MS)) faults.push(`it took ${String(milliseconds)} ms`);
  if (!(mostMB <= MEMORY_MB + MARGIN_MB)) faults.push(`it took ${String(mostMB)} MB`);
  if (/\n\s+at |BUG/.test(err)) faults.push('it printed a stack');
  return faults;
}
