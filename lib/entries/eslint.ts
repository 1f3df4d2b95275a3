/** Lint rules for code that uses this library. */
export { scatterlist as default } from '../eslint/plugin.ts';
export type { LintConfig, LintPlugin } from '../eslint/plugin.ts';
export type { LintRule } from '../eslint/rule.ts';
