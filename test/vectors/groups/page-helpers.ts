/** The page and folio helpers: the group page_helpers. */
import { expect } from 'chai';
import { crc32 } from 'node:zlib';
import { ViolationError, createMachine } from 'scatterlist';
import type { Machine, Page } from 'scatterlist';
import {
  clearHighpage,
  clearUserHighpages,
  copyHighpage,
  copyUserHighpage,
  folioFillTail,
  folioZeroRange,
  folioZeroSegment,
  folioZeroSegments,
  folioZeroTail,
  kmapLocalFolio,
  kunmapLocal,
  memcpyFolio,
  memcpyFromFileFolio,
  memcpyFromFolio,
  memcpyFromPage,
  memcpyPage,
  memcpyToFolio,
  memcpyToPage,
  memsetPage,
  memzeroPage,
  zeroUserSegments,
} from 'scatterlist/machine';
import type { Context, Folio, TraceEvent } from 'scatterlist/machine';
import { linuxOf, runnerOf } from '../format.ts';
import type { GroupRunner } from '../format.ts';
import { PHYS_PAGES, changedBytes, changedPages, fillMemory, sourceBuffer, targetBuffer } from '../memory.ts';

interface Input {
  readonly fn: string;
  readonly highmem: 'n' | 'y' | 'force';
  readonly folios: readonly (readonly [firstPfn: number, pages: number])[];
  readonly pfn: number;
  readonly dst_pfn: number;
  readonly src_pfn: number;
  readonly dst_off: number;
  readonly src_off: number;
  readonly offset: number;
  readonly pos: number | bigint;
  readonly len: number;
  readonly val: number;
  readonly npages: number;
  readonly start1: number;
  readonly end1: number;
  readonly start2: number;
  readonly end2: number;
}

interface Expect {
  readonly ret: number | null;
  readonly events: readonly (readonly unknown[])[];
  readonly open_maps: number;
  readonly kmap_idx: number;
  readonly buf_crc32?: number;
  readonly buf_hex?: string;
  readonly changed_pages?: unknown;
  readonly changed_hex?: unknown;
}

const SHOWN_BYTES = 128;

/** Functions of folios, whose maps the recordings name by folio and byte. */
const ON_FOLIOS = /^(memcpy_(from_|to_|from_file_)?folio|folio_(zero|fill)_tail)$/;

const FILLS_BUFFER = /^memcpy_from_/;

class Player {
  readonly machine: Machine;
  readonly context: Context;
  readonly input: Input;
  readonly buffer: Uint8Array;

  constructor(input: Input, lowPages: number, linux: '6.1' | '7.2') {
    this.input = input;
    this.machine = createMachine({
      linux,
      semantics: 'compatible',
      onViolation: 'record',
      trace: true,
      lowmemPages: lowPages,
      highmemPages: 2 * PHYS_PAGES,
      highmem: input.highmem !== 'n',
      forceMap: input.highmem === 'force',
    });
    fillMemory(this.machine);
    for (const [pfn, pages] of input.folios) this.machine.folios.compound(this.page(pfn), pages);
    this.context = this.machine.task();
    this.buffer = (FILLS_BUFFER.test(input.fn) ? targetBuffer : sourceBuffer)(input.len ?? 0);
    this.machine.hardware.trace?.take();
  }

  page(pfn: number): Page {
    return this.machine.hardware.memory.page(pfn);
  }

  folio(pfn: number): Folio {
    return this.machine.folios.of(this.page(pfn));
  }

