/**
 * An experiment: a question about the design of mapping APIs, and a run of the simulated machine that decides it.
 *
 * Running and weighing are separate. `run` counts what the machine did and sees no costs; `rows` turns the counts into
 * cycles. So the same run can be weighed with other constants, which is how the sensitivity of a verdict is found.
 */
import { ConfigError } from '../../base/invariant.ts';
import { checkOptions } from '../../base/options.ts';
import type { Accepts } from '../../base/options.ts';
import { RandomSource } from '../../explore/random-source.ts';
import type { Chart } from './chart.ts';
import { CONSTANTS } from './constants.ts';
import type { ConstantTable, Cycles } from './constants.ts';
import { parameterValues } from './parameters.ts';
import type { ParameterTable, Values } from './parameters.ts';

/** One line of a result. */
export type Row = Readonly<Record<string, number | string>>;

/** A column of the table of a result. */
export interface Column {
  /** The property of a row. */
  readonly key: string;
  readonly title: string;
  readonly unit?: string;
  /** What the title stands for, if it is short. */
  readonly meaning?: string;
  /** Digits after the point. Default: three significant digits. */
  readonly digits?: number;
}

/** Whether a hypothesis holds. */
export type Verdict = 'holds' | 'holds in part' | 'does not hold';

/** What the rows say of the hypothesis. */
export interface Conclusion {
  readonly verdict: Verdict;
  /** Why, in a sentence or two with the numbers. */
  readonly because: string;
  /** The answer to the question in one sentence with its numbers, for a list of experiments. */
  readonly answer?: string;
  /** The figure that the verdict depends on; the sensitivity rows show how it changes. */
  readonly figure: { readonly name: string; readonly value: number };
}

/** The sentence of a discussion that an experiment looks at. */
export interface ThreadSentence {
  /** A few words of it. */
  readonly says: string;
  /** Who, where and when. */
  readonly by: string;
}

/** What `run` is given. */
export interface RunEnv<P extends ParameterTable> {
  readonly parameters: Values<P>;
  /** A whole number from 0 up to, and without, `below`; the same seed gives the same numbers. */
  readonly random: (below: number) => number;
  /** The seed, for a strategy of the explorer. */
  readonly seed: number;
}

/** An experiment, as its author writes it. */
export interface ExperimentSpec<P extends ParameterTable, M> {
  /** Short, for the command line: `cpus`. */
  readonly name: string;
  readonly question: string;
  readonly hypothesis: string;
  readonly thread?: ThreadSentence;
  readonly method: string;
  readonly doesNotShow: readonly string[];
  readonly parameters: P;
  /** Parameters for a run in a few milliseconds. */
  readonly smoke?: Partial<Values<P>>;
  /** Constants besides those that every experiment may use. */
  readonly constants?: ConstantTable;
  readonly columns: readonly Column[];
  /** Runs the machine and counts. */
  readonly run: (env: RunEnv<P>) => M;
  /** Weighs what was counted. */
  readonly rows: (measured: M, cycles: Cycles, parameters: Values<P>) => readonly Row[];
  /** Judges the hypothesis by the rows. */
  readonly conclude: (rows: readonly Row[], parameters: Values<P>) => Conclusion;
  readonly chart: (rows: readonly Row[], parameters: Values<P>) => Chart;
  /** What the host's own clock says of the same work, in ratios; it is not part of what is compared. */
  readonly realTime?: (parameters: Values<P>, clock: () => number) => readonly Row[];
}

/** What was counted for some values of the parameters; it can be weighed any number of times. */
export interface Measurement {
  readonly parameters: Values;
  rows(cycles: Cycles): readonly Row[];
  conclude(rows: readonly Row[]): Conclusion;
  chart(rows: readonly Row[]): Chart;
}

const EXPERIMENT: unique symbol = Symbol.for('scatterlist.experiment');

/** An experiment as `defineExperiment` returns it. */
export interface Experiment {
  readonly [EXPERIMENT]: true;
  readonly name: string;
  readonly question: string;
  readonly hypothesis: string;
  readonly thread: ThreadSentence | undefined;
  readonly method: string;
  readonly doesNotShow: readonly string[];
  readonly parameters: ParameterTable;
  readonly smoke: Values;
  readonly constants: ConstantTable;
  readonly columns: readonly Column[];
  /** Runs the machine. */
  measure(given: Readonly<Record<string, number>>, seed: number): Measurement;
  /** The rows of the host's clock, if the experiment has any. */
  realTime(given: Readonly<Record<string, number>>, clock: () => number): readonly Row[] | undefined;
}

