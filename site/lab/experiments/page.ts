/**
 * The page of the experiments: what is asked, the plot with its verdict, the sliders, the numbers.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { Column, Row } from 'scatterlist/lab';
import { barChart } from '../chart/bar-chart.ts';
import { lineChart } from '../chart/line-chart.ts';
import { pageHeader } from '../view/panels/page-header.ts';
import { settingPanel } from './setting-panel.ts';
import type { ExperimentEntry, Weighed } from './messages.ts';
import type { ExperimentsState } from './state.ts';

/** What a reader can do. */
export interface ExperimentActions {
  readonly choose: (name: string) => void;
  readonly setParameter: (name: string, value: number) => void;
  readonly setConstant: (name: string, cycles: number | undefined) => void;
  readonly setSize: (size: 'small' | 'full') => void;
  readonly cancel: () => void;
}

/** Draws the page. */
export function page(state: ExperimentsState, actions: ExperimentActions): TemplateResult {
  const { experiments, setting, weighed, isRunning, problem } = state;
  const entry = experiments.find(({ name }) => name === setting?.name);
  const shown = weighed?.setting.name === entry?.name ? weighed : undefined;
  return html`<a class="skip unseen" href="#plot">Skip to the plot</a>
    ${pageHeader('experiments')}
    <section class="toolbar" aria-label="Experiment">
      ${menu(experiments, entry, actions)}
      <span class="run-state" role="status"
        >${
          isRunning
            ? html`<span class="aside">running</span>
                <button type="button" class="small" @click=${actions.cancel}>Cancel</button>`
            : html`<span class="aside">${shown === undefined ? '' : timeText(shown)}</span>`
        }</span
      >
    </section>
    ${problem === undefined ? nothing : html`<p class="notice" role="alert"><span>${problem}</span></p>`}
    <main class="experiment">
      ${
        entry === undefined || setting === undefined
          ? html`<p class="none">The experiments are loading.</p>`
          : html`<div class="experiment-text">
                ${question(entry)} ${plot(shown, state.width, isRunning)}
                ${shown === undefined ? nothing : conclusion(shown)}
              </div>
              ${settingPanel(entry, setting, shown?.used ?? [], actions)}
              <div class="experiment-text">
                ${shown === undefined ? nothing : table(shown)} ${notes(entry)}
              </div>`
      }
    </main>`;
}

function timeText({ milliseconds }: Weighed): string {
  return milliseconds === 0
    ? 'weighed again, not run again'
    : `ran for ${(milliseconds / 1000).toFixed(2)} s`;
}

function menu(
  experiments: readonly ExperimentEntry[],
  entry: ExperimentEntry | undefined,
  { choose }: ExperimentActions,
): TemplateResult {
  return html`<div class="field wide">
    <label for="experiment">Experiment</label>
    <select
      id="experiment"
      .value=${live(entry?.name ?? '')}
      @change=${(event: Event) => {
        if (event.target instanceof HTMLSelectElement) choose(event.target.value);
      }}
    >
      ${experiments.map(
        ({ name, question: asks }) =>
          html`<option value=${name} ?selected=${name === entry?.name}>${name}: ${asks}</option>`,
      )}
    </select>
  </div>`;
}

function question({ question: asks, hypothesis, thread }: ExperimentEntry): TemplateResult {
  return html`<section class="panel pad-all stack">
    <h2 class="question">${asks}</h2>
    <p><span class="aside">Hypothesis</span> ${hypothesis}</p>
    ${
      thread === undefined
        ? nothing
        : html`<figure>
            <blockquote>“${thread.says}”</blockquote>
            <figcaption class="aside">${thread.by}</figcaption>
          </figure>`
    }
  </section>`;
}

function plot(weighed: Weighed | undefined, width: number, isRunning: boolean): TemplateResult {
  return html`<section class="panel pad-all stack plot ${isRunning ? 'running' : ''}" id="plot" tabindex="-1">
    ${
      weighed === undefined
        ? html`<p class="none">The plot follows when the run has ended.</p>`
        : html`<h2>${weighed.chart.title}</h2>
            ${weighed.chart.subtitle === undefined ? nothing : html`<p class="aside">${weighed.chart.subtitle}</p>`}
            ${weighed.chart.kind === 'lines' ? lineChart(weighed.chart, width) : barChart(weighed.chart, width)}`
    }
  </section>`;
}

function conclusion({ conclusion: { verdict, because } }: Weighed): TemplateResult {
  return html`<p class="panel pad-all conclusion" role="status">
    <span class="tag">The hypothesis ${verdict}</span> ${because}
  </p>`;
}

function table({ columns, rows }: Weighed): TemplateResult {
  return html`<section class="panel">
    <header class="panel-head"><h2 id="numbers">The numbers</h2></header>
    <div class="table-scroll" tabindex="0" role="region" aria-labelledby="numbers">
      <table class="numbers mono">
        <thead>
          <tr>
            ${columns.map(
              ({ title, unit, meaning }) =>
                html`<th scope="col" title=${meaning ?? nothing}>
                  ${title}${unit === undefined ? nothing : html` <span class="aside">${unit}</span>`}
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${columns.map((column) => html`<td class=${typeof row[column.key] === 'string' ? 'name' : ''}>${cellText(row, column)}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function cellText(row: Row, { key, digits }: Column): string {
  const value = row[key];
  if (typeof value !== 'number') return value ?? '';
  if (digits !== undefined) return value.toFixed(digits);
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

function notes({ method, doesNotShow }: ExperimentEntry): TemplateResult {
  return html`<section class="panel pad-all stack">
    <h2>Method</h2>
    <p>${method}</p>
    <h2>What it does not show</h2>
    <ul class="sentences">
      ${doesNotShow.map((text) => html`<li>${text}</li>`)}
    </ul>
  </section>`;
}
