/**
 * C files for tests. Without a compiler such a test says so and passes: `.ci/run` installs one.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadC } from 'scatterlist/c';
import type { LoadOptions } from 'scatterlist/c';
import { exhaustive, explain, explore, formatReport, parseSchedule } from 'scatterlist/explore';
import type { Outcome } from 'scatterlist/explore';
import { missingTool } from '../../lib/c/toolchain/tools.ts';

const missing = missingTool();
if (missing !== undefined) console.error(`\n  NOT RUN: the tests of C code, because ${missing}\n`);

/** A test that compiles C. Where that cannot be done it passes; the reason was printed. */
export function itInC(title: string, run: () => void | Promise<void>): Mocha.Test {
  if (missing === undefined) return it(title, run);
  return it(`${title} (NOT RUN: no compiler)`, () => undefined);
}

const FOLDER = join(tmpdir(), 'scatterlist-test-c');
let files = 0;

/** Writes a C file that begins with the usual includes, all in its first line, and returns its path. */
export function fileOf(text: string, name = 'section'): string {
  mkdirSync(FOLDER, { recursive: true });
  files += 1;
  const file = join(FOLDER, `${name}-${String(process.pid)}-${String(files)}.c`);
  writeFileSync(file, text);
  return file;
}

export const INCLUDES = `#include <linux/highmem.h>
#include <linux/slab.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/completion.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/scatterlist-explore.h>
#line 1
`;

/** Explores C text, which includes the usual headers. */
export function outcomeOf(text: string, options: LoadOptions = {}): Outcome {
  return explore(loadC(fileOf(INCLUDES + text), options), exhaustive(), { budget: { milliseconds: 20_000 } });
}

/** The rule that C text breaks, or how exploring it ended. */
export function ruleOf(text: string, options: LoadOptions = {}): string {
  return ruleOfFile(fileOf(INCLUDES + text), options);
}

/** The same of a file. */
export function ruleOfFile(file: string, options: LoadOptions = {}): string {
  const outcome = explore(loadC(file, options), exhaustive(), { budget: { milliseconds: 20_000 } });
  return outcome.kind === 'violation' ? outcome.violation.rule : outcome.kind;
}

/** The report of what C text breaks. */
export function reportOf(text: string): string {
  const file = fileOf(INCLUDES + text);
  const program = loadC(file);
  const outcome = explore(program);
  if (outcome.kind !== 'violation') return outcome.kind;
  return formatReport(explain(program, parseSchedule(outcome.schedule)), { width: 100, file: 'section.c' });
}
