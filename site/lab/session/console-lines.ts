/**
 * What a program writes by `console`, as text.
 */
import type { ProgramConsole } from './modules.ts';

/** Lines that are kept; more are counted only. */
const MOST_LINES = 1000;

/** Collects the lines of one run. */
export class ConsoleLines {
  readonly lines: { readonly events: number; readonly text: string }[] = [];
  /** The number of events so far, to tell when a line was written. */
  events = 0;
  /** Nothing is collected while this is false. */
  isOn = false;

  /** The console for the program. */
  get console(): ProgramConsole {
    const write = (...values: readonly unknown[]): void => {
      if (!this.isOn || this.lines.length >= MOST_LINES) return;
      this.lines.push({ events: this.events, text: values.map(shown).join(' ') });
    };
    return { debug: write, error: write, info: write, log: write, warn: write };
  }

  /** Begins with a new run. */
  begin(): void {
    this.lines.length = 0;
    this.events = 0;
    this.isOn = true;
  }
}

/** Elements of an array of bytes that are shown. */
const MOST_ELEMENTS = 32;

/** A value in one line. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return `${String(value)}n`;
  if (typeof value === 'function') return `[function ${value.name}]`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Uint8Array) return bytesText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  try {
    return JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
  } catch {
    // It contains itself.
    return Object.prototype.toString.call(value);
  }
}

function bytesText(bytes: Uint8Array): string {
  const some = [...bytes.subarray(0, MOST_ELEMENTS)].join(', ');
  return `Uint8Array(${String(bytes.length)}) [ ${some}${bytes.length > MOST_ELEMENTS ? ', …' : ''} ]`;
}
