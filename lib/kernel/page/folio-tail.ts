/**
 * Filling the end of a folio: data, then zeroes.
 */
import { virtAddr } from '../../base/units.ts';
import { checkRange } from '../core/check-range.ts';
import { flushDcacheFolio } from './flush-dcache.ts';
import type { Folio } from '../parts/folio.ts';
import { folioTestPartialKmap, kmapLocalFolio } from '../highmem/kmap-local-folio.ts';
import { kunmapLocal } from '../highmem/kmap-local.ts';
import type { Context } from '../core/machine.ts';
import type { RamWindow } from '../window/ram-window.ts';

/** A place in a map, as a `void *` denotes it in C. */
interface Place {
  readonly window: RamWindow;
  readonly at: number;
}

// If the tail begins on a page boundary, the place is just after the end of its map. Linux writes there; a
// strict machine detects that no byte of the map is left and goes on to the next page.
function zeroFrom(context: Context, folio: Folio, from: number, start: Place): Place {
  const { machine } = context;
  const { pageSize } = machine;
  const strict = machine.config.semantics === 'strict';
  let { window, at } = start;
  let offset = from;
  if (folioTestPartialKmap(machine, folio)) {
    let most = strict ? window.length - at : pageSize - (offset % pageSize);
    while (folio.sizeBytes - offset > most) {
      window.fill(0, at, most);
      kunmapLocal(context, window);
      offset += most;
      most = pageSize;
      window = kmapLocalFolio(context, folio, offset);
      at = 0;
    }
  }
  window.fill(0, at, folio.sizeBytes - offset);
  flushDcacheFolio(context, folio);
  return { window, at };
}

/**
 * Zeroes a folio from `offset` to its end, through a window in which byte `at` is byte `offset` of the
 * folio. Returns the window to release, which may be another one.
 *
 * @linux folio_zero_tail (7.2)
 * @context any; does not sleep
 * @differs takes and returns windows instead of addresses. If no byte is left of the map, a strict machine
 * goes on to the next page; Linux writes past the map.
 */
export function folioZeroTail(
  context: Context,
  folio: Folio,
  offset: number,
  window: RamWindow,
  at = 0,
): RamWindow {
  const { hardware } = context.machine;
  hardware.checkNumber(context, 'offset', offset, folio.sizeBytes);
  hardware.checkNumber(context, 'at', at, window.length);
  return zeroFrom(context, folio, offset, { window, at }).window;
}

/**
 * Copies an array to `offset` of a folio and zeroes what follows it.
 *
 * @linux folio_fill_tail (7.2)
 * @context any; does not sleep
 * @differs the array says how many bytes. If the data end on a page boundary and a map covers one page,
 * Linux writes or unmaps past its map; a strict machine does neither.
 */
export function folioFillTail(context: Context, folio: Folio, offset: number, from: Uint8Array): void {
  const { machine } = context;
  const strict = machine.config.semantics === 'strict';
  const check = (): void => {
    checkRange(context, 'folio_fill_tail', offset, from.length, folio.sizeBytes);
  };
  if (strict) check();
  if (strict && offset === folio.sizeBytes) return;
  machine.helper(() => {
    let window = kmapLocalFolio(context, folio, offset);
    check();
    let done = 0;
    if (folioTestPartialKmap(machine, folio)) {
      while (from.length - done > window.length) {
        const part = window.length;
        window.copyFrom(from.subarray(done, done + part));
        kunmapLocal(context, window);
        done += part;
        window = kmapLocalFolio(context, folio, offset + done);
      }
    }
    window.copyFrom(from.subarray(done));
    const end = zeroFrom(context, folio, offset + from.length, { window, at: from.length - done });
    const isBehind = folioTestPartialKmap(machine, folio) && end.at === end.window.length;
    kunmapLocal(context, isBehind && !strict ? virtAddr(end.window.vaddr + end.at) : end.window);
  });
}
