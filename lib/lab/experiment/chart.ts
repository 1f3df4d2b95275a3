/**
 * A chart as plain data, and the Vega-Lite specification that draws it. This library draws nothing itself.
 */

/** An axis. */
export interface Axis {
  /** With its unit: `length (bytes)`. */
  readonly title: string;
  readonly scale?: 'linear' | 'log';
}

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly dashed?: boolean;
  /** One of the colours by its number. Default: its place among the lines. */
  readonly colour?: number;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Lines over a number, or bars over names. */
export type Chart = LineChart | BarChart;

/** Lines; the name of each stands at its end. */
export interface LineChart {
  readonly kind: 'lines';
  readonly title: string;
  readonly subtitle?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  /** Texts for marks of the x axis: by value. */
  readonly xLabels?: Readonly<Record<string, string>>;
}

/** Horizontal bars, each with its figure; the parts of a bar have colours of their own. */
export interface BarChart {
  readonly kind: 'bars';
  /** Whether the parts of a bar lie behind one another instead of below. Default false. */
  readonly isStacked?: boolean;
  readonly title: string;
  readonly subtitle?: string;
  readonly x: Axis;
  readonly bars: readonly Bar[];
}

/** A bar, or a part of one. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly part?: string;
  /** One of the colours by its number; the same for all bars of a part. Default: the place of the part. */
  readonly colour?: number;
}

/** A chart of bars in one colour. */
export function barChart(
  title: string,
  xTitle: string,
  bars: readonly (readonly [name: string, value: number])[],
): BarChart {
  return {
    kind: 'bars',
    title,
    x: { title: xTitle },
    bars: bars.map(([name, value]) => ({ name, value })),
  };
}

/** Dark enough for text on white; the first three are different for readers who see red and green alike. */
const COLOURS = ['#0b62c4', '#c2410c', '#0f766e', '#7e22ce', '#57534e', '#9d174d', '#3f7d20'] as const;
const TEXT = '#222222';
const FONT = 'Helvetica, Arial, sans-serif';
const WIDTH = 560;
const HEIGHT = 320;
/** Height of a row of bars, and of a line of text. */
const BAR = 24;
const LINE = 17;

type Spec = Readonly<Record<string, unknown>>;

/** The Vega-Lite specification of a chart, for `vega-lite` or https://vega.github.io/editor. */
export function chartSpec(chart: Chart): Spec {
  return { ...frame(chart), ...(chart.kind === 'lines' ? lines(chart) : bars(chart)) };
}

// The background is opaque, because a page may be dark and the texts are not.
function frame({ title, subtitle }: Chart): Spec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: '#ffffff',
    padding: 14,
    title: {
      text: title,
      ...(subtitle === undefined ? {} : { subtitle }),
      anchor: 'start',
      fontSize: 16,
      color: TEXT,
      subtitleFontSize: 12,
      subtitleColor: '#444444',
      offset: 14,
    },
    config: {
      font: FONT,
      view: { stroke: null },
      axis: {
        labelColor: TEXT,
        titleColor: TEXT,
        labelFontSize: 12,
        titleFontSize: 13,
        titleFontWeight: 'normal',
        titlePadding: 10,
        gridColor: '#e0e0e0',
        domainColor: '#666666',
        tickColor: '#666666',
      },
      legend: { labelColor: TEXT },
    },
  };
}

function lines({ x, y, series, xLabels }: LineChart): Spec {
  const points = series.flatMap(({ name, points: of }) =>
    of.filter(([, py]) => isDrawn(py, y)).map(([px, py]) => ({ series: name, x: px, y: py })),
  );
  const ends = placed(series, y);
  const colour = {
    field: 'series',
    type: 'nominal',
    legend: null,
    sort: null,
    scale: {
      domain: series.map(({ name }) => name),
      range: series.map(({ colour: n }, i) => COLOURS[(n ?? i) % COLOURS.length]),
    },
  };
  const xValues = [...new Set(series.flatMap(({ points: of }) => of.map(([px]) => px)))].sort(
    (a, b) => a - b,
  );
  const enX = {
    field: 'x',
    type: 'quantitative',
    title: x.title,
    scale: {
      type: x.scale ?? 'linear',
      nice: false,
      padding: 6,
      ...(x.scale === 'log' ? {} : { zero: false }),
    },
    axis: {
      grid: false,
      ...(xValues.length <= 12 ? { values: xValues } : {}),
      ...(xLabels === undefined
        ? { labelExpr: "format(datum.value, ',')" }
        : { labelExpr: labelOf(xLabels) }),
    },
  };
  const enY = {
    field: 'y',
    type: 'quantitative',
    title: y.title,
    ...(y.scale === 'log' ? logAxis(points.map((point) => point.y)) : { scale: { nice: true, zero: true } }),
  };
  const dash = {
    field: 'series',
    type: 'nominal',
    legend: null,
    scale: {
      domain: series.map(({ name }) => name),
      range: series.map(({ dashed }) => (dashed === true ? [6, 4] : [1, 0])),
    },
  };
  return {
    width: WIDTH,
    height: HEIGHT,
    data: { values: points },
    layer: [
      {
        mark: { type: 'line', strokeWidth: 2.5 },
        encoding: { x: enX, y: enY, color: colour, strokeDash: dash },
      },
      {
        mark: { type: 'point', filled: true, size: 45, opacity: 1 },
        encoding: { x: enX, y: enY, color: colour },
      },
      ...ends.map(({ name, x: ex, y: ey, dy }) => ({
        data: { values: [{ series: name, x: ex, y: ey }] },
        mark: { type: 'text', align: 'left', dx: 10, dy, fontSize: 13, fontWeight: 'bold', text: name },
        encoding: { x: enX, y: enY, color: colour },
      })),
    ],
  };
}

