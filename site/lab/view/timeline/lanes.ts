/**
 * The timeline as lanes: who acted when. A click shows the moment; the list of events and the slider say the same in words.
 */
import { html, nothing, svg } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { styleMap } from 'lit-html/directives/style-map.js';
import type { ScheduleRun } from '../../session/messages.ts';
import { LANE_HEIGHT, geometryOf, leftOf, momentAt } from './geometry.ts';
import type { Block, Geometry } from './geometry.ts';
import { interruptHandles } from './handles.ts';
import type { InterruptLane, MoveInterrupt } from './handles.ts';

/** What the lanes are given. */
export interface LanesGiven {
  readonly run: ScheduleRun;
  readonly at: number;
  readonly names: readonly string[];
  readonly interrupts: readonly InterruptLane[];
  readonly show: (moment: number) => void;
  readonly moveInterrupt: MoveInterrupt;
}

/** A hue for each actor, far from those of its neighbours. */
export function hueOf(actor: number): number {
  return (210 + 137 * actor) % 360;
}

/** Draws the lanes. */
export function lanes({ run, at, names, interrupts, show, moveInterrupt }: LanesGiven): TemplateResult {
  const geometry = geometryOf(run, at);
  const width = (geometry.to - geometry.from) * geometry.width;
  const columns = lanesOf(run, interrupts);
  const height = columns.length * LANE_HEIGHT;
  const onClick = (event: MouseEvent): void => show(momentAt(geometry, event.offsetX));
  return html`<div class="lanes" style=${styleMap({ '--lane': `${String(LANE_HEIGHT)}px` })}>
    <ul class="lane-names mono" aria-hidden="true">
      ${columns.map((name) => html`<li>${name}</li>`)}
    </ul>
    <div class="lanes-scroll" tabindex="0" role="group" aria-label="Lanes">
      <div class="lanes-inner" style=${styleMap({ width: `${String(width)}px` })}>
        <svg
          width=${width}
          height=${height}
          viewBox="0 0 ${width} ${height}"
          aria-hidden="true"
          @click=${onClick}
        >
          ${geometry.blocks.map((block) => blockOf(block, geometry, names, at))}
          ${violationMark(run, geometry, height)} ${cursor(at, geometry, height)}
        </svg>
        ${interruptHandles({ interrupts, columns, run, at, geometry, moveInterrupt })}
      </div>
    </div>
  </div>`;
}

/** The columns of the run, and a lane for each interrupt that did not arrive in it. */
function lanesOf({ columns }: ScheduleRun, interrupts: readonly InterruptLane[]): readonly string[] {
  const others = interrupts.map(({ name }) => name).filter((name) => !columns.includes(name));
  return [...columns, ...others];
}

function blockOf(block: Block, geometry: Geometry, names: readonly string[], at: number): TemplateResult {
  const { from, to, column, actor } = block;
  const x = leftOf(geometry, from);
  const width = (to - from) * geometry.width - 1;
  const y = column * LANE_HEIGHT + 4;
  const name = names[actor] ?? '';
  const later = from > at ? 'later' : '';
  const ticks = Array.from({ length: to - from - 1 }, (_, i) => x + (i + 1) * geometry.width - 0.5);
  return svg`<g class="block ${later}" style="--hue: ${hueOf(actor)}">
    <rect x=${x} y=${y} width=${width} height=${LANE_HEIGHT - 9} rx="2" />
    ${ticks.map((tick) => svg`<line x1=${tick} x2=${tick} y1=${y + LANE_HEIGHT - 13} y2=${y + LANE_HEIGHT - 9} />`)}
    ${name.length * 7 + 8 <= width ? svg`<text x=${x + 4} y=${y + 12.5}>${name}</text>` : nothing}
  </g>`;
}

function violationMark({ violation }: ScheduleRun, geometry: Geometry, height: number): TemplateResult {
  if (violation === undefined || violation.moment < geometry.from || violation.moment >= geometry.to)
    return svg``;
  const x = leftOf(geometry, violation.moment) + geometry.width / 2;
  return svg`<g class="broken">
    <line x1=${x} x2=${x} y1="0" y2=${height} />
    <path d="M${x - 4} 2 l8 8 m0 -8 l-8 8" />
  </g>`;
}

function cursor(at: number, geometry: Geometry, height: number): TemplateResult {
  return svg`<rect class="cursor" x=${leftOf(geometry, at)} y="0.5" width=${geometry.width} height=${height - 1} />`;
}
