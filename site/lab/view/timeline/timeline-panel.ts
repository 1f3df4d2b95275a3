/**
 * The timeline with what moves along it: lanes, buttons, a slider, and what could have happened instead.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Decision, Loaded, Option, ScheduleRun } from '../../session/messages.ts';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';
import { decisionAt } from './geometry.ts';
import { interruptLanes } from './handles.ts';
import { lanes } from './lanes.ts';

/** Draws the timeline. */
export function timelinePanel(state: LabState, lab: Laboratory): TemplateResult {
  const { run, loaded, at } = state;
  return html`<section class="panel timeline" id="timeline" aria-labelledby="timeline-title">
    <header class="panel-head">
      <h2 id="timeline-title">Timeline</h2>
      ${run === undefined ? nothing : transport(run, at, lab)}
      ${run === undefined ? nothing : scheduleField(run, lab)}
    </header>
    ${
      run === undefined || loaded === undefined
        ? html`<p class="none pad">Nothing has run.</p>`
        : html`${lanes({
            run,
            at,
            names: loaded.actors.map(({ name }) => name),
            interrupts: interruptLanes(loaded.actors, run),
            show: (moment) => void lab.stepTo(moment),
            moveInterrupt: (actor, before) => void lab.moveInterrupt(actor, before),
          })}
          ${momentLine(run, at)} ${alternatives(run, loaded, at, lab)}`
    }
  </section>`;
}

function transport(run: ScheduleRun, at: number, lab: Laboratory): TemplateResult {
  const last = run.moments.length - 1;
  const button = (name: string, sign: string, isOff: boolean, move: () => Promise<void>): TemplateResult =>
    html`<button
      type="button"
      aria-label=${name}
      title=${name}
      ?disabled=${isOff}
      @click=${() => void move()}
    >
      ${sign}
    </button>`;
  return html`<div class="transport" role="group" aria-label="Move along the timeline">
    ${button('to the beginning', '⏮', at === 0, () => lab.stepTo(0))}
    ${button('a step back', '«', at === 0, () => lab.stepWhole(-1))}
    ${button('a moment back', '‹', at === 0, () => lab.stepBy(-1))}
    ${button('a moment forward', '›', at === last, () => lab.stepBy(1))}
    ${button('a step forward', '»', at === last, () => lab.stepWhole(1))}
    ${button('to the end', '⏭', at === last, () => lab.stepTo(last))}
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
  </div>`;
}

function scheduleField(run: ScheduleRun, lab: Laboratory): TemplateResult {
  return html`<form
    class="schedule"
    @submit=${(event: SubmitEvent) => {
      event.preventDefault();
      if (!(event.target instanceof HTMLFormElement)) return;
      const schedule = new FormData(event.target).get('schedule');
      if (typeof schedule === 'string') void lab.run(schedule.trim() === '' ? undefined : schedule.trim());
    }}
  >
    <label for="schedule">Schedule</label>
    <input
      id="schedule"
      name="schedule"
      class="mono"
      autocomplete="off"
      spellcheck="false"
      .value=${live(run.schedule)}
    />
    <button type="submit">Run it</button>
  </form>`;
}

function momentLine({ moments, columns, repaired }: ScheduleRun, at: number): TemplateResult {
  const moment = moments[at];
  const where = columns[moment?.column ?? -1];
  return html`<p class="moment-line">
    <span class="tag"
      >${moment === undefined || moment.step < 0 ? 'set-up' : `step ${String(moment.step)}`}</span
    >
    ${where === undefined ? nothing : html`<span class="tag mono">${where}</span>`}
    <span class="mono">${moment?.text}</span>
    ${repaired === undefined ? nothing : html`<span class="aside">The schedule was changed: ${repaired}</span>`}
  </p>`;
}

/** What could have happened instead of the decision that led here. */
function alternatives(
  { decisions }: ScheduleRun,
  loaded: Loaded,
  at: number,
  lab: Laboratory,
): TemplateResult | typeof nothing {
  const decision = decisionAt(decisions, at);
  if (decision === undefined) return nothing;
  const others = decision.options.filter(({ text }) => text !== decision.text);
  return html`<div class="alternatives" role="group" aria-label="Decision ${decision.at}">
    <span class="aside"
      >Decision ${decision.at}:
      ${optionText(decision, decision, loaded)}${
        others.length === 0 ? '; nothing else was possible' : '. Instead:'
      }</span
    >
    ${others.map(
      (option) =>
        html`<button type="button" class="small" @click=${() => void lab.decide(decision.at, option.text)}>
          ${optionText(option, decision, loaded)}
        </button>`,
    )}
  </div>`;
}

function optionText({ text, actor, cpu }: Option, { isInner }: Decision, { actors }: Loaded): string {
  const name = actors.find(({ index }) => index === actor)?.name;
  if (name !== undefined) return cpu < 0 ? name : `${name} on cpu${String(cpu)}`;
  if (text === '_') return 'no interrupt';
  if (text === 'end') return 'the end';
  return isInner && text.startsWith('=') ? `value ${text.slice(1)}` : text;
}
