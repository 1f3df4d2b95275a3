/**
 * The specs that `npm run test:quick` leaves out, in one place. `test/architecture/quick.spec.ts` checks the list: a spec
 * that raises its time limit to a minute, starts processes or runs the conformance suite has to be on it.
 */
const SLOW = [
  // Asks a shell how it reads a word.
  'test/base/printable.spec.ts',
  // Looks at the memory of a process of its own.
  'test/base/short-lived.spec.ts',
  // The conformance suite for every backend, and the tests of the suite itself.
  'test/backends/*.spec.ts',
  'test/conformance/*.spec.ts',
  'test/examples/own-backend.spec.ts',
  // Processes and TCP.
  'test/bench/*.spec.ts',
  'test/c/headers.spec.ts',
  'test/c/recorded.spec.ts',
  'test/c/docs.spec.ts',
  'test/cli/*.spec.ts',
  'test/cli/campaign/pool.spec.ts',
  'test/cli/campaign/queue.spec.ts',
  'test/cli/campaign/thread.spec.ts',
  'test/cli/check/proof/prove.spec.ts',
  'test/cli/check/run.spec.ts',
  'test/cli/explore/watch.spec.ts',
  'test/cli/hostile/*.spec.ts',
  'test/cli/lab/compiler.spec.ts',
  'test/docs/*.spec.ts',
  // Reads the types of programs.
  'test/eslint/*.spec.ts',
  'test/iscsi/**/*.spec.ts',
  // The compiler over all sources.
  'test/types/*.spec.ts',
  // Large numbers of cases or of schedules.
  'test/c/runtime/heap.spec.ts',
  'test/c/wasm/translate.spec.ts',
  'test/explore/explore.spec.ts',
  'test/explore/memory-side.spec.ts',
  'test/explore/page-lifetime.spec.ts',
  'test/explore/pieces.spec.ts',
  'test/explore/sharing/shared-search.spec.ts',
  'test/modes/*.spec.ts',
  'test/numbers/*.spec.ts',
  'test/scatterlist/over-4gib.spec.ts',
  'test/vectors/*.spec.ts',
];

module.exports = {
  ...require('./.mocharc.all.cjs'),
  ignore: SLOW,
};
