/**
 * The menu of programs: examples of every rule, ports and bugs.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { ExampleEntry } from '../../session/program.ts';
import type { LabState } from '../../state/lab-state.ts';

const GROUPS: readonly (readonly [group: ExampleEntry['group'], title: string])[] = [
  ['start', 'To begin with'],
  ['rule', 'Rules, an example each'],
  ['bug', 'Bugs'],
  ['port', 'Ports'],
  ['example', 'Other examples'],
];

/** Draws the menu. */
export function exampleMenu(
  { examples, example }: LabState,
  choose: (example: ExampleEntry) => void,
): TemplateResult {
  return html`<div class="field wide">
    <label for="example">Example</label>
    <select
      id="example"
      .value=${live(example ?? '')}
      @change=${(event: Event) => {
        if (!(event.target instanceof HTMLSelectElement)) return;
        const { value } = event.target;
        const chosen = examples.find(({ name }) => name === value);
        if (chosen !== undefined) choose(chosen);
      }}
    >
      ${example === undefined ? html`<option value="">a program of your own</option>` : nothing}
      ${GROUPS.map(([group, title]) => {
        const entries = examples.filter((entry) => entry.group === group);
        return entries.length === 0
          ? nothing
          : html`<optgroup label=${title}>
              ${entries.map((entry) => html`<option value=${entry.name}>${entry.title}</option>`)}
            </optgroup>`;
      })}
    </select>
  </div>`;
}
