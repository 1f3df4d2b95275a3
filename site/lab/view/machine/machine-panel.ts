/**
 * The machine at the moment that is shown.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { LabState } from '../../state/lab-state.ts';
import { bouncePanel } from './bounce-panel.ts';
import { cpuPanel } from './cpu-panel.ts';
import { ledgerPanel } from './ledger-panel.ts';
import { poolPanel } from './pool-panel.ts';
import { dma, locks, mappings, pageTable, pages, queues, tasks } from './tables.ts';

/** Draws the machine. While the picture of a moment is made, that of the moment before stays. */
export function machinePanel({ picture, run, problem }: LabState): TemplateResult {
  return html`<section class="panel machine" id="machine" aria-labelledby="machine-title" tabindex="0">
    <header class="panel-head">
      <h2 id="machine-title">Machine</h2>
      ${
        problem !== undefined && run !== undefined
          ? html`<span class="tag">of the text before</span>`
          : nothing
      }
      <span class="aside" aria-hidden="true"
        ><span class="sign">+</span> new <span class="sign">~</span> changed <span class="sign">−</span> gone,
        in this moment</span
      >
    </header>
    ${
      picture === undefined
        ? html`<p class="none pad">
            ${run === undefined && problem !== undefined ? 'The program does not run.' : 'The machine is set up.'}
          </p>`
        : units(picture)
    }
  </section>`;
}

function units({ now, before }: NonNullable<LabState['picture']>): TemplateResult {
  const hasDma = now.dma.length > 0 || (before?.dma.length ?? 0) > 0;
  return html`<div class="units">
    <div class="unit-row">
      ${now.cpus.map((cpu) =>
        cpuPanel(
          cpu,
          before?.cpus.find(({ id }) => id === cpu.id),
        ),
      )}
    </div>
    ${poolPanel(now.pool, before?.pool)}
    <div class="unit-row">${pageTable(now, before)} ${mappings(now, before)}</div>
    <div class="unit-row">
      ${tasks(now, before)}
      <div class="unit-column">${queues(now, before)} ${locks(now, before)}</div>
    </div>
    <div class="unit-row">
      ${now.bounce.map((pool) =>
        bouncePanel(
          pool,
          before?.bounce.find(({ id }) => id === pool.id),
        ),
      )}
      ${hasDma ? dma(now, before) : nothing} ${pages(now, before)}
    </div>
    ${ledgerPanel(now.ledger, before?.ledger)}
  </div>`;
}
