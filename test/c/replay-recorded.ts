/**
 * Holds Linux's own lib/scatterlist.c against the recordings of Linux 6.1. The last line is `6.1: N passed, N failed`.
 *
 *     node --conditions=source --import tsx test/c/replay-recorded.ts PATH/lib/scatterlist.c
 */
import { compiled, failuresOf, recordingsOf } from './recorded.ts';

const SHOWN_FAILURES = 3;

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('name the file lib/scatterlist.c of Linux 6.1');
const module = compiled(path);
// The file has these functions itself, so that the module does not call the library's.
const ours = module.calls.filter((name) => /^sg_(miter|copy|pcopy|zero|next)/.test(name));
if (ours.length > 0) throw new Error(`${path} has no ${ours.join(', ')}`);
const cases = recordingsOf('6.1');
const failures = failuresOf(module, '6.1', cases);
for (const failure of failures.slice(0, SHOWN_FAILURES)) console.log(failure);
console.log(`6.1: ${String(cases.length - failures.length)} passed, ${String(failures.length)} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
