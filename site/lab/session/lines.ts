/**
 * Lines of the program in the editor, from places that the library reports.
 */
import { scriptName } from './modules.ts';

/** A place as a call site has it. */
export interface SourcePlace {
  readonly file: string;
  readonly line: number;
}

/** Tells the line of a place in a file; `undefined` for any other file. */
export function linesOf(file: string): (place: SourcePlace | undefined) => number | undefined {
  const script = scriptName(file);
  // Engines that know no name for a script report the address that it was loaded from.
  return (place) =>
    place !== undefined && (place.file === script || place.file.startsWith('blob:')) ? place.line : undefined;
}

/** The line of the program in the stack of an error that it threw. */
export function lineInStack(error: Error, file: string): number | undefined {
  const script = scriptName(file).replaceAll(/[.\\^$*+?()[\]{}|]/g, '\\$&');
  const [, line] = new RegExp(`${script}:(\\d+):\\d+`).exec(error.stack ?? '') ?? [];
  return line === undefined ? undefined : Number(line);
}