const SPEC: Readonly<Record<keyof ExperimentSpec<ParameterTable, unknown>, Accepts>> = {
  name: 'string',
  question: 'string',
  hypothesis: 'string',
  thread: 'object',
  method: 'string',
  doesNotShow: 'object',
  parameters: 'object',
  smoke: 'object',
  constants: 'object',
  columns: 'object',
  run: 'function',
  rows: 'function',
  conclude: 'function',
  chart: 'function',
  realTime: 'function',
};

/** Refuses a specification that lacks a part; a user's file is not always compiled with types. */
function checkSpec(spec: Readonly<Record<string, unknown>>): void {
  checkOptions('an experiment', spec, SPEC);
  const optional = ['thread', 'smoke', 'constants', 'realTime'];
  const missing = Object.keys(SPEC).filter((part) => spec[part] === undefined && !optional.includes(part));
  if (missing.length > 0) throw new ConfigError(`an experiment has no ${missing.join(', ')}`);
  if (typeof spec['name'] !== 'string' || !/^[a-z][a-z0-9-]*$/.test(spec['name']))
    throw new ConfigError(
      `the name of an experiment is '${String(spec['name'])}'; it must be small letters, digits and hyphens`,
    );
}

/**
 * Defines an experiment.
 *
 * @linux none
 * @example
 * ```ts
 * const pair = defineExperiment({
 *   name: 'pair',
 *   question: 'What does a pair of kmap_local_page and kunmap_local cost?',
 *   hypothesis: 'It costs less than 100 cycles.',
 *   method: 'Map and unmap a highmem page, and weigh what the ledger counted.',
 *   doesNotShow: ['what the pair costs on a machine without highmem'],
 *   parameters: { pairs: { default: 100, meaning: 'pairs', unit: 'pairs', least: 1, most: 10000 } },
 *   columns: [{ key: 'cycles', title: 'cycles' }],
 *   run: ({ parameters: { pairs } }) => {
 *     const machine = createMachine();
 *     const task = machine.task('mapper');
 *     const page = machine.allocPage({ zone: 'highmem' });
 *     for (let n = 0; n < pairs; n += 1) kunmapLocal(task, kmapLocalPage(task, page));
 *     return machine.ledger;
 *   },
 *   rows: (counts, cycles, { pairs }) => [{ cycles: weigh(counts, cycles) / pairs }],
 *   conclude: ([row]) => {
 *     const value = Number(row?.['cycles']);
 *     const because = `It costs ${value.toFixed(0)} cycles.`;
 *     return { verdict: value < 100 ? 'holds' : 'does not hold', because, figure: { name: 'cycles', value } };
 *   },
 *   chart: (rows) => barChart('A pair', 'cycles', rows.map((row) => ['pair', Number(row['cycles'])])),
 * });
 * console.assert(runExperiment(pair).conclusion.verdict === 'does not hold');
 * ```
 */
export function defineExperiment<P extends ParameterTable, M>(spec: ExperimentSpec<P, M>): Experiment {
  checkSpec({ ...spec });
  const { parameters, run, rows, conclude, chart, realTime } = spec;
  const valuesOf = (given: Readonly<Record<string, number | undefined>>): Values<P> =>
    parameterValues(spec.name, parameters, given);
  return {
    [EXPERIMENT]: true,
    name: spec.name,
    question: spec.question,
    hypothesis: spec.hypothesis,
    thread: spec.thread,
    method: spec.method,
    doesNotShow: spec.doesNotShow,
    parameters,
    smoke: valuesOf({ ...spec.smoke }),
    constants: { ...CONSTANTS, ...spec.constants },
    columns: spec.columns,
    measure: (given, seed) => {
      const values = valuesOf(given);
      const source = new RandomSource(seed);
      const measured = run({ parameters: values, random: (below) => source.next(below), seed });
      return {
        parameters: { ...values },
        rows: (cycles) => rows(measured, cycles, values),
        conclude: (from) => conclude(from, values),
        chart: (from) => chart(from, values),
      };
    },
    realTime: (given, clock) => realTime?.(valuesOf(given), clock),
  };
}

/** Whether a value was made by `defineExperiment`, of this copy of the library or another. */
export function isExperiment(value: unknown): value is Experiment {
  return typeof value === 'object' && value !== null && EXPERIMENT in value;
}
