/**
 * Texts of comments as the page shows them: what stands between backquotes is code.
 */
import { html } from 'lit-html';
import type { TemplateResult } from 'lit-html';

/** Draws a text with its code. */
export function prose(text: string): TemplateResult {
  return html`${text.split('`').map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
