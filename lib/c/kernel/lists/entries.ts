/**
 * linux/scatterlist.h: entries, links and counts.
 */
import { hex, virtAddr } from '../../../base/units.ts';
import { sgChain, sgSetPage } from '../../../scatterlist/list/entry.ts';
import { sgInitOne, sgVirt } from '../../../scatterlist/list/sg-address.ts';
import { SG_CHAIN, SG_END } from '../../../scatterlist/list/sg-array.ts';
import { sgLast, sgNents, sgNentsForDma, sgNentsForLen } from '../../../scatterlist/list/sg-count.ts';
import { sgSetFolio } from '../../../scatterlist/list/sg-folio.ts';
import { mappedNents } from '../../../scatterlist/list/sg-table.ts';
import { readBytes, writeBytes } from '../../runtime/memory.ts';
import type { Runner } from '../../runtime/runner.ts';
import { folioOf } from '../memory/folio-pointer.ts';
import type { KernelFunctions } from '../kernel-function.ts';
import { pageOf } from '../memory/page-pointer.ts';
import { entryOf, statusOf } from './list-options.ts';
import { ENTRY_BYTES, ListView } from './list-view.ts';

/** The page_link of an entry. */
function linkAt(c: Runner, sg: number): number {
  return new DataView(readBytes(c, sg, 4).buffer).getUint32(0, true);
}

function setBuffer(c: Runner, sg: number, buffer: number, length: number): void {
  const { context } = c;
  const made = sgInitOne(context.machine, virtAddr(buffer), length);
  if (!made.ok || made.value.page === null) {
    context.machine.hardware.violate({
      rule: 'not-linear',
      severity: 'bug',
      what: `sg_set_buf(${hex(buffer)}), which is no permanent address of lowmem`,
      context: context.state(),
    });
    return;
  }
  const view = new ListView();
  sgSetPage(entryOf(c, view, sg), made.value.page, length, made.value.offset);
  view.write(c);
}

/** Clears entries and ends the list at the last. */
function initTable(c: Runner, sgl: number, nents: number): void {
  if (nents === 0) {
    c.context.machine.hardware.violate({
      rule: 'sg-no-entries',
      severity: 'bug',
      what: 'sg_init_table of no entries, which marks the entry before the array',
      context: c.context.state(),
    });
    return;
  }
  const bytes = new Uint8Array(nents * ENTRY_BYTES);
  new DataView(bytes.buffer).setUint32((nents - 1) * ENTRY_BYTES, SG_END, true);
  writeBytes(c, sgl, bytes);
}

/** Functions on entries. */
export const ENTRIES: KernelFunctions = {
  sg_set_page: (c, sg, page, length, offset) => {
    const view = new ListView();
    sgSetPage(entryOf(c, view, sg), pageOf(c, page), length, offset);
    view.write(c);
  },
  sg_set_buf: setBuffer,
  sg_set_folio: (c, sg, folio, length, offset) => {
    const view = new ListView();
    void sgSetFolio(entryOf(c, view, sg), folioOf(c, folio), length, offset, { machine: c.context.machine });
    view.write(c);
  },
  sg_init_table: initTable,
  sg_init_one: (c, sg, buffer, length) => {
    initTable(c, sg, 1);
    setBuffer(c, sg, buffer, length);
  },
  // Of a page without a permanent address Linux adds the offset to NULL.
  sg_virt: (c, sg) => {
    const entry = entryOf(c, new ListView(), sg);
    const found = sgVirt(entry, c.context.machine);
    return found.ok ? found.value : entry.offset;
  },
  sg_chain: (c, array, slots, to) => {
    const view = new ListView();
    const first = view.entryAt(c, array, { slots });
    const target = entryOf(c, view, to);
    if (first === null) return;
    sgChain(first.array, first.slot + slots, target, { machine: c.context.machine });
    view.write(c);
  },
  sg_next: (c, sg) => {
    if ((linkAt(c, sg) & SG_END) !== 0) return 0;
    const next = linkAt(c, sg + ENTRY_BYTES);
    return (next & SG_CHAIN) === 0 ? sg + ENTRY_BYTES : (next & ~(SG_CHAIN | SG_END)) >>> 0;
  },
  sg_last: (c, sgl, entries) => {
    const view = new ListView();
    const last = sgLast(view.entryAt(c, sgl, { entries }), entries, { machine: c.context.machine });
    return last.ok ? view.addressOf(last.value) : 0;
  },
  sg_nents: (c, sgl) => sgNents(new ListView().entryAt(c, sgl), { machine: c.context.machine }),
  sg_nents_for_len: (c, sgl, length) => {
    const found = sgNentsForLen(new ListView().entryAt(c, sgl), length, { machine: c.context.machine });
    return found.ok ? found.value : statusOf(found);
  },
  sg_nents_for_dma: (c, sgl, entries, most) => {
    const first = new ListView().entryAt(c, sgl, { entries, dma: true });
    const found = sgNentsForDma(first, mappedNents(entries), most, { machine: c.context.machine });
    return found.ok ? found.value : statusOf(found);
  },
};
