/**
 * Lines over a number. Each line has a colour, a dash and a mark of its own, so that none of them is needed alone.
 */
import { html, svg } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { LineChart, Series } from 'scatterlist/lab';
import { xAxis, yAxis } from './axes.ts';
import { scaleOf, ticksAt } from './scales.ts';

/** Height by width: on a telephone there is to be room for a slider below. */
const heightOf = (width: number): number => (width < 480 ? 240 : 320);
const MARGIN = { left: 64, right: 20, top: 12, bottom: 52 };
/** Values up to which each has its own mark on the axis. */
const MOST_VALUES = 9;

/** Shapes of marks, around their middle. */
const SHAPES = [
  'M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0',
  'M-3.5 -3.5h7v7h-7z',
  'M0 -4.5 4.5 3.5h-9z',
  'M0 -5 5 0 0 5 -5 0z',
  'M-4 -4 4 4M4 -4 -4 4',
  'M-5 0h10M0 -5v10',
  'M0 4.5 4.5 -3.5h-9z',
];

/** Draws the lines in a given width. */
export function lineChart({ title, x, y, series, xLabels }: LineChart, width: number): TemplateResult {
  const points = series.flatMap((one) => one.points);
  const height = heightOf(width);
  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const xs = points.map(([value]) => value).sort((a, b) => a - b);
  const scaleX = scaleOf(x, xs, [MARGIN.left, right], 'at the least');
  const scaleY = scaleOf(
    y,
    points.map(([, value]) => value),
    [bottom, MARGIN.top],
    'at 0',
  );
  const marksX = new Set(xs).size <= MOST_VALUES ? ticksAt(xs, scaleX.at, xLabels) : scaleX.ticks;
  return html`<svg class="chart" width=${width} height=${height} role="img" aria-label=${title}>
      ${yAxis(y.title, scaleY.ticks, MARGIN.left, right, MARGIN.top, bottom)}
      ${xAxis(x.title, marksX, MARGIN.left, right, bottom)}
      ${series.map((one, i) => {
        const shown = one.points.filter(([px, py]) => scaleX.isShown(px) && scaleY.isShown(py));
        const places = shown.map(([px, py]) => [scaleX.at(px), scaleY.at(py)] as const);
        return svg`<g class="series-${colourOf(one, i)} ${one.dashed === true ? 'dashed' : ''}">
          <polyline points=${places.map((place) => place.join()).join(' ')} />
          ${places.map(
            (
              [px, py],
              n,
            ) => svg`<path class="point" d=${SHAPES[i % SHAPES.length]} transform="translate(${px} ${py})">
              <title>${one.name}: ${shown[n]?.join(', ')}</title></path>`,
          )}
        </g>`;
      })}
    </svg>
    <ul class="legend">
      ${series.map(
        (one, i) =>
          html`<li>
            <svg width="34" height="12" aria-hidden="true" class="chart">
              ${svg`<g class="series-${colourOf(one, i)} ${one.dashed === true ? 'dashed' : ''}">
                <polyline points="0,6 34,6" />
                <path class="point" d=${SHAPES[i % SHAPES.length]} transform="translate(17 6)" />
              </g>`}
            </svg>
            ${one.name}
          </li>`,
      )}
    </ul>`;
}

function colourOf({ colour }: Series, place: number): number {
  return (colour ?? place) % SHAPES.length;
}
