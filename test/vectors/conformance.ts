/**
 * Holds the library against recordings of the kernel's own code:
 *
 *     npm run conformance -- [--vectors FOLDER]
 *
 * Prints a line per file, the first failures of each, a count per group, and last `N passed, N failed`.
 */
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { groupOf, readVectors, vectorFiles } from './format.ts';
import { runnerOfGroup } from './groups/index.ts';
import { runFile } from './run.ts';
import type { FileResult } from './run.ts';

const SHOWN_FAILURES = 3;

const { values } = parseArgs({ options: { vectors: { type: 'string' } } });
const folder = values.vectors ?? join(import.meta.dirname, 'data');
const byGroup = new Map<string, { passed: number; failed: number }>();

/** A file that cannot be read is one failure, so that it can't be overlooked. */
function runOrFail(path: string): FileResult {
  try {
    return runFile(readVectors(path), runnerOfGroup(groupOf(path)));
  } catch (error) {
    const details = error instanceof Error ? error.message : String(error);
    return { passed: 0, quirks: 0, failures: [{ name: '(the file)', quirk: undefined, details }] };
  }
}

for (const path of vectorFiles(folder)) {
  const { passed, quirks, failures } = runOrFail(path);
  const failedQuirks = failures.filter((f) => f.quirk !== undefined).length;
  console.log(
    `${basename(path)}: ${String(passed)} passed, ${String(failures.length)} failed` +
      ` (of them quirks: ${String(quirks - failedQuirks)} passed, ${String(failedQuirks)} failed)`,
  );
  for (const { name, quirk, details } of failures.slice(0, SHOWN_FAILURES)) {
    console.log(`  ${name}${quirk === undefined ? '' : ` [quirk: ${quirk}]`}\n${indent(details)}`);
  }
  if (failures.length > SHOWN_FAILURES) console.log(`  and ${String(failures.length - SHOWN_FAILURES)} more`);
  const group = byGroup.get(groupOf(path)) ?? { passed: 0, failed: 0 };
  group.passed += passed;
  group.failed += failures.length;
  byGroup.set(groupOf(path), group);
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

let passed = 0;
let failed = 0;
console.log('');
for (const [name, count] of byGroup) {
  console.log(`group ${name}: ${String(count.passed)} passed, ${String(count.failed)} failed`);
  passed += count.passed;
  failed += count.failed;
}
console.log(`${String(passed)} passed, ${String(failed)} failed`);
// A folder without a single recording is a mistake in the call, not a success.
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
