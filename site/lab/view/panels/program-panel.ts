/**
 * The program: the place for the editor, and why the text cannot be run. The editor itself is put there by the page.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { LabState } from '../../state/lab-state.ts';
import { prose } from '../prose.ts';

/** Draws the panel; `host` is the element that the editor lives in. */
export function programPanel(
  { program, examples, example, isEdited, problem }: LabState,
  host: HTMLElement,
): TemplateResult {
  const about = examples.find(({ name }) => name === example)?.about;
  return html`<section class="panel program" id="program" aria-labelledby="program-title">
    <header class="panel-head">
      <h2 id="program-title">Program</h2>
      <span class="mono aside">${program.file}${isEdited ? ', edited' : ''}</span>
    </header>
    ${about === undefined ? nothing : html`<p class="about">${prose(about)}</p>`}
    ${
      problem === undefined
        ? nothing
        : html`<p class="problem" role="alert">
            <span aria-hidden="true">✗</span> ${
              problem.line === undefined
                ? nothing
                : `line ${String(problem.line)}${problem.column === undefined ? '' : `:${String(problem.column)}`}: `
            }${problem.text}
          </p>`
    }
    ${host}
  </section>`;
}
