/**
 * Small pictures on buttons: fonts do not have the signs for them on every system.
 */
import { svg, html } from 'lit-html';
import type { TemplateResult } from 'lit-html';

/** Paths in a square of 16 points. */
const PATHS = {
  first: 'M4 3v10M13 3.5 7 8l6 4.5z',
  stepBack: 'M8.5 3.5 3 8l5.5 4.5M13.5 3.5 8 8l5.5 4.5',
  back: 'M10.5 3.5 5 8l5.5 4.5',
  forward: 'M5.5 3.5 11 8l-5.5 4.5',
  stepForward: 'M2.5 3.5 8 8l-5.5 4.5M7.5 3.5 13 8l-5.5 4.5',
  last: 'M12 3v10M3 3.5 9 8l-6 4.5z',
  bolt: 'M9.5 1.5 3.5 9H8l-1.5 5.5 6-7.5H8z',
} as const;

export type IconName = keyof typeof PATHS;

/** Draws one; the button that it stands on has a name in words. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
    ${svg`<path d=${PATHS[name]} />`}
  </svg>`;
}
