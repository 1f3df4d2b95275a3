/** Makes the tables and charts of the documentation from the JSON of a run. */
import type { LineChart, Series } from 'scatterlist/lab';
import type { Aim, Figure, Printed } from './figures.ts';

/** The ratio of an aim's row to the row it is compared with; `undefined` if either was not measured. */
export function reached(
  { results }: Printed,
  { group, row, over }: Aim,
  of: (figure: Figure) => number | undefined = ({ ratio }) => ratio,
): number | undefined {
  const figures = results[group]?.figures ?? [];
  const valueOf = (wanted: string): number | undefined => {
    const figure = figures.find(({ name }) => name === wanted);
    return figure === undefined ? undefined : of(figure);
  };
  const ratio = valueOf(row);
  const base = over === undefined ? 1 : valueOf(over);
  return ratio === undefined || base === undefined ? undefined : ratio / base;
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

const optional = (value: number | undefined): string => (value === undefined ? '' : digits(value));

/** Names of rows that do the work of a group without any mapping: `set` on views made beforehand. */
const BARE_LOOP =
  /^(hand loop over (cached views|the lowmem pages)|views made beforehand on both sides|the same copies by hand)$/;

/** The ratio of the bare loop to the row that an aim compares with; `undefined` if the group has no bare loop. */
function bareLoop({ results }: Printed, { group, over }: Aim): number | undefined {
  const figures = results[group]?.figures ?? [];
  const loops = figures.filter(({ name }) => BARE_LOOP.test(name));
  const bare = loops.find(({ name }) => name === over) ?? loops[0];
  const base = over === undefined ? 1 : figures.find(({ name }) => name === over)?.ratio;
  return bare === undefined || base === undefined ? undefined : bare.ratio / base;
}

function quietness({ results }: Printed): string {
  const groups = Object.entries(results);
  const loud = groups.filter(([, { quietProcesses, processes }]) => quietProcesses < processes);
  if (loud.length === 0) return 'All of them had the core to themselves.';
  const names = loud.map(([name]) => name).join(', ');
  return `Of these groups too few had the core to themselves, so that all processes count: ${names}.`;
}

function aimsTable(printed: Printed, aims: readonly Aim[]): string {
  const rows = aims.map((aim) => {
    const got = reached(printed, aim);
    const group = printed.results[aim.group];
    const noisy = group?.figures.some(({ name, noisy: is }) => is && (name === aim.row || name === aim.over));
    const verdict = got === undefined ? 'not measured' : got <= aim.most ? 'held' : '**missed**';
    const cells = [
      group?.title ?? aim.group,
      aim.row,
      aim.over ?? group?.baseline ?? '',
      String(aim.most),
      optional(got),
      optional(bareLoop(printed, aim)),
      optional(reached(printed, aim, ({ shared }) => shared)),
      `${verdict}${noisy === true ? ', noisy' : ''}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `Measured on: ${printed.cpu}, Node ${printed.node}, ${String(printed.processes)} processes. ${quietness(printed)}`,
    '',
    '| Work | Ours | Over | Aim | Got | Bare loop | Core shared | |',
    '|---|---|---|---:|---:|---:|---:|---|',
    ...rows,
  ].join('\n');
}

function unitOf({ perUnit, unit }: Figure, memcpy: Figure | undefined): string {
  if (unit === 'bytes' || unit === 'steps' || unit === 'times') return `${digits(perUnit)} ${unit}`;
  if (unit === 'ns' || memcpy === undefined) return '';
  return `${digits(perUnit)} ns = ${((1e6 * perUnit) / memcpy.perUnit).toFixed(0)} millionths`;
}

function groupTables({ results }: Printed): string {
  const tables = Object.entries(results).map(([name, { title, baseline, figures }]) => {
    const memcpy = figures.find((figure) => /^(one )?memcpy of (1048576|1 MiB)/.test(figure.name));
    const rows = figures.map(
      (figure) =>
        `| ${figure.name} | ${digits(figure.ratio)} | ${digits(figure.least)} to ${digits(figure.most)}${figure.noisy ? ', noisy' : ''} | ${unitOf(figure, memcpy)} |`,
    );
    const head = `| ${name}: over ${baseline} | ratio | processes | per unit, of a 1 MiB memcpy |`;
    return [
      `${title[0]?.toUpperCase() ?? ''}${title.slice(1)}:`,
      '',
      head,
      '|---|---:|---|---|',
      ...rows,
    ].join('\n');
  });
  return tables.join('\n\n');
}

/** The tables of docs/performance.md. */
export function tablesOf(printed: Printed, aims: readonly Aim[]): string {
  return `${aimsTable(printed, aims)}\n\n## Every figure\n\n${groupTables(printed)}`;
}

/** How the lines are drawn: the hand loop is the limit of the page, and one memcpy a limit that no loop reaches. */
const LOOKS: Readonly<Record<string, Pick<Series, 'colour' | 'dashed'>>> = {
  ours: { colour: 0 },
  bl: { colour: 1 },
  'hand loop': { colour: 2 },
  memcpy: { colour: 4, dashed: true },
};

/** Lines from the rows named `name, shape` of a group. They show the cost of a byte as a multiple of the 1 MiB memcpy's. */
function seriesOf(group: string, { results }: Printed): readonly Series[] {
  const figures = results[group]?.figures ?? [];
  const base = figures[0];
  if (base === undefined) return [];
  return Object.entries(LOOKS).flatMap(([name, look]) => {
    const points = figures.flatMap((figure): (readonly [number, number])[] => {
      const match = /^(.*), (\d+) (?:bytes|pages)$/.exec(figure.name);
      return match?.[1] === name ? [[Number(match[2]), figure.perUnit / (base.perUnit / 1024)]] : [];
    });
    return points.length === 0 ? [] : [{ name, ...look, points }];
  });
}

/** The charts, by the name of their file. */
export function chartsOf(printed: Printed): Readonly<Record<string, LineChart>> {
  const chart = (title: string, xTitle: string, group: string): LineChart => ({
    kind: 'lines',
    title,
    subtitle: 'the cost of a byte, as a multiple of what it costs in one memcpy of 1 MiB',
    x: { title: xTitle, scale: 'log' },
    y: { title: 'cost of a byte (1 = one memcpy)', scale: 'log' },
    series: seriesOf(group, printed),
  });
  return {
    'segment-size': chart('Gathering 256 segments, by their size', 'size of a segment (bytes)', 'segments'),
    'list-length': chart('Gathering whole pages, by the length of the list', 'pages of 4 KiB', 'lengths'),
  };
}