/** What a logarithmic axis reaches from and to: 1, 2 or 5 times a power of ten; and the marks on it. */
function logRange(values: readonly number[]): {
  readonly domain: readonly [low: number, high: number];
  readonly marks: readonly number[];
} {
  const steps = Array.from({ length: 25 }, (_, n) => n - 6).flatMap((power) =>
    [1, 2, 5].map((times) => Number(`${String(times)}e${String(power)}`)),
  );
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const low = steps.findLast((step) => step <= least) ?? least;
  const high = steps.find((step) => step >= most) ?? most;
  const within = steps.filter((step) => step >= low && step <= high);
  const powers = within.filter((step) => Number.isInteger(Math.log10(step)));
  return { domain: [low, high], marks: within.length <= 7 ? within : powers };
}

function logAxis(values: readonly number[]): Spec {
  const { domain, marks } = logRange(values);
  return {
    scale: { type: 'log', domain, nice: false },
    axis: { values: marks, labelExpr: "format(datum.value, datum.value < 1 ? '~g' : '~s')" },
  };
}

const isDrawn = (value: number, axis: Axis): boolean => axis.scale !== 'log' || value > 0;

function labelOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).reduceRight(
    (rest, [value, text]) => `datum.value == ${value} ? ${JSON.stringify(text)} : ${rest}`,
    "''",
  );
}

/** Where the names of the lines stand: at their ends, moved apart where they would cover each other. */
function placed(
  series: readonly Series[],
  axis: Axis,
): readonly { readonly name: string; readonly x: number; readonly y: number; readonly dy: number }[] {
  const values = series.flatMap(({ points }) => points.map(([, y]) => y)).filter((y) => isDrawn(y, axis));
  const scaled = (y: number): number => (axis.scale === 'log' ? Math.log(y) : y);
  const [low, high] =
    axis.scale === 'log' ? logRange(values).domain : [Math.min(0, ...values), Math.max(...values)];
  const [least, most] = [scaled(low), scaled(high)];
  const height = (y: number): number => HEIGHT * (1 - (scaled(y) - least) / (most - least || 1));
  const ends = series
    .flatMap(({ name, points }) => {
      const last = points.findLast(([, y]) => isDrawn(y, axis));
      return last === undefined ? [] : [{ name, x: last[0], y: last[1], at: height(last[1]) }];
    })
    .sort((a, b) => a.at - b.at);
  let lowest = -Infinity;
  return ends.map(({ at, ...end }) => {
    lowest = Math.max(at, lowest + LINE);
    return { ...end, dy: Math.round(lowest - at) };
  });
}

function bars({ x, bars: all, isStacked = false }: BarChart): Spec {
  const names = [...new Set(all.map(({ name }) => name))];
  const parts = [...new Set(all.map(({ part = '' }) => part))];
  const values = all.map(({ name, value, part = '' }, order) => ({
    name,
    value,
    part,
    order,
    label: figure(value),
  }));
  const isSplit = !isStacked && all.length > names.length;
  const enY = { field: 'name', type: 'nominal', sort: names, title: null, axis: { labelLimit: 260 } };
  const enX = {
    field: 'value',
    type: 'quantitative',
    title: x.title,
    stack: isStacked ? 'zero' : null,
    axis: { tickCount: 8 },
  };
  const colour = {
    field: 'part',
    type: 'nominal',
    sort: parts,
    title: null,
    legend:
      parts.length > 1 ? { orient: 'bottom', labelFontSize: 12, labelLimit: 260, columnPadding: 24 } : null,
    scale: {
      domain: parts,
      range: parts.map((name, i) => {
        const chosen = all.find(({ part = '' }) => part === name)?.colour;
        return COLOURS[(chosen ?? i) % COLOURS.length];
      }),
    },
  };
  const offset = isSplit ? { yOffset: { field: 'part', sort: parts } } : {};
  const order = isStacked ? { order: { field: 'order', type: 'quantitative' } } : {};
  const texts = {
    mark: { type: 'text', align: 'left', dx: 4, fontSize: 12 },
    encoding: { y: enY, x: enX, text: { field: 'label' }, color: { value: TEXT }, ...offset },
  };
  return {
    width: WIDTH,
    height: names.length * Math.max(BAR, isSplit ? parts.length * LINE + 8 : 0),
    data: { values },
    layer: [
      { mark: { type: 'bar' }, encoding: { y: enY, x: enX, color: colour, ...offset, ...order } },
      ...(isStacked ? [] : [texts]),
    ],
  };
}

const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
