/** Every spec, with a process for each core: `npm run test:unit`. */
const { availableParallelism } = require('node:os');
const { readdirSync } = require('node:fs');
const { join } = require('node:path');

/**
 * The specs that take longest, the longest first. Mocha gives the files to its processes in the order of the list, and
 * a long one at the end would leave the other processes without work.
 */
const FIRST = [
  'test/explore/explore.spec.ts',
  'test/drivers/every-port.spec.ts',
  'test/iscsi/fuzz/fuzz.spec.ts',
  'test/explore/memory-side.spec.ts',
  'test/explore/page-lifetime.spec.ts',
  'test/iscsi/image-process.spec.ts',
  'test/bench/smoke.spec.ts',
  'test/cli/explore.spec.ts',
  'test/cli/matrix.spec.ts',
  'test/iscsi/crash.spec.ts',
  'test/docs/experiments.spec.ts',
  'test/docs/examples.spec.ts',
  'test/backends/iomem-bounce.spec.ts',
  'test/conformance/sabotage.spec.ts',
  'test/docs/markdown.spec.ts',
  'test/explore/sight/sight.spec.ts',
  'test/conformance/exhaustion.spec.ts',
  'test/explore/sight/readers.spec.ts',
  'test/backends/io-access.spec.ts',
  'test/iscsi/kills.spec.ts',
  'test/backends/fault-injection.spec.ts',
  'test/backends/kmap-local.spec.ts',
  'test/examples/own-backend.spec.ts',
  'test/backends/kmap-atomic.spec.ts',
  'test/backends/recorder.spec.ts',
  'test/modes/modes.spec.ts',
  'test/types/compile.spec.ts',
];

const specs = readdirSync(join(__dirname, 'test'), { recursive: true })
  .filter((file) => file.endsWith('.spec.ts'))
  .map((file) => `test/${file.replaceAll('\\', '/')}`)
  .sort();

module.exports = {
  ...require('./.mocharc.cjs'),
  spec: [...new Set([...FIRST, ...specs])],
  parallel: true,
  jobs: Math.min(Math.max(availableParallelism(), 2), 8),
};
