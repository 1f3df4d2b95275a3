/**
 * `scatterlist experiment`: questions about mapping APIs, decided by runs of the simulated machine.
 */
import { parseArgs } from 'node:util';
import {
  CONSTANTS,
  EXPERIMENTS,
  formatExperiment,
  formatExperimentList,
  isExperiment,
  runExperiment,
} from 'scatterlist/lab';
import type { Experiment, ExperimentResult, RunOptions } from 'scatterlist/lab';
import { printable } from 'scatterlist/explore';
import { constantsIn, numbersOf } from './experiment/given.ts';
import { svgOf } from './experiment/svg.ts';
import { checkWritable, writeText } from './files.ts';
import { failed } from './failed.ts';
import { loadDefault } from './load.ts';
import { numberOf, refuseRepeats } from './options.ts';
import { UsageError } from './usage-error.ts';

/** What `scatterlist experiment --help` prints. */
export const EXPERIMENT_HELP = `scatterlist experiment: a question about mapping APIs, decided by runs and numbers

  scatterlist experiment list        the experiments, their parameters and the constants
  scatterlist experiment NAME        run one
  scatterlist experiment all         run all of them
  scatterlist experiment FILE        run your own: export default defineExperiment(…)
  --parameter NAME=N    another value of a parameter; may be given several times
  --constant NAME=N     another cost, in cycles; may be given several times
  --constants FILE      costs from a file: { "ipi": 2000 }
  --smoke               small parameters: quick, to see what comes out
  --seed N              another seed (default 1)
  --svg FILE            write the plot (needs the packages vega and vega-lite)
  --json                the result, for a program

The same parameters, constants and seed give the same result, except for rows by the
clock of this computer. Exit code 0: it ran, whatever the verdict. 2: wrong usage.
`;

function parse(args: readonly string[]) {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    tokens: true,
    options: {
      parameter: { type: 'string', multiple: true, default: [] },
      constant: { type: 'string', multiple: true, default: [] },
      constants: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      svg: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  refuseRepeats(
    tokens.filter((token) => token.kind !== 'option' || !['parameter', 'constant'].includes(token.name)),
  );
  checkWritable(values.svg);
  const [what = '', ...rest] = positionals;
  if (what === '') throw new UsageError('which experiment? scatterlist experiment list names them');
  if (rest.length > 0) throw new UsageError(`one experiment at a time; what is "${rest.join(' ')}"?`);
  const options: RunOptions = {
    parameters: numbersOf('--parameter', values.parameter),
    constants: {
      ...(values.constants === undefined ? {} : constantsIn(values.constants)),
      ...numbersOf('--constant', values.constant),
    },
    seed: numberOf('--seed', values.seed, 0, 2 ** 32 - 1),
    clock: () => performance.now(),
  };
  return { values, what, options };
}

/** Runs `scatterlist experiment`. */
export async function experiment(args: readonly string[]): Promise<number> {
  const { values, what, options } = parse(args);
  if (what === 'list' || what === 'all') refuseFor(what, values);
  if (what === 'list') {
    process.stdout.write(
      values.json
        ? `${JSON.stringify(EXPERIMENTS.map(described), null, 1)}\n`
        : formatExperimentList(EXPERIMENTS, CONSTANTS),
    );
    return 0;
  }
  if (what === 'all') {
    const results: ExperimentResult[] = [];
    for (const one of EXPERIMENTS) {
      const result = run(one, one.name, withSmoke(one, values.smoke, options));
      results.push(result);
      if (!values.json) process.stdout.write(`${formatExperiment(result)}\n`);
    }
    if (values.json) process.stdout.write(`${JSON.stringify(results, null, 1)}\n`);
    return 0;
  }
  const one = await find(what);
  const result = run(one, what, withSmoke(one, values.smoke, options));
  if (values.svg !== undefined) writeText(values.svg, await svgOf(result.chart));
  process.stdout.write(
    values.json ? `${JSON.stringify(result, null, 1)}\n` : printable(formatExperiment(result)),
  );
  return 0;
}

/** The small parameters of an experiment, under those that were given. */
function withSmoke(one: Experiment, isSmoke: boolean, options: RunOptions): RunOptions {
  return isSmoke ? { ...options, parameters: { ...one.smoke, ...options.parameters } } : options;
}

function refuseFor(
  what: string,
  { svg, parameter, constant, constants, smoke }: ReturnType<typeof parse>['values'],
): void {
  const given = [
    ['--svg', svg !== undefined],
    ['--parameter', parameter.length > 0],
    ['--constant', what === 'list' && constant.length > 0],
    ['--constants', what === 'list' && constants !== undefined],
    ['--smoke', what === 'list' && smoke],
  ] as const;
  const [option] = given.find(([, isGiven]) => isGiven) ?? [];
  if (option !== undefined)
    throw new UsageError(
      `${option} is for ${what === 'list' ? 'a run' : 'one experiment'}, not for "${what}"`,
    );
}

/** An experiment of the library, or of a file: a name has no dot and no slash. */
async function find(what: string): Promise<Experiment> {
  const known = EXPERIMENTS.find(({ name }) => name === what);
  if (known !== undefined) return known;
  if (!/[./\\]/.test(what))
    throw new UsageError(
      `no experiment "${what}"; there is ${EXPERIMENTS.map(({ name }) => name).join(', ')}, or a file`,
    );
  const exported = await loadDefault(what);
  if (!isExperiment(exported))
    throw new UsageError(
      `the default export of ${what} is not an experiment: export default defineExperiment({ … })`,
    );
  return exported;
}

/** Runs an experiment; a value that it does not take is a mistake of the command line. */
function run(one: Experiment, what: string, options: RunOptions): ExperimentResult {
  try {
    return runExperiment(one, options);
  } catch (error) {
    // By name, because the experiment may have a copy of the library of its own.
    if (error instanceof Error && error.name === 'ConfigError') throw new UsageError(error.message);
    throw failed(what, 'cannot be run', error);
  }
}

const described = ({ name, question, hypothesis, thread, method, doesNotShow, parameters }: Experiment) => ({
  name,
  question,
  ...(thread === undefined ? {} : { thread }),
  hypothesis,
  method,
  doesNotShow,
  parameters,
});
