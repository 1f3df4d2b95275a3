/**
 * Horizontal bars, each with its figure; the parts of a bar lie behind one another or below.
 */
import { html, nothing, svg } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { Bar, BarChart } from 'scatterlist/lab';
import { xAxis } from './axes.ts';
import { scaleOf, shortNumber } from './scales.ts';

const BAR = 20;
const GAP = 10;
const BOTTOM = 52;
/** The width of a letter of a name. */
const LETTER = 7;
/** Room for the figure behind a bar. */
const FIGURE = 56;

interface Group {
  readonly name: string;
  readonly bars: readonly Bar[];
}

function groupsOf(bars: readonly Bar[]): readonly Group[] {
  const names = [...new Set(bars.map(({ name }) => name))];
  return names.map((name) => ({ name, bars: bars.filter((bar) => bar.name === name) }));
}

/** Draws the bars in a given width. */
export function barChart(chart: BarChart, width: number): TemplateResult {
  const { title, x, bars, isStacked = false } = chart;
  const groups = groupsOf(bars);
  const parts = [...new Set(bars.flatMap(({ part }) => part ?? []))];
  const sums = groups.map((group) => group.bars.reduce((sum, { value }) => sum + value, 0));
  const values = isStacked ? sums : bars.map(({ value }) => value);
  const longest = Math.max(...groups.map(({ name }) => name.length)) * LETTER + 12;
  // Names stand above their bars where there is no room beside them.
  const isNarrow = longest > width / 3;
  const left = isNarrow ? 8 : longest;
  const right = width - FIGURE;
  const rows = (group: Group): number => (isStacked ? 1 : group.bars.length);
  const heights = groups.map((group) => rows(group) * BAR + GAP + (isNarrow ? 18 : 0));
  const bottom = heights.reduce((sum, height) => sum + height, 0) + 4;
  const scale = scaleOf(x, values, [left, right], 'at 0');
  const zero = scale.at(0);
  const colourOf = ({ part, colour }: Bar): number => colour ?? Math.max(0, parts.indexOf(part ?? ''));
  let top = 0;
  return html`<svg class="chart" width=${width} height=${bottom + BOTTOM} role="img" aria-label=${title}>
      ${xAxis(x.title, scale.ticks, left, right, bottom)}
      ${groups.map((group, i) => {
        const y = top + (isNarrow ? 18 : 0);
        top += heights[i] ?? 0;
        let sum = 0;
        return svg`<g>
          <text x=${isNarrow ? left : left - 8} y=${isNarrow ? y - 4 : y + (rows(group) * BAR) / 2 + 4}
            text-anchor=${isNarrow ? 'start' : 'end'}>${group.name}</text>
          ${group.bars.map((bar, n) => {
            const from = isStacked ? scale.at(sum) : zero;
            sum += bar.value;
            const to = isStacked ? scale.at(sum) : scale.at(bar.value);
            const rowTop = y + (isStacked ? 0 : n * BAR);
            return svg`<g class="series-${colourOf(bar)}">
              <rect x=${from} y=${rowTop + 2} width=${Math.max(1, to - from)} height=${BAR - 4} />
              <title>${group.name}${bar.part === undefined ? '' : `, ${bar.part}`}: ${bar.value}</title>
            </g>
            ${isStacked ? nothing : figure(bar.value, to, rowTop)}`;
          })}
          ${isStacked ? figure(sums[i] ?? 0, scale.at(sums[i] ?? 0), y) : nothing}
        </g>`;
      })}
    </svg>
    ${
      parts.length < 2
        ? nothing
        : html`<ul class="legend">
            ${parts.map((part) => {
              const bar = bars.find((one) => one.part === part);
              return html`<li>
                <svg width="16" height="12" aria-hidden="true" class="chart">
                  ${svg`<g class="series-${bar === undefined ? 0 : colourOf(bar)}"><rect width="16" height="12" /></g>`}
                </svg>
                ${part}
              </li>`;
            })}
          </ul>`
    }`;
}

function figure(value: number, x: number, y: number): TemplateResult {
  return svg`<text class="figure" x=${x + 6} y=${y + BAR / 2 + 4}>${shortNumber(value)}</text>`;
}
