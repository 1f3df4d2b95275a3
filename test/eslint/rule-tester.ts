/** Runs the rules with types, as a user's configuration does. */
import { RuleTester } from 'eslint';
import { join } from 'node:path';
import tseslint from 'typescript-eslint';

export const ROOT: string = join(import.meta.dirname, '..', '..');

/** A project of few files, because reading all takes long. */
export const LANGUAGE = {
  parser: tseslint.parser,
  parserOptions: {
    project: 'test/eslint/texts/tsconfig.json',
    tsconfigRootDir: ROOT,
    // With CI=true the parser would read each file once, from the disk, and not the text that is tested.
    disallowAutomaticSingleRunInference: true,
  },
};

/** The file that a text is checked as. */
export const FILE: string = join(ROOT, 'test/eslint/texts/linted.ts');

export const tester: RuleTester = new RuleTester({ languageOptions: LANGUAGE });

/** A text that may use the functions of forms.ts. */
export function withForms(text: string): {
  readonly name: string;
  readonly code: string;
  readonly filename: string;
} {
  const code = `import { cannotFail, down, failsAs, mayFail, some } from './forms.ts';\n${text}`;
  return { name: text, code, filename: FILE };
}
