/**
 * Check 1: libiscsi's own tests, twice. One process per suite, a second URL for the multipath tests.
 * Results are compared by name with expected.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { needTools, root, run, startTarget, stopTarget, verdict } from './harness.mjs';
import { parseLog } from './parse-cu.mjs';

const CHECK = 'iscsi-test-cu, twice';
needTools(CHECK, 'iscsi-test-cu');
const expected = JSON.parse(readFileSync(join(root, 'test/real/expected.json'), 'utf8'));
const problems = [];

async function once(options) {
  const target = await startTarget('--size', '100M', ...options);
  const listed = await run('iscsi-test-cu', ['-l']);
  const suites = [...listed.output.matchAll(/^ALL\.([^.\s]+)$/gm)].map(([, name]) => name);
  const verdicts = new Map();
  for (const suite of suites) {
    const args = ['-d', '-S', '-t', `ALL.${suite}`, target.url, target.url];
    const { output, timedOut } = await run('iscsi-test-cu', args, { seconds: 60 });
    if (timedOut) problems.push(`${suite} took too long`);
    for (const [test, result] of parseLog(output)) verdicts.set(test, result);
  }
  problems.push(...(await stopTarget(target)));
  return verdicts;
}

const runs = [await once([]), await once([])];
for (const [i, verdicts] of runs.entries()) {
  const named = (result) => [...verdicts].filter(([, r]) => r === result).map(([test]) => test);
  const [passed, failed, skipped, none] = ['pass', 'fail', 'skip', 'none'].map(named);
  const counts = `${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`;
  console.log(`run ${i + 1}: ${counts} of ${verdicts.size}`);
  if (passed.length < expected.leastPassed) problems.push(`fewer than ${expected.leastPassed} passed`);
  for (const test of none) problems.push(`${test}: no verdict`);
  for (const test of failed) {
    if (!(test in expected.mayFail)) problems.push(`${test} failed`);
  }
  for (const test of expected.mustPass) {
    if (verdicts.get(test) !== 'pass') problems.push(`${test}: ${verdicts.get(test)}`);
  }
  const wanted = new Set(expected.skipped);
  for (const test of skipped) if (!wanted.delete(test)) problems.push(`${test} was skipped`);
  for (const test of wanted) problems.push(`${test} was not skipped, but ${verdicts.get(test)}`);
}
for (const [test, result] of runs[0]) {
  const again = runs[1].get(test);
  if (again !== result) problems.push(`${test}: ${result}, then ${again}`);
}
verdict(CHECK, problems);
