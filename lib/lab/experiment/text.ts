/**
 * The result of an experiment as text of 80 columns.
 */
import { hangingLines } from '../../base/text-lines.ts';
import type { ConstantTable } from './constants.ts';
import type { Column, Experiment, Row } from './define-experiment.ts';
import type { ExperimentResult } from './run-experiment.ts';
import type { SensitivityRow, Turn } from './sensitivity.ts';

const WIDTH = 80;

/** A number with three significant digits, or with the digits that a column asks for. */
export function figureText(value: number | string | undefined, digits?: number): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  if (digits !== undefined) return value.toFixed(digits);
  if (Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** A table: numbers to the right, text to the left. */
export function tableLines(columns: readonly Column[], rows: readonly Row[]): readonly string[] {
  const cells = rows.map((row) => columns.map(({ key, digits }) => figureText(row[key], digits)));
  const isText = columns.map(({ key }) => rows.some((row) => typeof row[key] === 'string'));
  const heads: string[][] = [columns.map(({ title }) => title), columns.map(({ unit }) => unit ?? '')].filter(
    (head) => head.some((text) => text !== ''),
  );
  const widths = columns.map((_, i) =>
    Math.max(...[...heads, ...cells].map((line) => (line[i] ?? '').length)),
  );
  return [...heads, ...cells].map((line) =>
    line
      .map((text, i) => (isText[i] === true ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** What one constant does to the verdict, in a sentence. */
function sensitivityText(row: SensitivityRow): string {
  const { below, above, halved, doubled } = row;
  const turns = [turnText('at or below', below), turnText('at or above', above)].filter((t) => t !== '');
  const figures = `figure ${figureText(halved.figure)} if halved, ${figureText(doubled.figure)} if doubled`;
  const verdict =
    turns.length === 0 ? 'the verdict stays, from 0 to 64 times' : `the verdict becomes ${turns.join(', ')}`;
  return `${row.constant} (${figureText(row.cycles)}): ${verdict}; ${figures}`;
}

/** What each constant does to the verdict; constants that change neither verdict nor figure are named together. */
export function sensitivityTexts({ sensitivity, conclusion }: ExperimentResult): readonly string[] {
  const { value } = conclusion.figure;
  const isIdle = ({ below, above, halved, doubled }: SensitivityRow): boolean =>
    below === undefined &&
    above === undefined &&
    figureText(halved.figure) === figureText(value) &&
    figureText(doubled.figure) === figureText(value);
  const idle = sensitivity.filter(isIdle).map(({ constant }) => constant);
  const texts = sensitivity.filter((row) => !isIdle(row)).map(sensitivityText);
  if (sensitivity.length === 0) return ['no constant is used'];
  return idle.length === 0 ? texts : [...texts, `${idle.join(', ')}: no effect on verdict or figure`];
}

function turnText(where: string, turn: Turn | undefined): string {
  if (turn === undefined) return '';
  return turn.at === 0 ? `"${turn.verdict}" at 0` : `"${turn.verdict}" ${where} ${figureText(turn.at)}`;
}

/** A result as text of 80 columns. */
export function formatExperiment(result: ExperimentResult): string {
  const { thread, conclusion, realTime } = result;
  const parameters = Object.entries(result.parameters).map(([name, value]) => `${name}=${String(value)}`);
  const lines = [
    `${result.name}: ${conclusion.verdict}`,
    '',
    ...field('Question', result.question),
    ...(thread === undefined ? [] : field('Thread', `"${thread.says}" ${thread.by}`)),
    ...field('Hypothesis', result.hypothesis),
    ...field('Method', result.method),
    ...field('Parameters', [...parameters, `seed=${String(result.seed)}`].join(' ')),
    '',
    ...tableLines(result.columns, result.rows).map((line) => `  ${line}`),
    '',
    ...field('Verdict', `${conclusion.verdict}. ${conclusion.because}`),
    ...field('Figure', `${conclusion.figure.name} = ${figureText(conclusion.figure.value)}`),
    ...items('Constants', sensitivityTexts(result)),
    ...items('Not shown', result.doesNotShow),
    ...(realTime === undefined ? [] : ['', 'By the clock of this computer:', ...realTimeLines(realTime)]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Experiments with their parameters, and the constants of the cost model, as text of 80 columns. */
export function formatExperimentList(experiments: readonly Experiment[], constants: ConstantTable): string {
  const lines = experiments.flatMap(({ name, question, parameters }) => [
    name,
    ...hangingLines('  ', question, WIDTH),
    ...Object.entries(parameters).flatMap(([key, { default: value, meaning, least, most }]) =>
      hangingLines('    ', `${key}=${String(value)} ${meaning} (${String(least)} to ${String(most)})`, WIDTH),
    ),
  ]);
  const costs = Object.entries(constants).flatMap(([name, { cycles, how, source }]) =>
    hangingLines('    ', `${name}=${String(cycles)} ${how}: ${source}`, WIDTH),
  );
  return `${[...lines, 'constants, in cycles', ...costs].join('\n')}\n`;
}

/** A labelled text. An author may have broken it into lines of their own. */
function field(label: string, text: string): readonly string[] {
  return hangingLines(label.padEnd(12), text.replace(/\s+/g, ' '), WIDTH);
}

function items(label: string, texts: readonly string[]): readonly string[] {
  return texts.flatMap((text, i) => hangingLines(`${(i === 0 ? label : '').padEnd(12)}- `, text, WIDTH));
}

function realTimeLines(rows: readonly Row[]): readonly string[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return tableLines(
    keys.map((key) => ({ key, title: key })),
    rows,
  ).map((line) => `  ${line}`);
}
