/**
 * The link to what is shown: program, machine and schedule.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { LabState } from '../../state/lab-state.ts';

/** Draws the button, and the link once it is made. */
export function sharePanel({ link, run }: LabState, share: () => Promise<void>): TemplateResult {
  return html`<div class="share">
    <button type="button" ?disabled=${run === undefined} @click=${() => void share()}>Share</button>
    ${
      link === undefined
        ? nothing
        : html`<label class="unseen" for="link">Link to this program, machine and schedule</label>
            <input
              id="link"
              class="mono"
              readonly
              .value=${link}
              @focus=${(event: Event) => {
                if (event.target instanceof HTMLInputElement) event.target.select();
              }}
            />`
    }
  </div>`;
}
