/** A small experiment whose rows are easy to compute by hand. */
import { barChart, defineExperiment } from 'scatterlist/lab';
import type { Experiment, ExperimentSpec } from 'scatterlist/lab';

const parameters = {
  flushes: { default: 1, meaning: 'flushes', unit: 'flushes', least: 0, most: 100 },
  share: { default: 0.5, meaning: 'a share', unit: 'parts', least: 0, most: 1, fraction: true },
  slots: { default: 8, meaning: 'slots', unit: 'slots', least: 1, most: 64, powerOfTwo: true },
} as const;

export const spec: ExperimentSpec<typeof parameters, { readonly flushes: number; readonly drawn: number }> = {
  name: 'toy',
  question: 'Is a flush dearer than two locks?',
  hypothesis: 'It is dearer.',
  method: 'Count flushes and locks, and weigh them.',
  doesNotShow: ['anything of a real machine'],
  parameters,
  smoke: { flushes: 2 },
  constants: { own: { cycles: 7, source: 'a test', how: 'estimate' } },
  columns: [
    { key: 'what', title: 'what' },
    { key: 'cycles', title: 'cost', unit: 'cycles', digits: 1 },
  ],
  run: ({ parameters: values, random }) => ({ flushes: values.flushes, drawn: random(1000) }),
  rows: (measured, cycles) => [
    { what: 'flush', cycles: measured.flushes * cycles('localFlush'), drawn: measured.drawn },
    { what: 'locks', cycles: 2 * cycles('lock') + 0 * cycles('own') },
  ],
  conclude: (rows) => {
    const [flush, locks] = rows.map((row) => Number(row['cycles']));
    const isDearer = (flush ?? 0) > (locks ?? 0);
    return {
      verdict: isDearer ? 'holds' : 'does not hold',
      because: `${String(flush)} against ${String(locks)} cycles.`,
      figure: { name: 'flush', value: flush ?? 0 },
    };
  },
  chart: (rows) =>
    barChart(
      'A toy',
      'cost (cycles)',
      rows.map((row) => [String(row['what']), Number(row['cycles'])] as const),
    ),
};

export const toy: Experiment = defineExperiment(spec);
