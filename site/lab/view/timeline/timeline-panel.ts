/**
 * The timeline: lanes, the schedule as text, and what could have happened instead.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { Decision, Loaded, Option, ScheduleRun } from '../../session/messages.ts';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';
import { decisionAt } from './geometry.ts';
import { interruptLanes } from './handles.ts';
import { lanes } from './lanes.ts';

/** Draws the timeline. */
export function timelinePanel({ run, loaded, at }: LabState, lab: Laboratory): TemplateResult {
  return html`<section class="panel timeline" id="timeline" aria-labelledby="timeline-title">
    <header class="panel-head">
      <h2 id="timeline-title">Timeline</h2>
      ${run === undefined || loaded === undefined ? nothing : alternatives(run, loaded, at, lab)}
      ${run === undefined ? nothing : scheduleField(run, lab)}
    </header>
    ${
      run === undefined || loaded === undefined
        ? html`<p class="none pad">Nothing has run.</p>`
        : lanes({
            run,
            at,
            names: loaded.actors.map(({ name }) => name),
            interrupts: interruptLanes(loaded.actors, run),
            show: (moment) => void lab.stepTo(moment),
            moveInterrupt: (actor, before) => void lab.moveInterrupt(actor, before),
          })
    }
    ${run?.repaired === undefined ? nothing : html`<p class="repaired aside">Schedule: ${run.repaired}.</p>`}
  </section>`;
}

/** What is typed stays until the schedule that is shown is another. */
function scheduleField(run: ScheduleRun, lab: Laboratory): TemplateResult {
  return html`<form class="schedule" @submit=${(event: SubmitEvent) => void submit(event, lab)}>
    <label for="schedule">Schedule</label>
    <input
      id="schedule"
      class="mono"
      autocomplete="off"
      spellcheck="false"
      value=${run.schedule}
      .value=${run.schedule}
    />
    <button type="submit">Run it</button>
  </form>`;
}

async function submit(event: SubmitEvent, lab: Laboratory): Promise<void> {
  event.preventDefault();
  const field = event.target instanceof HTMLFormElement ? event.target.elements.namedItem('schedule') : null;
  if (!(field instanceof HTMLInputElement)) return;
  const schedule = field.value.trim();
  await lab.run(schedule === '' ? undefined : schedule);
  field.value = field.defaultValue;
}

/** What could have happened instead of the decision that led here. */
function alternatives(
  { decisions }: ScheduleRun,
  loaded: Loaded,
  at: number,
  lab: Laboratory,
): TemplateResult | typeof nothing {
  const decision = decisionAt(decisions, at);
  if (decision === undefined) return html`<div class="alternatives"></div>`;
  const others = decision.options.filter(({ text }) => text !== decision.text);
  const words = `Decision ${String(decision.at)}: ${optionText(decision, decision, loaded)}`;
  return html`<div class="alternatives" role="group" aria-label=${words}>
    <span class="aside">${words}${others.length === 0 ? '; nothing else was possible' : '. Instead:'}</span>
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
