import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { tsImport } from 'tsx/esm/api';
import tseslint from 'typescript-eslint';

// The rules that the package ships, from their sources.
const { default: scatterlist } = await tsImport('./lib/entries/eslint.ts', import.meta.url);

export default defineConfig(
  globalIgnores(['dist/', 'site/dist/', 'site/pages/', 'coverage/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, scatterlist.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      // A port may implement a call that sleeps on other backends without sleeping itself.
      'require-yield': 'off',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 3 },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // recommendedTypeChecked has these; they are named because the design leans on them.
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['lib/**/*.ts', 'backends/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      // A type is proved there, not claimed; `as const` stays allowed. Where only a cast can say it,
      // switch the rule off in the file and give the reason after `--` (a test insists on one).
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'PropertyDefinition[value=null][static=false] > PrivateIdentifier',
          message:
            'Private fields that the constructor fills are `private`: `#` would make them undefined first, and V8 forget their types.',
        },
      ],
    },
  },
  {
    // Parts of a machine that users extend: names of their own must not clash with ours.
    files: ['lib/kernel/parts/local-slots.ts', 'lib/kernel/parts/pkmap.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // chai's `expect(x).to.be.true`.
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { __dirname: 'readonly', require: 'readonly', module: 'writable' },
    },
  },
);
