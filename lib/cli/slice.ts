/**
 * `scatterlist slice`: functions of a kernel source file, with what they use, as a C file of their own.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXIT } from './exit-codes.ts';
import { checkReadable, checkWritable, writeText } from './files.ts';
import { calledIn } from './load.ts';
import { refuseRepeats } from './options.ts';
import { PACKAGE_FOLDER } from './package-root.ts';
import { Reader } from './slice/declarations.ts';
import { Pool } from './slice/pool.ts';
import { notes, render } from './slice/render.ts';
import { sliceOf } from './slice/slice.ts';
import { UsageError, isUsersMistake } from './usage-error.ts';

/** What `scatterlist slice --help` prints. */
export const SLICE_HELP = `scatterlist slice: write functions of a kernel source file, with what they use, as a C file of their own

  scatterlist slice FILE.c --function NAME,NAME...
  --function NAMES   the functions to take
  --callees          take the functions of the same file that those call, too; without it they become stubs
  --declare NAMES    functions that you define yourself at the end: they are declared, and get no stub
  --define NAMES     names that #ifdef and IS_ENABLED take as defined (CONFIG_HIGHMEM always is)
  --output FILE.c    where to write it (default: the terminal)

Types, enumerations, macros and variables are taken from the file, from the headers beside it, and from the tree of the
kernel in which it lies, if it lies in one. Of a structure the members that are used are taken. Functions that are not
taken become stubs that return 0. stderr lists the stubs and what was not found.

Exit code 0: written, and with --output it compiles. 2: wrong usage, or a file that cannot be read. 3: written, but it
does not compile yet; stderr says why. 70: a bug in scatterlist itself.
`;

function parse(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      function: { type: 'string' },
      callees: { type: 'boolean', default: false },
      declare: { type: 'string' },
      define: { type: 'string' },
      output: { type: 'string' },
    },
  });
  refuseRepeats(tokens);
  const [file = '', ...rest] = positionals;
  if (file === '') throw new UsageError('which file? name a C file of the kernel');
  if (rest.length > 0) throw new UsageError(`one file at a time; what is "${rest.join(' ')}"?`);
  const names = (option: string, text: string | undefined): readonly string[] => {
    const all = text?.split(',').map((name) => name.trim()) ?? [];
    const wrong = all.find((name) => !/^[A-Za-z_]\w*$/.test(name));
    if (wrong !== undefined)
      throw new UsageError(`--${option} takes names with commas between them, not "${wrong}"`);
    return all;
  };
  const functions = names('function', values.function);
  if (functions.length === 0) throw new UsageError('which functions? name them with --function a,b,c');
  checkReadable(file);
  checkWritable(values.output);
  if (values.output !== undefined && resolve(values.output) === resolve(file))
    throw new UsageError(`--output ${values.output}: it is the file itself`);
  return {
    file,
    functions,
    declared: names('declare', values.declare),
    defined: names('define', values.define),
    ...values,
  };
}

/** Runs `scatterlist slice`. */
export async function slice(args: readonly string[]): Promise<number> {
  const { file, functions, declared, defined, callees, output } = parse(args);
  const options = ['CONFIG_HIGHMEM', 'CONFIG_MMU', ...defined];
  const reader = await Reader.load(['__KERNEL__', ...options]);
  const pool = new Pool(reader, resolve(file), `${PACKAGE_FOLDER}/c/include`);
  const missing = functions.filter((name) => pool.own(name)?.declaration.kind !== 'function');
  if (missing.length > 0)
    throw new UsageError(
      `${file} defines no function ${missing.join(', ')}; it has ${String(pool.functions.length)}${nearest(pool.functions, missing[0] ?? '')}`,
    );
  const found = sliceOf(pool, { functions, declared, withCallees: callees });
  const text = render(found, {
    file,
    functions,
    declared,
    defined: options,
    output: output ?? 'slice.c',
  });
  if (output === undefined) process.stdout.write(text);
  else writeText(output, text);
  for (const line of notes(found)) if (line !== '') process.stderr.write(`${line}\n`);
  return output === undefined ? EXIT.exhausted : await compiles(output);
}

/** Some names that begin like another, for a message. */
function nearest(all: readonly string[], name: string): string {
  const near = all.filter((one) => one.startsWith(name.slice(0, Math.max(3, name.length >> 1)))).slice(0, 5);
  return near.length === 0 ? '' : `, among them ${near.join(', ')}`;
}

async function compiles(file: string): Promise<number> {
  try {
    await calledIn(file);
    return EXIT.exhausted;
  } catch (error) {
    if (!isUsersMistake(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    return EXIT.outOfBudget;
  }
}
