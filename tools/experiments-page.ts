/** The generated parts of docs/experiments.md and of the README: what a checked-in run of the experiments found. */
import { wrapText } from '../lib/base/text-lines.ts';
import { CONSTANTS } from '../lib/lab/experiment/constants.ts';
import type { Column, Experiment, Row } from '../lib/lab/experiment/define-experiment.ts';
import type { ExperimentResult } from '../lib/lab/experiment/run-experiment.ts';
import { figureText, sensitivityTexts } from '../lib/lab/experiment/text.ts';
import { EXPERIMENTS } from '../lib/lab/experiments/index.ts';

/** A run of all experiments, as docs/experiments.json holds it. */
export interface CheckedInRun {
  /** Where the rows by the clock were measured. */
  readonly cpu: string;
  readonly node: string;
  readonly results: readonly ExperimentResult[];
}

/** The experiments of the README, the first one with its plot. */
const SURPRISES = ['cpus', 'flush', 'typed-failure'] as const;
const WIDTH = 120;

/** The name of the file of a plot, in docs/plots. */
export const plotOf = (name: string): string => `experiment-${name}.svg`;

/** docs/experiments.md with its generated parts as they should be. */
export function withExperiments(page: string, run: CheckedInRun): string {
  return replaced(replaced(page, 'overview', overview(run)), 'results', sections(run));
}

/** The README with its generated part as it should be. */
export function withSurprises(readme: string, { results }: CheckedInRun): string {
  const chosen = SURPRISES.flatMap((name) => results.find((one) => one.name === name) ?? []);
  const bullets = chosen.flatMap(({ name, conclusion }) =>
    wrapText(`- \`${name}\`: ${conclusion.answer ?? conclusion.because}`, WIDTH),
  );
  const [first] = chosen;
  const plot = first === undefined ? [] : ['', `![${first.chart.title}](docs/plots/${plotOf(first.name)})`];
  return replaced(readme, 'surprises', [...bullets, ...plot].join('\n'));
}

/** Replaces what stands between two marks of a page. */
function replaced(page: string, mark: string, text: string): string {
  const block = new RegExp(`(<!-- ${mark} -->\n)[^]*(<!-- end of ${mark} -->)`);
  if (!block.test(page)) throw new RangeError(`no <!-- ${mark} --> … <!-- end of ${mark} -->`);
  return page.replace(block, (_, before: string, after: string) => `${before}${text}\n${after}`);
}

function overview({ results }: CheckedInRun): string {
  const rows = results.map(({ name, question, conclusion }) => [
    `[${name}](#${name})`,
    question,
    conclusion.answer ?? conclusion.because,
    conclusion.verdict,
  ]);
  return table(['experiment', 'question', 'what the run says', 'hypothesis'], rows);
}

function sections(run: CheckedInRun): string {
  return [
    ...run.results.map((result) => section(result, run)),
    '## The constants',
    paragraph(
      'Cycles of a core of 3 GHz. *Measured* figures are from the C harness or the bench of this project; *estimates* give the order of magnitude. `--constant NAME=N` replaces one, `--constants FILE` several.',
    ),
    table(
      ['constant', '>cycles', '', 'source'],
      Object.entries(CONSTANTS).map(([name, { cycles, how, source }]) => [
        `\`${name}\``,
        figureText(cycles),
        how,
        source,
      ]),
    ),
  ].join('\n\n');
}

function section(result: ExperimentResult, run: CheckedInRun): string {
  const { name, thread, conclusion, chart, realTime } = result;
  const experiment = EXPERIMENTS.find((one) => one.name === name);
  return [
    `### ${name}`,
    ...(thread === undefined ? [] : [quote(`“${thread.says}”\n${thread.by}`)]),
    paragraph(`**Question.** ${result.question}`),
    paragraph(`**Hypothesis.** ${result.hypothesis}`),
    paragraph(`**Method.** ${result.method}`),
    list('**Parameters.**', parametersOf(result, experiment)),
    `![${chart.title}](plots/${plotOf(name)})`,
    table(result.columns.map(headOf(result.rows)), cellsOf(result.columns, result.rows)),
    ...columnsOf(result.columns),
    paragraph(`**Conclusion.** The hypothesis ${conclusion.verdict}. ${conclusion.because}`),
    constantsOf(result),
    list('**It does not show**', result.doesNotShow),
    ...(realTime === undefined ? [] : realTimeOf(realTime, run)),
    `**Again:** \`scatterlist experiment ${name} --svg ${name}.svg\``,
  ].join('\n\n');
}

function parametersOf(result: ExperimentResult, experiment: Experiment | undefined): readonly string[] {
  const given = Object.entries(result.parameters).map(([name, value]) => {
    const { meaning = '', unit = '' } = experiment?.parameters[name] ?? {};
    return `\`${name}=${String(value)}\`: ${meaning}${meaning.includes(unit) ? '' : ` (${unit})`}`;
  });
  return [...given, `\`seed=${String(result.seed)}\``];
}

function columnsOf(columns: readonly Column[]): readonly string[] {
  const texts = columns.flatMap(({ title, unit = '', meaning }) =>
    meaning === undefined ? [] : [`*${`${title} ${unit}`.trim()}*: ${meaning}`],
  );
  return texts.length === 0 ? [] : [list('**Columns.**', texts)];
}

function constantsOf(result: ExperimentResult): string {
  const { name, value } = result.conclusion.figure;
  const figure = `${name} = ${figureText(value)}`;
  return result.sensitivity.length === 0
    ? paragraph(`**Constants.** None is used. The figure is: ${figure}.`)
    : list(
        `**Constants.** The figure is: ${figure}. What it becomes, and whether the verdict changes, if one constant is another:`,
        sensitivityTexts(result),
      );
}

/** Rows by the clock of the machine of the run; the only ones that no test repeats. */
function realTimeOf(rows: readonly Row[], { cpu, node }: CheckedInRun): readonly string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].map((key) => ({ key, title: key }));
  return [
    paragraph(
      `**By the clock.** Measured with this library itself, on ${cpu}, Node ${node}. These rows are different in each run, and no test compares them; all other figures are the same in each run.`,
    ),
    table(columns.map(headOf(rows)), cellsOf(columns, rows)),
  ];
}

/** A number stands at the right. */
const headOf =
  (rows: readonly Row[]) =>
  ({ key, title, unit = '' }: Column): string =>
    `${rows.some((row) => typeof row[key] === 'string') ? '' : '>'}${title} ${unit}`.trim();

const cellsOf = (columns: readonly Column[], rows: readonly Row[]): readonly (readonly string[])[] =>
  rows.map((row) => columns.map(({ key, digits }) => figureText(row[key], digits)));

/** A table; a heading that begins with `>` has its column at the right. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(heads.map((head) => head.replace(/^>/, ''))),
    `|${heads.map((head) => (head.startsWith('>') ? '---:' : '---')).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

const paragraph = (text: string): string => wrapText(text, WIDTH, 0).join('\n');

const quote = (text: string): string =>
  text
    .split('\n')
    .flatMap((line) => [...wrapText(line, WIDTH - 2, 0), ''])
    .slice(0, -1)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');

const list = (title: string, items: readonly string[]): string =>
  [paragraph(title), '', ...items.flatMap((item) => wrapText(`- ${item}`, WIDTH))].join('\n');
