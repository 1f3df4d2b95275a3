/**
 * The line of the caller: where a mapping was made, as a report shows it.
 *
 * Reads the first frame of a stack that is not this library's own. Only checked machines ask; a
 * stack costs microseconds.
 */
import { LIMITS } from './limits.ts';

/** A place in somebody's source. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

const FRAME = /(?:\(|at |@)((?:file:\/\/)?[^()\s]+):(\d+):(\d+)\)?$/;

function parseFrame(frame: string): CallSite | undefined {
  const match = FRAME.exec(frame);
  if (match === null) return undefined;
  const [, file = '', line = '0', column = '0'] = match;
  return { file: file.replace(/^file:\/\//, ''), line: Number(line), column: Number(column) };
}

/** How V8 bounds a stack; other engines ignore it. */
interface StackLimit {
  stackTraceLimit?: number | undefined;
}

function frames(): readonly CallSite[] {
  const limited: ErrorConstructor & StackLimit = Error;
  const before = limited.stackTraceLimit;
  limited.stackTraceLimit = LIMITS.callSiteFrames;
  const stack = new Error().stack ?? '';
  limited.stackTraceLimit = before;
  return stack
    .split('\n')
    .map((line) => parseFrame(line.trim()))
    .filter((site) => site !== undefined);
}

// The folder that holds lib/ and backends/, read off this module's own frame, so that it is right in
// the sources, in each build and in a browser alike.
const OWN = frames()[0]?.file ?? '';
const ROOT = OWN.slice(0, Math.max(0, OWN.lastIndexOf('lib/machine/')));
const OURS = [`${ROOT}lib/`, `${ROOT}backends/`];

/** The innermost frame outside this library, or nothing where the runtime gives no stack. */
export function callSite(): CallSite | undefined {
  return frames().find((site) => !OURS.some((folder) => site.file.startsWith(folder)));
}
