/**
 * How to run: in the plain order, or a search through the others.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { live } from 'lit-html/directives/live.js';
import type { SearchStrategy } from '../../session/messages.ts';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';

/** The strategies of the menu by name. */
const STRATEGIES: Readonly<Record<string, readonly [title: string, strategy: SearchStrategy]>> = {
  exhaustive: ['every order', { kind: 'exhaustive' }],
  one: ['at most 1 preemption', { kind: 'preemptionBound', bound: 1 }],
  two: ['at most 2 preemptions', { kind: 'preemptionBound', bound: 2 }],
  pct: ['by priorities (PCT)', { kind: 'pct', seed: 1, depth: 3 }],
  random: ['at random', { kind: 'random', seed: 1 }],
};

const SECONDS = [5, 20, 60, 300];

/** Draws the buttons. */
export function searchBar({ search, loaded, isBusy }: LabState, lab: Laboratory): TemplateResult {
  const chosen = Object.entries(STRATEGIES).find(
    ([, [, strategy]]) => JSON.stringify(strategy) === JSON.stringify(search.strategy),
  )?.[0];
  return html`<div class="search-bar" role="group" aria-label="Run">
    <button type="button" ?disabled=${isBusy} @click=${() => void lab.run()} title="Each task in turn">
      Run
    </button>
    <span class="choice">
      <label for="strategy" class="unseen">Search</label>
      <select
        id="strategy"
        ?disabled=${search.isRunning}
        .value=${live(chosen ?? 'exhaustive')}
        @change=${(event: Event) => {
          if (!(event.target instanceof HTMLSelectElement)) return;
          const strategy = STRATEGIES[event.target.value]?.[1];
          if (strategy !== undefined) lab.setSearch({ strategy });
        }}
      >
        ${Object.entries(STRATEGIES).map(([name, [title]]) => html`<option value=${name}>${title}</option>`)}
      </select>
    </span>
    <span class="choice">
      <label for="seconds" class="unseen">Time</label>
      <select
        id="seconds"
        ?disabled=${search.isRunning}
        .value=${live(String(search.seconds))}
        @change=${(event: Event) => {
          if (event.target instanceof HTMLSelectElement)
            lab.setSearch({ seconds: Number(event.target.value) });
        }}
      >
        ${SECONDS.map(
          (seconds) =>
            html`<option value=${seconds} ?selected=${seconds === search.seconds}>
              up to ${seconds} s
            </option>`,
        )}
      </select>
    </span>
    ${
      search.isRunning
        ? html`<button type="button" class="main" @click=${() => lab.cancel()}>Cancel</button>`
        : html`<button
            type="button"
            class="main"
            ?disabled=${loaded === undefined}
            @click=${() => void lab.explore()}
          >
            Search
          </button>`
    }
    ${nothing}
  </div>`;
}
