/**
 * What was found: the broken rule with its report, the result of the search, or that nothing is wrong on this schedule.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { SearchProgress, SearchResult, ViolationPicture } from '../../session/messages.ts';
import type { LabState } from '../../state/lab-state.ts';
import type { Laboratory } from '../../state/laboratory.ts';
import { counted, sentence } from '../machine/texts.ts';

/** Draws what was found. */
export function findingPanel(state: LabState, lab: Laboratory): TemplateResult {
  const { run, search, problem } = state;
  return html`<section class="panel finding" id="finding" aria-labelledby="finding-title">
    <header class="panel-head">
      <h2 id="finding-title">Finding</h2>
      ${state.isBusy ? html`<span class="aside">running</span>` : nothing}
    </header>
    <div class="pad stack">
      ${search.isRunning ? searching(search.progress, search.seconds) : nothing}
      ${
        problem === undefined
          ? nothing
          : html`<p class="verdict bad">
              <span class="mark" aria-hidden="true">✗</span> The program cannot be run: the reason is above
              the editor.
            </p>`
      }
      ${run?.violation === undefined ? nothing : violation(run.violation, state.at, lab)}
      ${run !== undefined && run.violation === undefined && problem === undefined ? quiet(search.result) : nothing}
      ${search.result === undefined ? nothing : searchResult(search.result, run?.violation !== undefined)}
    </div>
  </section>`;
}

function quiet(result: SearchResult | undefined): TemplateResult | typeof nothing {
  if (result !== undefined) return nothing;
  return html`<p class="verdict">
      <span class="mark" aria-hidden="true">○</span> No rule is broken on this schedule.
    </p>
    <p class="aside">One schedule is no proof. A search tries the others.</p>`;
}

function searching(progress: SearchProgress | undefined, seconds: number): TemplateResult {
  const part = progress?.part;
  return html`<div class="searching">
    <p class="verdict"><span class="mark" aria-hidden="true">…</span> ${progressTitle(progress)}</p>
    <progress aria-label="Search" max="1" value=${part ?? timePart(progress, seconds)}></progress>
    ${progress === undefined ? nothing : html`<p class="mono aside">${countsText(progress)}</p>`}
  </div>`;
}

function progressTitle(progress: SearchProgress | undefined): string {
  if (progress === undefined) return 'The search begins.';
  return progress.isShrinking ? 'A rule is broken; its schedule is made shorter.' : 'Searching.';
}

/** Where the strategy cannot say how far it is, the time can. */
function timePart(progress: SearchProgress | undefined, seconds: number): number {
  return progress === undefined ? 0 : Math.min(1, progress.milliseconds / (1000 * seconds));
}

function countsText({ schedules, states, steps, milliseconds }: SearchResult['counts']): string {
  return [
    counted(schedules, 'schedule'),
    counted(steps, 'step'),
    ...(states === 0 ? [] : [counted(states, 'state')]),
    `${(milliseconds / 1000).toFixed(1)} s`,
  ].join(' · ');
}

const MARKS: Readonly<Record<SearchResult['kind'], readonly [mark: string, tone: string]>> = {
  violation: ['✗', 'bad'],
  exhausted: ['✓', 'good'],
  outOfBudget: ['◔', ''],
  nondeterministic: ['?', 'bad'],
  cancelled: ['⊘', ''],
};

/** What the search came to; a violation that it found is told above. */
function searchResult(
  { kind, verdict, counts, lookedAt, notLookedAt }: SearchResult,
  isShown: boolean,
): TemplateResult {
  const [mark, tone] = MARKS[kind];
  return html`<section class="search-result stack" aria-labelledby="search-title">
    <h3 id="search-title">The search</h3>
    ${
      kind === 'violation' && isShown
        ? nothing
        : html`<p class="verdict ${tone}"><span class="mark" aria-hidden="true">${mark}</span> ${verdict}</p>`
    }
    <p class="mono aside">${countsText(counts)}</p>
    ${sentences('What was looked at', lookedAt, kind !== 'violation')}
    ${sentences('What was not looked at', notLookedAt, kind !== 'violation')}
  </section>`;
}

function sentences(title: string, all: readonly string[], isOpen: boolean): TemplateResult | typeof nothing {
  if (all.length === 0) return nothing;
  return html`<details ?open=${isOpen}>
    <summary>${title}</summary>
    <ul class="sentences">
      ${all.map((text) => html`<li>${text}</li>`)}
    </ul>
  </details>`;
}

function violation(found: ViolationPicture, at: number, lab: Laboratory): TemplateResult {
  const { rule, title, what, details, linux, advice, report, moment, line } = found;
  return html`<article class="violation stack">
    <p class="verdict bad">
      <span class="mark" aria-hidden="true">✗</span> ${sentence(title)}
      <a class="tag bad mono" href="../rules/${rule}.html">${rule}</a>
    </p>
    <p>${sentence(what)}</p>
    <div class="actions">
      <button type="button" ?disabled=${at === moment} @click=${() => void lab.stepTo(moment)}>
        ${at === moment ? 'Shown in the machine' : 'Jump to the violation'}
      </button>
      ${line === undefined ? nothing : html`<span class="aside">line ${line}</span>`}
    </div>
    <dl class="facts">
      ${details.map(
        ({ label, text }) =>
          html`<div>
            <dt>${label}</dt>
            <dd class="mono">${text}</dd>
          </div>`,
      )}
      <div>
        <dt>Linux</dt>
        <dd>${sentence(linux)}</dd>
      </div>
      <div>
        <dt>advice</dt>
        <dd>${sentence(advice)}</dd>
      </div>
    </dl>
    <details>
      <summary>The report, as the command prints it</summary>
      <pre class="report">${report}</pre>
    </details>
  </article>`;
}
