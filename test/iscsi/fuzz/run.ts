/**
 * The fuzzer of the iSCSI target by itself.
 *
 *     npm run fuzz:iscsi -- --pdus 1e7 --seed 1
 *     npm run fuzz:iscsi -- --replay FILE
 *
 * A finding is printed with its seed and the actions that show it, one a line; `--replay` does those again.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Action } from './actions.ts';
import { describe, fuzz } from './fuzz.ts';
import { runActions } from './world.ts';

const { values } = parseArgs({
  options: {
    pdus: { type: 'string', default: '1e7' },
    seed: { type: 'string', default: '1' },
    replay: { type: 'string' },
  },
});

if (values.replay !== undefined) {
  const lines = readFileSync(values.replay, 'utf8').split('\n');
  const actions = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Action);
  const { problem } = runActions(actions);
  console.log(
    problem === undefined ? `${String(actions.length)} actions: nothing went wrong` : problem.message,
  );
  process.exitCode = problem === undefined ? 0 : 1;
} else {
  const began = performance.now();
  let said = 0;
  const result = fuzz(Number(values.seed), Number(values.pdus), {
    progress: (pdus) => {
      if (pdus - said < 250_000) return;
      said = pdus;
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      const mebibytes = Math.round((heapUsed + arrayBuffers) / 2 ** 20);
      console.log(
        `${String(pdus)} PDUs, ${String(Math.round((performance.now() - began) / 1000))} s, ${String(mebibytes)} MiB`,
      );
    },
  });
  const { pdus, worlds, good, finding } = result;
  console.log(`${String(pdus)} PDUs in ${String(worlds)} worlds, ${String(good)} operations of good peers`);
  console.log(finding === undefined ? 'nothing went wrong' : describe(finding));
  process.exitCode = finding === undefined ? 0 : 1;
}
