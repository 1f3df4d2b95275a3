/**
 * What is wrong with the text of a program, in one line, and where.
 */

/** Thrown while a program is made ready. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly line: number | undefined;
  readonly column: number | undefined;

  constructor(message: string, line?: number, column?: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}
