/**
 * Asks a debugger where a thread is that does not come back.
 */
import { Session } from 'node:inspector';
import { SourceMap } from 'node:module';
import type { SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Where a thread is. */
export interface Place {
  /** The part of the program that runs, `task "a"`; empty while no part runs. */
  readonly part: string;
  /** The schedule that leads there. */
  readonly schedule: string;
  /** `/folder/file.ts:3:5`; empty if it is not known. */
  readonly site: string;
  /** Whether no function of the program runs: the explorer itself is at work, for example on the program's data. */
  readonly isOwn: boolean;
}

/** One frame of its stack; line and column from 0. */
interface Frame {
  readonly url: string;
  /** The address of the source map, or the map itself as an address; empty if there is none. */
  readonly sourceMap: string;
  readonly line: number;
  readonly column: number;
}

/** A thread that cannot be stopped, because a built-in function runs, is waited for no longer than that. */
const MOST_MS = 3000;
/** What `scatterlist/explore` publishes while it runs a program. */
const ASK = "({ ...globalThis[Symbol.for('scatterlist.explorer.running')]?.() })";

/** Stops a thread for a moment and says where it was; `undefined` if it cannot be stopped. */
export async function whereIs(threadId: number, own: string): Promise<Place | undefined> {
  const session = new Session();
  session.connect();
  const thread = new Thread(session, String(threadId));
  try {
    const value = await Promise.race([thread.ask(), later(MOST_MS)]);
    if (value === undefined) return undefined;
    const { frames } = thread;
    const [part, schedule] = [textAt(value, 'part'), textAt(value, 'schedule')];
    return { part, schedule, site: siteOf(frames, own), isOwn: areOwn(frames, own) };
  } finally {
    await Promise.race([thread.leave(), later(MOST_MS)]);
    session.disconnect();
  }
}

function later(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds, undefined);
  });
}

/** A thread as its debugger sees it. */
class Thread {
  private readonly session: Session;
  private readonly threadId: string;
  readonly #scripts = new Map<string, Omit<Frame, 'line' | 'column'>>();
  #sessionId = '';
  /** Where it is, innermost first. */
  frames: readonly Frame[] = [];
  #sent = 0;

  constructor(session: Session, threadId: string) {
    this.session = session;
    this.threadId = threadId;
  }

  #send(method: string, params: object = {}): void {
    this.#sent += 1;
    const message = JSON.stringify({ id: this.#sent, method, params });
    this.session.post('NodeWorker.sendMessageToWorker', { sessionId: this.#sessionId, message });
  }

  /** Stops it and evaluates `ASK` there. */
  ask(): Promise<unknown> {
    return new Promise((resolve) => {
      this.session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
        // Its id is another one than the thread's; the loader may have a thread of its own.
        if (/\d+/.exec(workerInfo.title)?.[0] !== this.threadId) return;
        this.#sessionId = sessionId;
        this.#send('Debugger.enable');
        this.#send('Debugger.pause');
      });
      this.session.on('NodeWorker.receivedMessageFromWorker', ({ params: { message } }) => {
        const told: unknown = JSON.parse(message);
        if (textAt(told, 'method') === 'Debugger.scriptParsed') this.#parsed(at(told, 'params'));
        if (textAt(told, 'method') === 'Debugger.paused') {
          this.frames = this.#framesOf(at(told, 'params', 'callFrames'));
          const callFrameId = textAt(told, 'params', 'callFrames', '0', 'callFrameId');
          this.#send('Debugger.evaluateOnCallFrame', { callFrameId, expression: ASK, returnByValue: true });
        }
        const value = at(told, 'result', 'result', 'value');
        if (value !== undefined) resolve(value);
      });
      this.session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    });
  }

  #parsed(script: unknown): void {
    const [url, sourceMap] = [textAt(script, 'url'), textAt(script, 'sourceMapURL')];
    this.#scripts.set(textAt(script, 'scriptId'), { url, sourceMap });
  }

  #framesOf(list: unknown): readonly Frame[] {
    return (Array.isArray(list) ? list : []).flatMap((frame: unknown) => {
      const script = this.#scripts.get(textAt(frame, 'location', 'scriptId'));
      const [line, column] = ['lineNumber', 'columnNumber'].map((name) =>
        Number(at(frame, 'location', name)),
      );
      const { url, sourceMap } = script ?? { url: '', sourceMap: '' };
      return [{ url, sourceMap, line: line ?? 0, column: column ?? 0 }];
    });
  }

  /** Lets it go on: one that waits for its debugger cannot be ended. */
  leave(): Promise<void> {
    this.#send('Debugger.resume');
    this.#send('Debugger.disable');
    return new Promise((resolve) => {
      this.session.post('NodeWorker.detach', { sessionId: this.#sessionId }, () => {
        resolve();
      });
    });
  }
}

function at(from: unknown, ...path: readonly string[]): unknown {
  let value = from;
  for (const key of path)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return value;
}

function textAt(from: unknown, ...path: readonly string[]): string {
  const value = at(from, ...path);
  return typeof value === 'string' ? value : '';
}

/** The innermost frame that is in neither Node, a loader nor this package; empty if there is none. */
export function siteOf(frames: readonly Frame[], own: string): string {
  const frame = frames.find(({ url }) => isFile(url) && !isOwn(fileURLToPath(url), own));
  if (frame === undefined) return '';
  const { url, line, column } = frame;
  const found = mapOf(frame)?.findEntry(line, column);
  const [l, c] =
    found === undefined || !('originalLine' in found)
      ? [line, column]
      : [found.originalLine, found.originalColumn];
  return `${fileURLToPath(url)}:${String(l + 1)}:${String(c + 1)}`;
}

/** Whether all functions that run are those of Node, a loader or this package. */
export function areOwn(frames: readonly Frame[], own: string): boolean {
  const isOf = (url: string): boolean =>
    url.startsWith('node:') || (isFile(url) && isOwn(fileURLToPath(url), own));
  return frames.length > 0 && frames.every(({ url }) => isOf(url));
}

function isFile(url: string): boolean {
  return url.startsWith('file://');
}

function mapOf({ sourceMap }: Frame): SourceMap | undefined {
  const [, base64] = /^data:application\/json;(?:charset=[^;,]*;)?base64,(.*)$/.exec(sourceMap) ?? [];
  return base64 === undefined ? undefined : new SourceMap(parse(Buffer.from(base64, 'base64').toString()));
}

// What a loader has just written needs no checking.
function parse(text: string): SourceMapPayload;
function parse(text: string): unknown {
  const map: unknown = JSON.parse(text);
  return map;
}

function isOwn(path: string, own: string): boolean {
  if (['dist', 'lib', 'backends', 'node_modules'].some((folder) => path.startsWith(`${own}/${folder}/`)))
    return true;
  return /[\\/]node_modules[\\/](?:scatterlist|tsx)[\\/]/.test(path);
}
