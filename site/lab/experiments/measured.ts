/**
 * Runs experiments, and keeps the counts of the last run: other constants need no new one.
 */
import { EXPERIMENTS } from 'scatterlist/lab';
import type { Experiment, Measurement } from 'scatterlist/lab';
import type { ExperimentEntry, Setting, Weighed } from './messages.ts';

/** The experiments of the library. */
export function experimentEntries(): readonly ExperimentEntry[] {
  return EXPERIMENTS.map(
    ({ name, question, hypothesis, thread, method, doesNotShow, parameters, smoke, constants }) => ({
      name,
      question,
      hypothesis,
      thread,
      method,
      doesNotShow,
      parameters,
      small: smoke,
      constants,
    }),
  );
}

/** The counts of the last run. */
export class Measured {
  private readonly clock: () => number;
  private last: { readonly key: string; readonly measurement: Measurement } | undefined;

  constructor(clock: () => number) {
    this.clock = clock;
  }

  /** Runs an experiment unless its counts are there, and weighs them. */
  weigh(setting: Setting): Weighed {
    const experiment = EXPERIMENTS.find(({ name }) => name === setting.name);
    if (experiment === undefined) throw new RangeError(`there is no experiment "${setting.name}"`);
    const begin = this.clock();
    const isNew = this.last?.key !== keyOf(setting);
    const measurement = this.measurementOf(experiment, setting);
    const milliseconds = isNew ? this.clock() - begin : 0;
    const used = new Set<string>();
    const rows = measurement.rows((name) => {
      used.add(name);
      return setting.constants[name] ?? defaultOf(experiment, name);
    });
    return {
      setting,
      columns: experiment.columns,
      rows,
      conclusion: measurement.conclude(rows),
      chart: measurement.chart(rows),
      used: [...used],
      milliseconds,
    };
  }

  private measurementOf(experiment: Experiment, setting: Setting): Measurement {
    const key = keyOf(setting);
    if (this.last?.key !== key)
      this.last = { key, measurement: experiment.measure(setting.parameters, setting.seed) };
    return this.last.measurement;
  }
}

function keyOf({ name, parameters, seed }: Setting): string {
  return JSON.stringify([name, seed, Object.entries(parameters).sort()]);
}

function defaultOf({ name, constants }: Experiment, constant: string): number {
  const found = constants[constant];
  if (found === undefined) throw new RangeError(`${name} has no constant "${constant}"`);
  return found.cycles;
}
