/** How every run of mocha starts. Files named on the command line run one after the other, in one process. */
module.exports = {
  // Both in node-option: mocha ignores "import" when there is a node-option.
  'node-option': ['conditions=source', 'import=tsx'],
  // No "spec" here: it would be added to the files named on the command line.
  require: ['./tools/plain-output.cjs'],
  recursive: true,
  extension: ['spec.ts'],
  reporter: './tools/mocha-reporter.cjs',
  'forbid-only': true,
  // Against hanging only: the longest test without a limit of its own takes eight seconds on a core of its own.
  timeout: 60_000,
};
