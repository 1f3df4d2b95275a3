/**
 * The plugin for ESLint: its rules, and a configuration that turns them on.
 */
import { mustUseResult } from './must-use-result.ts';
import type { LintRule } from './rule.ts';
import { yieldStar } from './yield-star.ts';

const rules: { readonly 'must-use-result': LintRule; readonly 'yield-star': LintRule } = {
  'must-use-result': mustUseResult,
  'yield-star': yieldStar,
};

/** A plugin for ESLint's flat configuration. */
export interface LintPlugin {
  readonly meta: { readonly name: string };
  readonly rules: Record<string, LintRule>;
}

/** Both rules as errors, for an `extends` or a list of configurations. */
export interface LintConfig {
  readonly name: string;
  readonly plugins: Record<string, LintPlugin>;
  readonly rules: Record<string, 'error'>;
}

const plugin: LintPlugin = { meta: { name: 'scatterlist' }, rules };

const recommended: LintConfig = {
  name: 'scatterlist/recommended',
  plugins: { scatterlist: plugin },
  rules: { 'scatterlist/must-use-result': 'error', 'scatterlist/yield-star': 'error' },
};

/**
 * The rules of this library for ESLint 9 or later, with types from typescript-eslint.
 */
export const scatterlist: LintPlugin & { readonly configs: { readonly recommended: LintConfig } } = {
  ...plugin,
  configs: { recommended },
};
