/**
 * The result of an experiment as text of 80 columns.
 */
import type { Column, Row } from './define-experiment.ts';
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

/** A text in lines of at most `width` characters; `first` begins the first line, `rest` the others. */
export function wrapped(
  text: string,
  first: string = '',
  rest: string = first,
  width: number = WIDTH,
): readonly string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  for (const word of text.split(/\s+/)) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
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
    ...wrapped(result.question, 'Question    ', '            '),
    ...(thread === undefined ? [] : wrapped(`"${thread.says}" ${thread.by}`, 'Thread      ', '            ')),
    ...wrapped(result.hypothesis, 'Hypothesis  ', '            '),
    ...wrapped(result.method, 'Method      ', '            '),
    ...wrapped([...parameters, `seed=${String(result.seed)}`].join(' '), 'Parameters  ', '            '),
    '',
    ...tableLines(result.columns, result.rows).map((line) => `  ${line}`),
    '',
    ...wrapped(`${conclusion.verdict}. ${conclusion.because}`, 'Verdict     ', '            '),
    ...wrapped(
      `${conclusion.figure.name} = ${figureText(conclusion.figure.value)}`,
      'Figure      ',
      '            ',
    ),
    ...sensitivityTexts(result).flatMap((text, i) =>
      wrapped(text, i === 0 ? 'Constants   - ' : '            - ', '              '),
    ),
    ...result.doesNotShow.flatMap((text, i) =>
      wrapped(text, i === 0 ? 'Not shown   - ' : '            - ', '              '),
    ),
    ...(realTime === undefined ? [] : ['', 'By the clock of this computer:', ...realTimeLines(realTime)]),
  ];
  return `${lines.join('\n')}\n`;
}

function realTimeLines(rows: readonly Row[]): readonly string[] {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return tableLines(
    keys.map((key) => ({ key, title: key })),
    rows,
  ).map((line) => `  ${line}`);
}
