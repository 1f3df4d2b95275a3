/**
 * Files on a disk that can be cut off at every moment: what was done to them is written down, and their
 * contents after any part of it can be made again.
 */
import type { ImageFile } from '../../examples/iscsi-target/image/file.ts';

/** One thing done to a file, or something else that happened meanwhile. */
export type Event =
  | { readonly kind: 'write'; readonly file: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly file: string; readonly length: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'note'; readonly value: number };

export type Contents = ReadonlyMap<string, Uint8Array>;

function applied(before: Uint8Array, event: Event): Uint8Array {
  if (event.kind === 'write') {
    const after = new Uint8Array(Math.max(before.length, event.at + event.bytes.length));
    after.set(before);
    after.set(event.bytes, event.at);
    return after;
  }
  if (event.kind !== 'truncate') return before;
  const after = new Uint8Array(event.length);
  after.set(before.subarray(0, event.length));
  return after;
}

/** The contents after some events. */
export function after(start: Contents, events: readonly Event[]): Map<string, Uint8Array> {
  const files = new Map(start);
  for (const event of events) {
    if (event.kind === 'note') continue;
    files.set(event.file, applied(files.get(event.file) ?? new Uint8Array(0), event));
  }
  return files;
}

/** Events that a loss of power cannot undo, and those that it can: what came after the last sync of its file. */
export function split(events: readonly Event[]): { readonly safe: Event[]; readonly loose: Event[] } {
  const lastSync = new Map<string, number>();
  for (const [i, event] of events.entries()) if (event.kind === 'sync') lastSync.set(event.file, i);
  const isSafe = (event: Event, i: number): boolean =>
    event.kind !== 'note' && i < (lastSync.get(event.file) ?? -1);
  return {
    safe: events.filter(isSafe),
    loose: events.filter(
      (event, i) => !isSafe(event, i) && (event.kind === 'write' || event.kind === 'truncate'),
    ),
  };
}

/** Every way in which an event can be cut: a write after each of its bytes. */
export function* cuts(event: Event, step = 1): Generator<Event> {
  if (event.kind !== 'write') return;
  for (let length = 1; length < event.bytes.length; length += step)
    yield { ...event, bytes: event.bytes.subarray(0, length) };
}

/** A disk with files. */
export class ForgetfulDisk {
  readonly start: Contents;
  readonly events: Event[] = [];
  /** Called before each operation, with its number; may throw in its place. */
  before: (operation: number, event: Event) => void = () => undefined;
  readonly #files: Map<string, Uint8Array>;
  #operations = 0;

  constructor(start: Contents) {
    this.start = start;
    this.#files = new Map(start);
  }

  get operations(): number {
    return this.#operations;
  }

  note(value: number): void {
    this.events.push({ kind: 'note', value });
  }

  contents(file: string): Uint8Array {
    return this.#files.get(file) ?? new Uint8Array(0);
  }

  /** Does part of an event that then fails. */
  partly(event: Event): void {
    if (event.kind === 'note') return;
    this.events.push(event);
    this.#files.set(event.file, applied(this.contents(event.file), event));
  }

  async #do(event: Event): Promise<void> {
    // Others run before each operation, as they do before each of a real file.
    await Promise.resolve();
    const operation = this.#operations;
    this.#operations += 1;
    this.before(operation, event);
    this.partly(event);
  }

  open(file: string): ImageFile {
    return {
      read: (target, at) => {
        const bytes = this.contents(file).subarray(at, at + target.length);
        target.set(bytes);
        return Promise.resolve(bytes.length);
      },
      write: (source, at) => this.#do({ kind: 'write', file, at, bytes: source.slice() }),
      sync: () => this.#do({ kind: 'sync', file }),
      truncate: (length) => this.#do({ kind: 'truncate', file, length }),
      size: () => Promise.resolve(this.contents(file).length),
      close: () => Promise.resolve(),
    };
  }
}
