/** Groups that show what `scatterlist check` costs: judging files, and a whole process for one file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkText } from '../../lib/cli/check/file.ts';
import { contractsFor } from '../../lib/cli/check/options.ts';
import { Grammar } from '../../lib/cli/check/parse/grammar.ts';
import { loadParser, parsed } from '../../lib/cli/kernel-c/parser.ts';
import { median } from '../measure.ts';
import type { Group, SizeGroup } from '../measure.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CASES = join(ROOT, 'test/cli/check/cases');
const OPTIONS = { convert: [], pageTables: false, wrappers: [] };
/** So many of the files are judged: one in four, and one in twenty in a run that only shows that everything runs. */
const EACH = { real: 4, smoke: 20 };

/** What judging small files of the tests costs, as a multiple of what the grammar takes to parse them. */
export async function checkFiles({ smoke }: { readonly smoke: boolean }): Promise<Group> {
  const files = readdirSync(CASES).filter((file) => file.endsWith('.c'));
  const texts = files
    .filter((_, at) => at % (smoke ? EACH.smoke : EACH.real) === 0)
    .map((file) => readFileSync(join(CASES, file), 'latin1'));
  const [parser, grammar, contracts] = [await loadParser(), await Grammar.load(), contractsFor(OPTIONS)];
  return {
    name: 'checkFiles',
    title: 'judging files of test/cli/check/cases',
    baseline: {
      name: 'parsing them',
      perCall: texts.length,
      run: () => {
        for (const text of texts) parsed(parser, text).delete();
      },
    },
    variants: [
      {
        name: 'checkText',
        perCall: texts.length,
        run: () => {
          for (const text of texts) checkText(grammar, text, contracts);
        },
      },
      {
        name: 'made readable for the grammar, cut into functions',
        perCall: texts.length,
        run: () => {
          for (const text of texts) grammar.parse(text);
        },
      },
    ],
  };
}

/** Fresh processes of each kind; the median counts. */
const RUNS = 9;
/** Tells the CPU time of a process at its end. */
const TELL = `data:text/javascript,import { writeSync } from 'node:fs';
process.on('exit', () => { const { user, system } = process.cpuUsage(); writeSync(2, '\\nCPU ' + (user + system)); });`;

/** What a whole process takes that checks one file, as from a git hook, as a multiple of the start of node alone. */
export function checkOneFile({ smoke }: { readonly smoke: boolean }): SizeGroup {
  const built = join(ROOT, 'dist/cli/scatterlist.js');
  if (!smoke && !existsSync(built)) throw new Error('checkOneFile measures the built command: npm run build');
  const command = smoke
    ? ['--conditions=source', '--import', 'tsx', join(ROOT, 'lib/cli/scatterlist.ts')]
    : [built];
  const cache = mkdtempSync(join(tmpdir(), 'scatterlist-bench-'));
  const cpuOf = (args: readonly string[], isCold: boolean): number => {
    if (isCold) rmSync(cache, { recursive: true, force: true });
    const { stderr } = spawnSync(process.execPath, ['--import', TELL, ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, SCATTERLIST_CACHE: cache },
    });
    return Number(/\nCPU (\d+)$/.exec(stderr)?.[1]);
  };
  const file = join(CASES, 'helper-releases.c');
  const kinds: readonly {
    readonly name: string;
    readonly args: readonly string[];
    readonly isCold: boolean;
  }[] = [
    { name: 'node alone', args: ['-e', '0'], isCold: false },
    { name: 'one file', args: [...command, 'check', file], isCold: true },
    { name: 'one file, known to the cache', args: [...command, 'check', file], isCold: false },
  ];
  const times = kinds.map((): number[] => []);
  for (let run = 0; run < (smoke ? 1 : RUNS); run += 1)
    for (const [i, { args, isCold }] of kinds.entries()) times[i]!.push(cpuOf(args, isCold));
  rmSync(cache, { recursive: true, force: true });
  const [alone = Number.NaN, ...others] = times.map(median);
  return {
    name: 'checkOneFile',
    title: 'a process that checks one file',
    unit: 'times',
    baseline: { name: kinds[0]!.name, bytes: 1 },
    sizes: others.map((time, i) => ({ name: kinds[i + 1]!.name, bytes: time / alone })),
  };
}
