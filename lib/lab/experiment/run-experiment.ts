/**
 * Runs an experiment: counts, weighs, concludes, and says how far the conclusion depends on each constant.
 */
import { checkOptions } from '../../base/options.ts';
import type { Accepts } from '../../base/options.ts';
import { configWhole } from '../../base/whole.ts';
import type { Chart } from './chart.ts';
import { readerOf, withConstants } from './constants.ts';
import type { Constant } from './constants.ts';
import type { Column, Conclusion, Experiment, Row, ThreadSentence } from './define-experiment.ts';
import { sensitivityOf } from './sensitivity.ts';
import type { SensitivityRow } from './sensitivity.ts';

/** A constant of a run: what it was, and whether it is the default. */
export interface UsedConstant extends Constant {
  readonly name: string;
  /** The default, if the run replaced it. */
  readonly replaced?: number;
}

/** Everything that a run found, as plain data. */
export interface ExperimentResult {
  readonly name: string;
  readonly question: string;
  readonly thread?: ThreadSentence;
  readonly hypothesis: string;
  readonly method: string;
  readonly seed: number;
  readonly parameters: Readonly<Record<string, number>>;
  /** The constants that the rows depend on. */
  readonly constants: readonly UsedConstant[];
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly conclusion: Conclusion;
  readonly sensitivity: readonly SensitivityRow[];
  readonly doesNotShow: readonly string[];
  readonly chart: Chart;
  /** By the host's clock; different in each run. */
  readonly realTime?: readonly Row[];
}

/** How an experiment is run. */
export interface RunOptions {
  readonly parameters?: Readonly<Record<string, number>>;
  readonly constants?: Readonly<Record<string, number>>;
  readonly seed?: number;
  /** Milliseconds of the host, for experiments that have rows in real time; without it they have none. */
  readonly clock?: () => number;
}

const OPTIONS: Readonly<Record<keyof RunOptions, Accepts>> = {
  parameters: 'object',
  constants: 'object',
  seed: 'number',
  clock: 'function',
};

/**
 * Runs an experiment. The same parameters, constants and seed give the same result, except for `realTime`.
 *
 * @linux none
 */
export function runExperiment(experiment: Experiment, options: RunOptions = {}): ExperimentResult {
  checkOptions('runExperiment', options, OPTIONS);
  const { parameters = {}, constants = {}, seed = 1, clock } = options;
  configWhole('seed', seed, 0);
  const table = withConstants(experiment.constants, constants);
  const measurement = experiment.measure(parameters, seed);
  const { cycles, used } = readerOf(table);
  const rows = measurement.rows(cycles);
  const conclusion = measurement.conclude(rows);
  const realTime = clock === undefined ? undefined : experiment.realTime(parameters, clock);
  return {
    name: experiment.name,
    question: experiment.question,
    ...(experiment.thread === undefined ? {} : { thread: experiment.thread }),
    hypothesis: experiment.hypothesis,
    method: experiment.method,
    seed,
    parameters: measurement.parameters,
    constants: [...used].map((name) => usedConstant(name, table[name], experiment.constants[name])),
    columns: experiment.columns,
    rows,
    conclusion,
    sensitivity: [...used].map((name) => sensitivityOf(measurement, table, name, conclusion)),
    doesNotShow: experiment.doesNotShow,
    chart: measurement.chart(rows),
    ...(realTime === undefined ? {} : { realTime }),
  };
}

function usedConstant(name: string, now: Constant | undefined, before: Constant | undefined): UsedConstant {
  const { cycles, source, how } = now ?? { cycles: 0, source: '', how: 'estimate' };
  const replaced = before !== undefined && before.cycles !== cycles ? { replaced: before.cycles } : {};
  return { name, cycles, source, how, ...replaced };
}
