/**
 * Finds the source line that called this library, for reports.
 *
 * It is the first stack frame outside this library. Only checked machines look for it, because reading a stack
 * takes microseconds.
 */
import { LIMITS } from './limits.ts';

/** A place in the source of a program. */
export interface CallSite {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The function that the line belongs to. It is known of translated code only, as is what follows. */
  readonly within?: string | undefined;
  /** The text of the line, without its indentation. */
  readonly text?: string | undefined;
  /** The places that called the function, the innermost first. */
  readonly callers?: readonly CallSite[] | undefined;
}

/** Code that was translated from another language: the place of a line of it, by the name of the script. */
const translated = new Map<string, (line: number) => CallSite | undefined>();

/** Says where the lines of a translated script came from. A frame without a place is left out. */
export function noteTranslation(script: string, placeOf: (line: number) => CallSite | undefined): void {
  translated.set(script, placeOf);
}

/** The place of a line, counted from 1, of a translated script; `null` if the script is not a translated one. */
export function translatedFrom(script: string, line: number): CallSite | undefined | null {
  const placeOf = translated.get(script);
  return placeOf === undefined ? null : placeOf(line);
}

const FRAME = /(?:\(|at |@)((?:file:\/\/)?[^()\s]+):(\d+):(\d+)\)?$/;

function parseFrame(frame: string): CallSite | undefined {
  const match = FRAME.exec(frame);
  if (match === null) return undefined;
  const [, file = '', line = '0', column = '0'] = match;
  const place = translatedFrom(file, Number(line));
  if (place !== null) return place === undefined ? undefined : { ...place, callers: [] };
  return { file: file.replace(/^file:\/\//, ''), line: Number(line), column: Number(column) };
}

/** V8's limit for the length of a stack; other engines ignore it. */
interface StackLimit {
  stackTraceLimit?: number | undefined;
}

/** An error whose stack was not formatted yet, because only formatting is expensive. */
function captureStack(frames: number): Error {
  const limited: ErrorConstructor & StackLimit = Error;
  const before = limited.stackTraceLimit;
  limited.stackTraceLimit = frames;
  const captured = new Error();
  limited.stackTraceLimit = before;
  return captured;
}

function framesOf(captured: Error): readonly CallSite[] {
  return (captured.stack ?? '')
    .split('\n')
    .map((line) => parseFrame(line.trim()))
    .filter((site) => site !== undefined);
}

// The folder of lib/ and backends/. It is taken from this module's own stack frame, so that it is right in
// the sources, in each build and in a browser.
const OWN = framesOf(captureStack(1))[0]?.file ?? '';
const ROOT = OWN.slice(0, Math.max(0, OWN.lastIndexOf('lib/machine/')));
/** Whether all of the library is in one file, as a bundler makes it. What calls the program is in that file, too. */
const IS_BUNDLE = !OWN.includes('lib/machine/');
const OURS = [`${ROOT}lib/`, `${ROOT}backends/`];
/** The code that runs a program step by step: what lies behind it called the explorer, and is not the program. */
const EXPLORER = `${ROOT}lib/explore/`;
/** Files of the explorer whose functions a program itself calls, or that stand between a program and what it calls. */
const CALLED = /^(access|execution\/not-run)\.[cm]?[jt]s$/;
/** The same for what runs a port. */
const RUNNER = /^lib\/ports\/(cell|define-matrix|run-program)\.[cm]?[jt]s$/;
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');
const UNKNOWN: CallSite = { file: '', line: 0, column: 0 };

/** Whether what lies behind a frame is no longer the program. */
function isBoundary({ file }: CallSite): boolean {
  if (IS_BUNDLE || !file.startsWith(ROOT)) return false;
  const path = file.slice(ROOT.length);
  return RUNNER.test(path) || (file.startsWith(EXPLORER) && !CALLED.test(file.slice(EXPLORER.length)));
}

function isOurs({ file }: CallSite): boolean {
  return IS_BUNDLE ? file === OWN : OURS.some((folder) => file.startsWith(folder));
}

/** The innermost frame of the program, if the stack shows one. */
function innermost(frames: readonly CallSite[]): CallSite {
  const at = frames.findIndex((site) => isBoundary(site) || !isOurs(site));
  const outside = frames[at];
  if (outside === undefined || isBoundary(outside)) return UNKNOWN;
  if (outside.callers === undefined) return outside;
  const behind = frames.slice(at + 1).filter((site) => site.callers !== undefined);
  return { ...outside, callers: behind };
}

/**
 * The frames behind the explorer's own that listened. Only those in front are left out: what the explorer itself told
 * has more of them behind the machine, and there they are the boundary.
 */
function behindObserver(frames: readonly CallSite[]): readonly CallSite[] {
  const first = frames.findIndex((site) => site.file !== OWN);
  const behind = frames.findIndex((site, at) => at >= first && !isBoundary(site));
  return first < 0 || behind < 0 ? [] : frames.slice(behind);
}

/** A call site that is computed when it is first read. */
class CapturedSite implements CallSite {
  private captured: Error | undefined;
  private readonly byObserver: boolean;
  #site: CallSite = UNKNOWN;

  constructor(captured: Error, byObserver: boolean) {
    this.captured = captured;
    this.byObserver = byObserver;
  }

  get file(): string {
    return this.#resolve().file;
  }

  get line(): number {
    return this.#resolve().line;
  }

  get column(): number {
    return this.#resolve().column;
  }

  get within(): string | undefined {
    return this.#resolve().within;
  }

  get text(): string | undefined {
    return this.#resolve().text;
  }

  get callers(): readonly CallSite[] | undefined {
    return this.#resolve().callers;
  }

  /** The form in a report that is written as JSON. */
  toJSON(): CallSite {
    return this.#resolve();
  }

  /** The form in which Node prints it. */
  [INSPECT](): CallSite {
    return this.#resolve();
  }

  #resolve(): CallSite {
    if (this.captured !== undefined) {
      const frames = framesOf(this.captured);
      this.#site = innermost(this.byObserver ? behindObserver(frames) : frames);
      this.captured = undefined;
    }
    return this.#site;
  }
}

/** The innermost frame outside this library; its file is empty if the runtime has no stacks. */
export function callSite(frames: number = LIMITS.callSiteFrames): CallSite {
  return new CapturedSite(captureStack(frames), false);
}

/** The same for what the explorer itself was told: its own frames in front are those that listened. */
export function observedSite(frames: number = LIMITS.reportFrames): CallSite {
  return new CapturedSite(captureStack(frames), true);
}

/** A frame of a program in the stack of an error. */
export interface ProgramFrame extends CallSite {
  /** The name of the function; empty where it has none. */
  readonly name: string;
}

/** The frames of an error that are the program's own: not the library's, the runtime's, or another package's. */
export function programFrames(error: Error): readonly ProgramFrame[] {
  const found: ProgramFrame[] = [];
  for (const line of (error.stack ?? '').split('\n')) {
    const site = parseFrame(line.trim());
    if (site === undefined) continue;
    if (isBoundary(site)) break;
    if (isOurs(site) || /^node:|\/node_modules\//.test(site.file)) continue;
    found.push({ ...site, name: /^at (?:async |new )?(.+?) \(/.exec(line.trim())?.[1] ?? '' });
  }
  return found;
}
