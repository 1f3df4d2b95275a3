/**
 * How a change is marked: by a sign and a word, not by colour alone.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { isSame } from './compare.ts';
import type { Change } from './compare.ts';

const SIGNS: Readonly<Record<Change, string>> = { same: '', new: '+', changed: '~', gone: '−' };

/** The sign before an entry that changed in the moment that is shown. */
export function sign(change: Change): TemplateResult | typeof nothing {
  if (change === 'same') return nothing;
  return html`<span class="sign" aria-hidden="true">${SIGNS[change]}</span
    ><span class="unseen">${change}: </span>`;
}

/** The cell of a table that has nothing but the sign. */
export function signCell(change: Change): TemplateResult {
  return html`<td class="sign-cell">${sign(change)}</td>`;
}

/** A value of its own, such as a count. */
export function marked(text: string, value: unknown, before: unknown): TemplateResult {
  const change: Change = before === undefined || isSame(value, before) ? 'same' : 'changed';
  return html`<span class="value ${change}">${sign(change)}${text}</span>`;
}