  call(): number | null {
    const { context: c, buffer, input: i } = this;
    const { start1, end1, start2, end2 } = i;
    switch (i.fn) {
      case 'memcpy_page':
        memcpyPage(c, this.page(i.dst_pfn), i.dst_off, this.page(i.src_pfn), i.src_off, i.len);
        return null;
      case 'memcpy_from_page':
        memcpyFromPage(c, buffer, this.page(i.pfn), i.offset);
        return null;
      case 'memcpy_to_page':
        memcpyToPage(c, this.page(i.pfn), i.offset, buffer);
        return null;
      case 'memzero_page':
        memzeroPage(c, this.page(i.pfn), i.offset, i.len);
        return null;
      case 'memset_page':
        memsetPage(c, this.page(i.pfn), i.offset, i.val, i.len);
        return null;
      case 'copy_highpage':
        copyHighpage(c, this.page(i.dst_pfn), this.page(i.src_pfn));
        return null;
      case 'copy_user_highpage':
        copyUserHighpage(c, this.page(i.dst_pfn), this.page(i.src_pfn));
        return null;
      case 'clear_highpage':
        clearHighpage(c, this.page(i.pfn));
        return null;
      case 'clear_user_highpages':
        clearUserHighpages(c, this.page(i.pfn), i.npages);
        return null;
      case 'zero_user_segments':
        zeroUserSegments(c, this.page(i.pfn), start1, end1, start2, end2);
        return null;
      case 'folio_zero_segments':
        folioZeroSegments(c, this.folio(i.pfn), start1, end1, start2, end2);
        return null;
      case 'folio_zero_segment':
        folioZeroSegment(c, this.folio(i.pfn), start1, end1);
        return null;
      case 'folio_zero_range':
        folioZeroRange(c, this.folio(i.pfn), i.offset, i.len);
        return null;
      case 'memcpy_folio':
        memcpyFolio(c, this.folio(i.dst_pfn), i.dst_off, this.folio(i.src_pfn), i.src_off, i.len);
        return null;
      case 'memcpy_from_folio':
        memcpyFromFolio(c, buffer, this.folio(i.pfn), i.offset);
        return null;
      case 'memcpy_to_folio':
        memcpyToFolio(c, this.folio(i.pfn), i.offset, buffer);
        return null;
      case 'folio_fill_tail':
        folioFillTail(c, this.folio(i.pfn), i.offset, buffer);
        return null;
      case 'folio_zero_tail': {
        const folio = this.folio(i.pfn);
        kunmapLocal(c, folioZeroTail(c, folio, i.offset, kmapLocalFolio(c, folio, i.offset)));
        return null;
      }
      case 'memcpy_from_file_folio':
        return memcpyFromFileFolio(c, buffer, this.folio(i.pfn), i.pos);
      default:
        throw new Error(`no such function: ${i.fn}`);
    }
  }

  events(trace: readonly TraceEvent[]): readonly (readonly unknown[])[] {
    let maps = 0;
    let astray = false;
    return trace.flatMap((event): readonly (readonly unknown[])[] => {
      switch (event.event) {
        case 'map':
          if (event.mechanism === 'page_address') return [];
          maps += 1;
          return [this.#mapEvent(event, maps % 2 === 1)];
        case 'unmap-astray':
          astray = true;
          return [['kunmap_local', -1]];
        case 'unmap':
          // What an unmap of a wrong address released is not the recordings' business.
          return astray || event.mechanism === 'page_address' ? [] : [['kunmap_local', event.pfn]];
        case 'flush-dcache-page':
          return [['flush_dcache_page', event.pfn]];
        case 'violation':
          return [this.#violation(event.rule)];
        default:
          return [];
      }
    });
  }

  #mapEvent(event: TraceEvent & { readonly event: 'map' }, odd: boolean): readonly unknown[] {
    const { fn, pfn, dst_pfn, src_pfn } = this.input;
    if (!ON_FOLIOS.test(fn)) return ['kmap_local_page', event.pfn];
    const first = fn === 'memcpy_folio' ? (odd ? dst_pfn : src_pfn) : pfn;
    return ['kmap_local_folio', first, (event.pfn - first) * 4096 + (event.vaddr % 4096)];
  }

  #violation(rule: string): readonly unknown[] {
    switch (rule) {
      case 'range-overrun':
        return [
          'bug',
          /zero_(user|segment|range)|folio_zero_seg/.test(this.input.fn) ? 'zero_past_end' : 'range_overrun',
        ];
      case 'page-overrun':
        return ['fault'];
      case 'unmap-order':
        return ['warn', 'kunmap_out_of_order'];
      default:
        return ['warn', rule];
    }
  }
}

/** Map calls minus unmap calls, whatever the latter released. */
function openMaps(events: readonly (readonly unknown[])[]): number {
  const count = (name: RegExp): number => events.filter(([event]) => name.test(String(event))).length;
  return count(/^kmap/) - count(/^kunmap/);
}

export const pageHelpers: GroupRunner = runnerOf<Input, Expect>((c, file) => {
  const player = new Player(c.input, Number(file.config['low_pages']), linuxOf(file));
  const { machine, buffer, input } = player;
  let ret: number | null = null;
  try {
    ret = player.call();
  } catch (error) {
    if (!(error instanceof ViolationError)) throw error;
  }
  const events = player.events(machine.hardware.trace?.take() ?? []);
  const state = { ret, events, open_maps: openMaps(events), kmap_idx: player.context.task.localMaps.idx };
  if (events.some(([event]) => event === 'fault')) {
    expect(state).to.deep.equal(c.expect);
    return;
  }
  const contents = {
    ...(FILLS_BUFFER.test(input.fn) && { buf_crc32: crc32(buffer) }),
    ...(FILLS_BUFFER.test(input.fn) &&
      input.len <= SHOWN_BYTES && { buf_hex: Buffer.from(buffer).toString('hex') }),
    changed_pages: changedPages(machine),
  };
  const span = changedBytes(machine);
  const changed =
    span === undefined || span.bytes.length > SHOWN_BYTES
      ? {}
      : { changed_hex: [span.pfn, span.byte, Buffer.from(span.bytes).toString('hex')] };
  expect({ ...state, ...contents, ...changed }).to.deep.equal(c.expect);
});
