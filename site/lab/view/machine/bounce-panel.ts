/**
 * The bounce pools: runs of slots in use.
 */
import { html } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { BouncePicture } from '../../session/snapshot.ts';
import { compare } from './compare.ts';
import { emptyRow } from './cpu-panel.ts';
import { signCell } from './marks.ts';

/** Draws a bounce pool. */
export function bouncePanel(pool: BouncePicture, before: BouncePicture | undefined): TemplateResult {
  const runs = compare(pool.runs, before?.runs, ({ firstSlot }) => firstSlot);
  const used = pool.runs.reduce((sum, { slots }) => sum + slots, 0);
  return html`<section class="unit" aria-label="bounce pool">
    <header>
      <h3>bounce pool${pool.id === 0 ? '' : ` ${String(pool.id)}`}</h3>
      <span class="aside">${used} of ${pool.slots} slots, ${pool.slotBytes} bytes each</span>
    </header>
    <meter min="0" max=${pool.slots} .value=${used} aria-label="slots in use"></meter>
    <table class="entries mono">
      ${runs.length === 0 ? emptyRow('no slot is in use') : ''}
      ${runs.map(
        ({ entry: { firstSlot, slots }, change }) =>
          html`<tr class=${change}>
            ${signCell(change)}
            <th scope="row">
              ${
                slots === 1
                  ? `slot ${String(firstSlot)}`
                  : `slots ${String(firstSlot)} to ${String(firstSlot + slots - 1)}`
              }
            </th>
          </tr>`,
      )}
    </table>
  </section>`;
}
