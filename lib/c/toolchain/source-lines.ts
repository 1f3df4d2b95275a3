/**
 * The text of lines of source files, for reports. A file is read when a report first names a line of it.
 */
import { readFileSync } from 'node:fs';

/** Files that were read. */
export class SourceLines {
  readonly #files = new Map<string, ReadonlyMap<number, string>>();

  /** A line, counted from 1, without its indentation; `undefined` where the file cannot be read or has no such line. */
  at(file: string, line: number): string | undefined {
    let lines = this.#files.get(file);
    if (lines === undefined) {
      lines = linesOf(file);
      this.#files.set(file, lines);
    }
    return lines.get(line);
  }
}

/** The lines of a file that are not empty, by the numbers that the compiler gives them. */
function linesOf(file: string): ReadonlyMap<number, string> {
  const lines = new Map<number, string>();
  let number = 1;
  for (const line of read(file).split('\n')) {
    const [, next, of] = /^\s*#\s*line\s+(\d+)(?:\s+"(.*)")?/.exec(line) ?? [];
    // The lines of another file are not looked for here.
    if (of !== undefined) return lines;
    if (next !== undefined) {
      number = Number(next);
      continue;
    }
    if (line.trim() !== '') lines.set(number, line.trim());
    number += 1;
  }
  return lines;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
