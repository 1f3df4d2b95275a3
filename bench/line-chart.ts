/** Draws a line chart as SVG. Both axes are logarithmic, and the name of each line stands at its end. */

export interface Series {
  readonly name: string;
  readonly colour: string;
  readonly dashed?: boolean;
  /** In ascending order of x. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xLabel: (x: number) => string;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 64;
const RIGHT = 110;
const TOP = 48;
const BOTTOM = 56;
const TICKS = [0.5, 1, 2, 5, 10, 20, 50, 100];

const escape = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Moves names apart that would cover each other, and returns their heights in the order of the input. */
function apart(heights: readonly number[]): readonly number[] {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a]! - heights[b]!);
  const moved = [...heights];
  for (const [n, i] of order.entries()) if (n > 0) moved[i] = Math.max(moved[i]!, moved[order[n - 1]!]! + 15);
  return moved;
}

export function lineChart({ title, xTitle, yTitle, xLabel, series }: Chart): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((a, b) => a - b);
  const ys = series.flatMap(({ points }) => points.map(([, y]) => y));
  const least = TICKS.findLast((tick) => tick <= Math.min(...ys)) ?? TICKS[0]!;
  const most = TICKS.find((tick) => tick >= Math.max(...ys)) ?? TICKS.at(-1)!;
  const scale = (from: number, to: number, low: number, high: number) => (value: number) =>
    from + ((to - from) * Math.log(value / low)) / Math.log(high / low);
  const x = scale(LEFT, WIDTH - RIGHT, xs[0]!, xs.at(-1)!);
  const y = scale(HEIGHT - BOTTOM, TOP, least, most);
  const grid = TICKS.filter((tick) => tick >= least && tick <= most).flatMap((tick) => [
    `<line x1="${String(LEFT)}" x2="${String(WIDTH - RIGHT)}" y1="${round(y(tick))}" y2="${round(y(tick))}" stroke="#e3e3e3"/>`,
    `<text x="${String(LEFT - 8)}" y="${round(y(tick) + 4)}" text-anchor="end">${String(tick)}</text>`,
  ]);
  const ticks = xs.map(
    (at) =>
      `<text x="${round(x(at))}" y="${String(HEIGHT - BOTTOM + 18)}" text-anchor="middle">${escape(xLabel(at))}</text>`,
  );
  const ends = apart(series.map(({ points }) => y(points.at(-1)?.[1] ?? least)));
  const lines = series.flatMap(({ name, colour, dashed = false, points }, i) => [
    `<polyline fill="none" stroke="${colour}" stroke-width="2"${dashed ? ' stroke-dasharray="5 4"' : ''} points="${points.map(([px, py]) => `${round(x(px))},${round(y(py))}`).join(' ')}"/>`,
    ...points.map(([px, py]) => `<circle cx="${round(x(px))}" cy="${round(y(py))}" r="3" fill="${colour}"/>`),
    `<text x="${String(WIDTH - RIGHT + 10)}" y="${round(ends[i]! + 4)}" fill="${colour}" font-weight="600">${escape(name)}</text>`,
  ]);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="system-ui, sans-serif" font-size="12" fill="#333">`,
    `<rect width="${String(WIDTH)}" height="${String(HEIGHT)}" fill="#fff"/>`,
    `<text x="${String(LEFT)}" y="22" font-size="15" font-weight="600">${escape(title)}</text>`,
    `<text x="${String(LEFT)}" y="38" fill="#666">${escape(yTitle)}</text>`,
    ...grid,
    ...ticks,
    `<text x="${String((LEFT + WIDTH - RIGHT) / 2)}" y="${String(HEIGHT - 14)}" text-anchor="middle" fill="#666">${escape(xTitle)}</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}
