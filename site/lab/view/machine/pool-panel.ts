/**
 * The kmap pool: each slot with its count. A large pool shows the slots that are not free.
 */
import { html, nothing } from 'lit-html';
import type { TemplateResult } from 'lit-html';
import type { PoolPicture, PoolSlot } from '../../session/snapshot.ts';
import { compare } from './compare.ts';
import type { Compared } from './compare.ts';
import { marked, sign } from './marks.ts';
import { frame, hex, names } from './texts.ts';

/** A slot that is gone from the picture of a large pool has become free. */
function freed({ entry, change }: Compared<PoolSlot>): Compared<PoolSlot> {
  if (change !== 'gone') return { entry, change };
  return { entry: { ...entry, pfn: undefined, count: 0, state: 'free', holders: [] }, change: 'changed' };
}

/** Draws the pool. */
export function poolPanel(pool: PoolPicture, before: PoolPicture | undefined): TemplateResult {
  const shown = compare(pool.slots, before?.slots, ({ slot }) => slot).map(freed);
  const isAll = pool.slots.length === pool.slotCount;
  const used = pool.slots.filter(({ state }) => state === 'used').length;
  const unused = pool.slots.filter(({ state }) => state === 'unused').length;
  return html`<section class="unit pool" aria-label="kmap pool">
    <header>
      <h3>kmap pool</h3>
      <span class="aside">${used} used, ${unused} to be flushed, ${pool.slotCount - used - unused} free</span>
    </header>
    <dl class="counts mono">
      <div>
        <dt>cursor</dt>
        <dd>${marked(pool.cursors.join(', '), pool.cursors, before?.cursors)}</dd>
      </div>
      <div>
        <dt>flush passes</dt>
        <dd>${marked(String(pool.flushPasses), pool.flushPasses, before?.flushPasses)}</dd>
      </div>
      <div>
        <dt>waiting</dt>
        <dd>${marked(names(pool.waiting), pool.waiting, before?.waiting)}</dd>
      </div>
    </dl>
    ${shown.length === 0 ? html`<p class="none">every slot is free</p>` : nothing}
    <ul class="slots mono">
      ${shown.map((slot) => slotCell(slot, pool.cursors.includes(slot.entry.slot)))}
    </ul>
    ${isAll || shown.length === 0 ? nothing : html`<p class="none">the other slots are free</p>`}
  </section>`;
}

const WORDS: Readonly<Record<PoolSlot['state'], string>> = {
  free: 'free',
  unused: 'no user, still mapped',
  used: 'used',
};

function slotCell({ entry, change }: Compared<PoolSlot>, isCursor: boolean): TemplateResult {
  const { slot, vaddr, count, state, pfn, holders } = entry;
  const by = holders.length === 0 ? '' : `, held by ${holders.join(', ')}`;
  const said = `slot ${String(slot)}, ${hex(vaddr)}: count ${String(count)}, ${WORDS[state]}${pfn === undefined ? '' : `, ${frame(pfn)}`}${by}${isCursor ? ', cursor' : ''}`;
  return html`<li class="slot ${state} ${change}" title=${said}>
    <span class="unseen">${said}</span>
    <span aria-hidden="true" class="slot-number">${isCursor ? '▸' : ''}${slot}</span>
    <span aria-hidden="true" class="slot-count">${sign(change)}${count}</span>
    <span aria-hidden="true" class="slot-page">${pfn === undefined ? '' : hex(pfn)}</span>
  </li>`;
}
