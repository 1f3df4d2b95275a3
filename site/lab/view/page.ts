/**
 * The whole page.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { ExampleEntry } from '../session/program.ts';
import type { LabState } from '../state/lab-state.ts';
import type { Laboratory } from '../state/laboratory.ts';
import { KEYS } from './keys.ts';
import { machinePanel } from './machine/machine-panel.ts';
import { configurationBar } from './panels/configuration-bar.ts';
import { eventsPanel } from './panels/events-panel.ts';
import { exampleMenu } from './panels/example-menu.ts';
import { findingPanel } from './panels/finding-panel.ts';
import { pageHeader } from './panels/page-header.ts';
import { programPanel } from './panels/program-panel.ts';
import { searchBar } from './panels/search-bar.ts';
import { sharePanel } from './panels/share-panel.ts';
import { timelinePanel } from './timeline/timeline-panel.ts';
import { transportPanel } from './timeline/transport-panel.ts';

/** What the page is drawn from, besides its state. */
export interface PageGiven {
  readonly lab: Laboratory;
  /** The element that the editor lives in. */
  readonly editorHost: HTMLElement;
  readonly choose: (example: ExampleEntry) => void;
  readonly share: () => Promise<void>;
  readonly dismiss: () => void;
}

/** Draws the page. */
export function page(
  state: LabState,
  { lab, editorHost, choose, share, dismiss }: PageGiven,
): TemplateResult {
  return html`<a class="skip unseen" href="#machine">Skip to the machine</a>
    ${pageHeader('lab', keys())}
    <section class="toolbar" aria-label="Program, machine and search">
      ${exampleMenu(state, choose)} ${configurationBar(state, lab)} ${searchBar(state, lab)}
      ${sharePanel(state, share)}
    </section>
    ${
      state.notice === undefined
        ? nothing
        : html`<p class="notice" role="alert">
            <span>${state.notice}</span>
            <button type="button" class="plain" @click=${dismiss}>Dismiss</button>
          </p>`
    }
    <main class="bench ${state.problem === undefined ? '' : 'outdated'}">
      ${programPanel(state, editorHost)} ${machinePanel(state)}
      <div class="side">${findingPanel(state, lab)} ${eventsPanel(state, lab)}</div>
      ${transportPanel(state, lab)} ${timelinePanel(state, lab)}
    </main>
    <p class="unseen" role="status" aria-live="polite">${state.said}</p>`;
}

function keys(): TemplateResult {
  return html`<details class="keys">
    <summary>Keys</summary>
    <dl>
      ${KEYS.map(
        ([all, meaning]) =>
          html`<div>
            <dt>${all.split(' ').map((key) => html`<kbd>${key}</kbd> `)}</dt>
            <dd>${meaning}</dd>
          </div>`,
      )}
    </dl>
  </details>`;
}
