/**
 * Runs the checks with real initiators, a real browser and real drivers within a time budget and counts them.
 *
 *     node test/real/run.mjs [--seconds N] [--counts FILE] [--full]
 *
 * A check whose clients are missing, or for which no time is left, is said loudly not to have run. The
 * file gets one line `passed failed skipped`.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { NOT_RUN, root } from './harness.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '420' },
    counts: { type: 'string' },
    full: { type: 'boolean', default: false },
  },
});
/** The most important first; each with the seconds that it may take. */
const CHECKS = [
  ['browser.mjs', 60],
  ['lab.mjs', 90],
  ['slices.mjs', 170],
  ['check-tree.mjs', 180],
  ['site.mjs', 420],
  ['linux-lists.mjs', 120],
  ['audit.mjs', 120],
  ['campaign.mjs', 300],
  ['faults.mjs', 180],
  ['images.mjs', 120],
  ['kills.mjs', 360],
  ['negotiation.mjs', values.full ? 3600 : 240],
  ['conformance.mjs', 240],
  ['speed.mjs', 120],
];
const end = Date.now() + (values.full ? 7200 : Number(values.seconds)) * 1000;
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [check, most] of CHECKS) {
  console.log(`\n== ${check}`);
  const seconds = Math.min(most, (end - Date.now()) / 1000);
  if (seconds < 20) {
    console.log(`NOT RUN: ${check}: the time for checks with real programs is over`);
    counts.skipped += 1;
    continue;
  }
  const args = [`test/real/${check}`, ...(values.full && check === 'negotiation.mjs' ? ['--full'] : [])];
  const { status, error } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    timeout: seconds * 1000,
  });
  if (error?.code === 'ETIMEDOUT') {
    console.log(
      `${most > seconds ? 'NOT RUN to its end' : 'FAIL'}: ${check}: stopped after ${Math.round(seconds)} s`,
    );
    counts[most > seconds ? 'skipped' : 'failed'] += 1;
  } else if (status === 0) counts.passed += 1;
  else if (status === NOT_RUN) counts.skipped += 1;
  else counts.failed += 1;
}
console.log(
  `\nreal programs: ${counts.passed} checks passed, ${counts.failed} failed, ${counts.skipped} not run`,
);
if (values.counts !== undefined) {
  writeFileSync(values.counts, `${counts.passed} ${counts.failed} ${counts.skipped}\n`);
}
process.exitCode = counts.failed === 0 ? 0 : 1;
