/**
 * From TypeScript to JavaScript by taking the types out. Lines stay where they are, and types are not checked.
 */
import { transform } from 'sucrase';
import { ProgramError } from './program-error.ts';

/** The text of a module as the body of a function of `exports` and `require`. */
export function transpile(text: string, file: string): string {
  try {
    const { code } = transform(text, {
      transforms: ['typescript', 'imports'],
      filePath: file,
      disableESTransforms: true,
      production: true,
    });
    return code;
  } catch (error) {
    throw asProgramError(error);
  }
}

function asProgramError(error: unknown): ProgramError {
  if (!(error instanceof Error)) return new ProgramError(String(error));
  const [, what = error.message, line, column] =
    /^(?:Error transforming [^:]*: )?(.*?)(?: \((\d+):(\d+)\))?$/s.exec(error.message) ?? [];
  if (line === undefined) return new ProgramError(what);
  return new ProgramError(`this is no TypeScript: ${what}`, Number(line), Number(column));
}
