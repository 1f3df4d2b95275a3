/**
 * The moments of the run as a list, a line each. Of a long run, those around the moment that is shown.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { styleMap } from 'lit-html/directives/style-map.js';
import type { Moment, ScheduleRun } from '../../session/messages.ts';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';
import { hueOf } from '../timeline/lanes.ts';

/** Lines that are in the page at once. */
const MOST_LINES = 300;

/** Draws the list. */
export function eventsPanel({ run, loaded, at }: LabState, lab: Laboratory): TemplateResult {
  const names = loaded?.actors.map(({ name }) => name) ?? [];
  return html`<section class="panel events" id="events" aria-labelledby="events-title">
    <header class="panel-head">
      <h2 id="events-title">Events</h2>
      <span class="aside">${run === undefined ? '' : endingText(run)}</span>
    </header>
    ${run === undefined ? html`<p class="none pad">Nothing has run.</p>` : list(run, names, at, lab)}
    ${run === undefined ? nothing : output(run, at)}
  </section>`;
}

function endingText({ ending, moments }: ScheduleRun): string {
  switch (ending) {
    case 'violation':
      return `${String(moments.length - 1)} moments, ends in a violation`;
    case 'ended':
      return `${String(moments.length - 1)} moments, no rule is broken`;
    case 'tooLong':
      return `the first ${String(moments.length - 1)} moments; the rest is not shown`;
  }
}

function list(run: ScheduleRun, names: readonly string[], at: number, lab: Laboratory): TemplateResult {
  const from = Math.max(0, Math.min(at - MOST_LINES / 2, run.moments.length - MOST_LINES));
  const shown = run.moments.slice(from, from + MOST_LINES);
  const rest = run.moments.length - from - shown.length;
  return html`<ol
    class="event-list mono"
    role="listbox"
    tabindex="0"
    aria-label="Events"
    aria-activedescendant="moment-${at}"
    @keydown=${(event: KeyboardEvent) => {
      const by =
        event.key === 'ArrowDown' || event.key === 'j'
          ? 1
          : event.key === 'ArrowUp' || event.key === 'k'
            ? -1
            : 0;
      if (by === 0) return;
      event.preventDefault();
      void lab.stepBy(by);
    }}
  >
    ${from === 0 ? nothing : html`<li class="none" role="presentation">${from} moments before</li>`}
    ${repeat(
      shown,
      (_, i) => from + i,
      (moment, i) => line(moment, from + i, run, names, at, lab),
    )}
    ${rest === 0 ? nothing : html`<li class="none" role="presentation">${rest} moments after</li>`}
  </ol>`;
}

function line(
  moment: Moment,
  index: number,
  { moments }: ScheduleRun,
  names: readonly string[],
  at: number,
  lab: Laboratory,
): TemplateResult {
  const isFirst = moments[index - 1]?.step !== moment.step;
  const { actor, kind, step, text, line: number } = moment;
  const name = names[actor];
  return html`<li
    id="moment-${index}"
    role="option"
    aria-selected=${index === at ? 'true' : 'false'}
    class="event ${kind} ${isFirst ? 'first' : ''} ${index > at ? 'later' : ''}"
    @click=${() => void lab.stepTo(index)}
  >
    <span class="step">${isFirst && step >= 0 ? step : ''}</span>
    <span class="text"
      >${
        name === undefined || !isFirst
          ? nothing
          : html`<b style=${styleMap({ '--hue': String(hueOf(actor)) })}>${name}</b> `
      }${text}</span
    >
    <span class="line-number">${number === undefined ? '' : `:${String(number)}`}</span>
  </li>`;
}

/** What the program has written up to the moment that is shown. */
function output({ console: lines }: ScheduleRun, at: number): TemplateResult | typeof nothing {
  const written = lines.filter(({ moment }) => moment <= at);
  if (written.length === 0) return nothing;
  return html`<div class="output">
    <h3>Output of the program</h3>
    <pre>${written.map(({ text }) => text).join('\n')}</pre>
  </div>`;
}
