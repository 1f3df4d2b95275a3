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

/** Slots up to which all are shown. */
const MOST_SHOWN = 32;

/** A slot as it is drawn. */
type DrawnSlot = Omit<PoolSlot, 'state' | 'vaddr'> & { readonly state: PoolSlot['state'] | 'free' };

/** A slot that is gone from the list has become free. */
function freed({ entry, change }: Compared<PoolSlot>): Compared<DrawnSlot> {
  return change === 'gone' ? { entry: freeSlot(entry.slot), change: 'changed' } : { entry, change };
}

function freeSlot(slot: number): DrawnSlot {
  return { slot, pfn: undefined, count: 0, state: 'free', holders: [] };
}

function withFree(inUse: readonly Compared<DrawnSlot>[], slotCount: number): readonly Compared<DrawnSlot>[] {
  const bySlot = new Map(inUse.map((one) => [one.entry.slot, one]));
  return Array.from(
    { length: slotCount },
    (_, slot) => bySlot.get(slot) ?? { entry: freeSlot(slot), change: 'same' },
  );
}

/** Draws the pool. */
export function poolPanel(pool: PoolPicture, before: PoolPicture | undefined): TemplateResult {
  const inUse = compare(pool.slots, before?.slots, ({ slot }) => slot).map(freed);
  const isAll = pool.slotCount <= MOST_SHOWN;
  const shown = isAll ? withFree(inUse, pool.slotCount) : inUse;
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

const WORDS: Readonly<Record<DrawnSlot['state'], string>> = {
  free: 'free',
  unused: 'no user, still mapped',
  used: 'used',
};

function slotCell({ entry, change }: Compared<DrawnSlot>, isCursor: boolean): TemplateResult {
  const { slot, count, state, pfn, holders } = entry;
  const by = holders.length === 0 ? '' : `, held by ${holders.join(', ')}`;
  const said = `slot ${String(slot)}: count ${String(count)}, ${WORDS[state]}${pfn === undefined ? '' : `, ${frame(pfn)}`}${by}${isCursor ? ', cursor' : ''}`;
  return html`<li class="slot ${state} ${change}" title=${said}>
    <span class="unseen">${said}</span>
    <span aria-hidden="true" class="slot-number">${isCursor ? '▸' : ''}${slot}</span>
    <span aria-hidden="true" class="slot-count">${sign(change)}${count}</span>
    <span aria-hidden="true" class="slot-page">${pfn === undefined ? '' : hex(pfn)}</span>
  </li>`;
}
