/**
 * `scatterlist check` over the whole of Linux 6.1, against a list of its findings that were judged by reading the code:
 * test/real/judged-6.1.json. A change of the analysis is seen as a difference to that list.
 *
 *     node test/real/check-tree.mjs [--update]
 *
 * With --update the list becomes what is found; lines that are new have the verdict "not judged", and the check fails
 * until somebody has read the code and judged them.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NOT_RUN, root, scratchDirectory, verdict } from './harness.mjs';
import { TREE, unpackLinux } from './linux-source.mjs';

const CHECK = 'the static check of Linux 6.1';
const LIST = join(root, 'test/real/judged-6.1.json');
/** Latent: the contract is broken, on a path that something outside of the function excludes today. */
const VERDICTS = ['true', 'latent', 'false'];
const NOT_JUDGED = 'not judged';

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
const folder = scratchDirectory();
const problem = unpackLinux(folder, '--wildcards', `${TREE}/*.c`, `${TREE}/*.h`);
if (problem !== undefined) {
  console.log(`NOT RUN: ${CHECK}: ${problem}`);
  process.exit(NOT_RUN);
}

const started = Date.now();
const tree = join(folder, TREE);
const command = ['--conditions=source', '--import', 'tsx', join(root, 'lib/cli/scatterlist.ts')];
const run = spawnSync(process.execPath, [...command, 'check', '--json', tree], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 2 ** 28,
});
if (!run.stdout.startsWith('{')) {
  verdict(CHECK, [`it ended with ${run.status}: ${run.stderr.trim()}`]);
} else {
  const found = JSON.parse(run.stdout).files.flatMap(({ file, findings }) =>
    findings.map(({ function: name, rule, sureness }) => ({
      file: file.slice(file.indexOf(TREE) + TREE.length + 1),
      function: name,
      rule,
      sureness,
    })),
  );
  console.log(`${found.length} findings in ${Math.round((Date.now() - started) / 1000)} s`);
  compare(found);
}

function keyOf({ file, function: name, rule, sureness }) {
  return `${file} ${name}: ${rule}, ${sureness}`;
}

/** Compares findings with the list, and says how many of the judged ones are true. */
function compare(found) {
  const judged = JSON.parse(readFileSync(LIST, 'utf8'));
  const left = [...judged];
  const problems = [];
  const now = found.map((each) => {
    const at = left.findIndex((known) => keyOf(known) === keyOf(each));
    if (at >= 0) return left.splice(at, 1)[0];
    problems.push(`+ ${keyOf(each)}: new, not in ${LIST.slice(root.length + 1)}`);
    return { ...each, verdict: NOT_JUDGED, reason: '' };
  });
  problems.push(...left.map((each) => `- ${keyOf(each)}: not found any more; it was judged ${each.verdict}`));
  for (const each of now)
    if (!VERDICTS.includes(each.verdict) || each.reason === '')
      problems.push(`${keyOf(each)}: not judged; read the code, and say whether it is true, and why`);
  if (values.update) {
    now.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    writeFileSync(LIST, `${JSON.stringify(now, undefined, 2)}\n`);
  }
  for (const sureness of ['error', 'warning']) {
    const all = now.filter((each) => each.sureness === sureness);
    const count = (word) => all.filter((each) => each.verdict === word).length;
    console.log(
      `${sureness}s: ${all.length}, of which ${VERDICTS.map((word) => `${count(word)} ${word}`).join(', ')}`,
    );
  }
  verdict(CHECK, problems);
}
