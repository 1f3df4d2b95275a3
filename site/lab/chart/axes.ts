/**
 * The axes of a chart.
 */
import { svg } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { Tick } from './scales.ts';

/** The axis below, with its title. */
export function xAxis(
  title: string,
  ticks: readonly Tick[],
  left: number,
  right: number,
  bottom: number,
): TemplateResult {
  return svg`<g class="axis">
    <line x1=${left} x2=${right} y1=${bottom} y2=${bottom} />
    ${apart(ticks).map(
      ({ at, text }) =>
        svg`<line x1=${at} x2=${at} y1=${bottom} y2=${bottom + 5} />
          <text x=${at} y=${bottom + 18} text-anchor="middle">${text}</text>`,
    )}
    <text class="axis-title" x=${(left + right) / 2} y=${bottom + 42} text-anchor="middle">${title}</text>
  </g>`;
}

/** Leaves out marks whose texts would touch. */
function apart(ticks: readonly Tick[]): readonly Tick[] {
  const shown: Tick[] = [];
  let end = -Infinity;
  for (const tick of [...ticks].sort((a, b) => a.at - b.at)) {
    const half = (tick.text.length * 7) / 2;
    if (tick.at - half < end + 6) continue;
    shown.push(tick);
    end = tick.at + half;
  }
  return shown;
}

/** The axis on the left with lines across, and its title upright. */
export function yAxis(
  title: string,
  ticks: readonly Tick[],
  left: number,
  right: number,
  top: number,
  bottom: number,
): TemplateResult {
  const middle = (top + bottom) / 2;
  return svg`<g class="axis">
    ${ticks.map(
      ({ at, text }) =>
        svg`<line class="grid" x1=${left} x2=${right} y1=${at} y2=${at} />
          <text x=${left - 8} y=${at + 4} text-anchor="end">${text}</text>`,
    )}
    <text class="axis-title" x="14" y=${middle} text-anchor="middle" transform="rotate(-90 14 ${middle})">${title}</text>
  </g>`;
}
