/**
 * The top of both pages: where one is, where else one can go, and the colours.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import { THEMES, applyTheme, storeTheme, storedTheme, themeNamed } from '../../base/theme.ts';

/** Draws the header; `here` is the page that is shown, `help` what it has to explain. */
export function pageHeader(
  here: 'lab' | 'experiments',
  help: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  const link = (page: typeof here, file: string, title: string): TemplateResult =>
    html`<a href=${file} aria-current=${page === here ? 'page' : 'false'}>${title}</a>`;
  return html`<header class="page-header">
    <h1><span class="mono">scatterlist</span> ${here === 'lab' ? 'laboratory' : 'experiments'}</h1>
    <nav aria-label="Pages">
      ${link('lab', 'index.html', 'Laboratory')} ${link('experiments', 'experiments.html', 'Experiments')}
      <a href="../index.html">Documentation</a>
    </nav>
    ${help}
    <span class="choice">
      <label for="theme">Colours</label>
      <select
        id="theme"
        @change=${(event: Event) => {
          if (!(event.target instanceof HTMLSelectElement)) return;
          const theme = themeNamed(event.target.value);
          applyTheme(theme);
          storeTheme(theme);
        }}
      >
        ${Object.entries(THEMES).map(
          ([theme, title]) =>
            html`<option value=${theme} ?selected=${theme === storedTheme()}>${title}</option>`,
        )}
      </select>
    </span>
  </header>`;
}
