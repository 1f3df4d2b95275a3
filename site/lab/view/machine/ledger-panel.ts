/**
 * What the machine has counted so far.
 */
import { html } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { marked } from './marks.ts';

type Ledger = Readonly<Record<string, number>>;

/** `flushesGlobal` as words. */
function worded(name: string): string {
  return name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

/** Draws the counts that are not 0. */
export function ledgerPanel(now: Ledger, before: Ledger | undefined): TemplateResult {
  const counts = Object.entries(now).filter(([, count]) => count > 0);
  return html`<section class="unit" aria-label="ledger">
    <header>
      <h3>ledger</h3>
      <span class="aside">counts since the set-up</span>
    </header>
    ${counts.length === 0 ? html`<p class="none">nothing was counted yet</p>` : ''}
    <dl class="counts mono">
      ${counts.map(
        ([name, count]) =>
          html`<div>
            <dt>${worded(name)}</dt>
            <dd>${marked(count.toLocaleString('en'), count, before?.[name])}</dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
