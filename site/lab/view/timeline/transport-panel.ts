/**
 * What moves along the timeline: buttons, a slider, and the moment that is shown in words. On a telephone it stays in
 * sight while the page scrolls.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ScheduleRun } from '../../session/messages.ts';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';
import { icon } from '../icons.ts';
import type { IconName } from '../icons.ts';

/** Draws the buttons and the moment. */
export function transportPanel({ run, at }: LabState, lab: Laboratory): TemplateResult {
  const last = (run?.moments.length ?? 1) - 1;
  const button = (name: string, image: IconName, isOff: boolean, move: () => Promise<void>): TemplateResult =>
    html`<button
      type="button"
      aria-label=${name}
      title=${name}
      ?disabled=${isOff}
      @click=${() => void move()}
    >
      ${icon(image)}
    </button>`;
  return html`<section class="panel transport" aria-label="Move along the timeline">
    <div class="transport-buttons">
      ${button('to the beginning', 'first', at === 0, () => lab.stepTo(0))}
      ${button('a step back', 'stepBack', at === 0, () => lab.stepWhole(-1))}
      ${button('a moment back', 'back', at === 0, () => lab.stepBy(-1))}
      ${button('a moment forward', 'forward', at === last, () => lab.stepBy(1))}
      ${button('a step forward', 'stepForward', at === last, () => lab.stepWhole(1))}
      ${button('to the end', 'last', at === last, () => lab.stepTo(last))}
      <input
        type="range"
        class="scrubber"
        aria-label="Moment"
        aria-valuetext="moment ${at} of ${last}"
        min="0"
        max=${last}
        .value=${live(String(at))}
        @input=${(event: Event) => {
          if (event.target instanceof HTMLInputElement) void lab.stepTo(event.target.valueAsNumber);
        }}
      />
      <span class="mono position" aria-hidden="true">${at}/${last}</span>
    </div>
    ${run === undefined ? nothing : momentLine(run, at)}
  </section>`;
}

function momentLine({ moments, columns }: ScheduleRun, at: number): TemplateResult {
  const moment = moments[at];
  const where = columns[moment?.column ?? -1];
  return html`<p class="moment-line">
    <span class="tag"
      >${moment === undefined || moment.step < 0 ? 'set-up' : `step ${String(moment.step)}`}</span
    >
    ${where === undefined ? nothing : html`<span class="tag mono">${where}</span>`}
    <span class="mono moment-text">${moment?.text}</span>
  </p>`;
}
