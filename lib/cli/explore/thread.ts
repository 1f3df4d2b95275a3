/**
 * The thread in which `scatterlist explore`, `run`, `replay` and `convert-check` run a program.
 */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { UsageError, isUsersMistake } from '../usage-error.ts';
import type { Outside } from './outside.ts';
import { Shared } from './shared.ts';
import { stoppedText } from './stopped-text.ts';
import type { Errand, Message } from './watch.ts';

// What `watched` passes.
function errandOf(data: unknown): Errand;
function errandOf(data: unknown): unknown {
  return data;
}

const { name, args, buffer, memoryBytes, columns, showsProgress } = errandOf(workerData);

/** A thread's own streams keep everything until it yields to its event loop, which exploring does not. */
function writeThrough(stream: NodeJS.WriteStream, descriptor: number): void {
  stream.write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
    let bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    while (bytes.length > 0) bytes = bytes.subarray(writeSome(descriptor, bytes));
    const then = typeof encoding === 'function' ? encoding : done;
    if (typeof then === 'function') Reflect.apply(then, undefined, []);
    return true;
  };
}

function writeSome(descriptor: number, bytes: Uint8Array): number {
  try {
    return writeSync(descriptor, bytes);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // The reader has gone away: there is no one to write for.
    if (code === 'EPIPE') return bytes.length;
    if (code !== 'EAGAIN')
      throw new UsageError(
        `the output cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
}

/** The subcommand. The others are not loaded. */
async function commandOf(
  wanted: Errand['name'],
): Promise<(args: readonly string[], outside: Outside) => Promise<number>> {
  switch (wanted) {
    case 'explore':
      return (await import('../explore.ts')).explore;
    case 'run':
      return (await import('../run.ts')).run;
    case 'replay':
      return (await import('../replay.ts')).replay;
    case 'convert-check':
      return (await import('../convert-check.ts')).convertCheck;
  }
}

let last: Message['kind'] = 'found';

function post(message: Message): void {
  last = message.kind;
  parentPort?.postMessage(message);
}

function running(): { readonly part: string; readonly schedule: string } {
  const tell: unknown = Reflect.get(globalThis, Symbol.for('scatterlist.explorer.running'));
  const told: unknown = typeof tell === 'function' ? Reflect.apply(tell, undefined, []) : undefined;
  const text = (key: string): string => {
    const value: unknown = typeof told === 'object' && told !== null ? Reflect.get(told, key) : '';
    return typeof value === 'string' ? value : '';
  };
  return { part: text('part'), schedule: text('schedule') };
}

writeThrough(process.stdout, 1);
writeThrough(process.stderr, 2);
// A program may end the process, here the thread.
process.on('exit', (code) => {
  if (last === 'found' || last === 'help') post({ kind: 'exit', code, ...running() });
});

const shared = new Shared(buffer);
const outside: Outside = {
  signal: shared.signal((reason) => stoppedText(reason, memoryBytes)),
  columns,
  showsProgress,
  enter: (phase) => {
    shared.phase = phase;
  },
  tell: (counts, part) => {
    shared.tell(counts, part);
  },
  help: (help) => {
    post({ kind: 'help', help });
  },
  found: (outcome) => {
    post({ kind: 'found', outcome: JSON.stringify(outcome) });
  },
};

try {
  const run = await commandOf(name);
  const code = await run(args, outside);
  post({ kind: 'done', code });
} catch (error) {
  if (isUsersMistake(error)) post({ kind: 'mistake', message: error.message });
  else {
    const bug = error instanceof Error ? error : new Error(String(error));
    post({ kind: 'bug', message: bug.message, stack: bug.stack ?? bug.message });
  }
}
