/**
 * Copying to, from and between folios: page by page if a map covers only one page, else in one step.
 */
import { checkRange } from '../core/check-range.ts';
import { copyBetween } from '../window/copy-between.ts';
import { flushDcacheFolio } from './flush-dcache.ts';
import type { Folio } from '../parts/folio.ts';
import { folioTestPartialKmap, kmapLocalFolio } from '../highmem/kmap-local-folio.ts';
import { kunmapLocal } from '../highmem/kmap-local.ts';
import type { Context } from '../core/machine.ts';
import type { RamWindow } from '../window/ram-window.ts';

/** Linux maps and unmaps even for 0 bytes; at the very end of a folio it maps the page that follows. */
function nothingToCopy(context: Context, lengthBytes: number): boolean {
  return lengthBytes === 0 && context.machine.config.semantics === 'strict';
}

/** Bytes from an offset to the end of its page. */
function restOfPage(context: Context, offset: number): number {
  return context.machine.pageSize - (offset % context.machine.pageSize);
}

function eachPart(
  context: Context,
  folio: Folio,
  offset: number,
  lengthBytes: number,
  visit: (window: RamWindow, done: number, part: number) => void,
): void {
  const partial = folioTestPartialKmap(context.machine, folio);
  context.machine.helper(() => {
    let done = 0;
    do {
      const rest = lengthBytes - done;
      const part = partial ? Math.min(rest, restOfPage(context, offset + done)) : rest;
      const window = kmapLocalFolio(context, folio, offset + done);
      visit(window, done, part);
      kunmapLocal(context, window);
      done += part;
    } while (done < lengthBytes);
  });
}

/**
 * Copies bytes of one folio to another.
 *
 * @linux memcpy_folio (7.2)
 * @context any; does not sleep
 * @differs a strict machine goes page by page with forced maps, too; Linux runs past the mapped page there. It
 * makes no map if there are no bytes to copy
 */
export function memcpyFolio(
  context: Context,
  toFolio: Folio,
  toOffset: number,
  fromFolio: Folio,
  fromOffset: number,
  lengthBytes: number,
): void {
  const { machine } = context;
  checkRange(context, 'memcpy_folio, to', toOffset, lengthBytes, toFolio.sizeBytes);
  checkRange(context, 'memcpy_folio, from', fromOffset, lengthBytes, fromFolio.sizeBytes);
  if (nothingToCopy(context, lengthBytes)) return;
  const inPages = (folio: Folio): boolean =>
    machine.config.semantics === 'strict'
      ? folioTestPartialKmap(machine, folio)
      : machine.hardware.memory.isHighmem(folio.head);
  const mostOf = (folio: Folio, offset: number): number =>
    inPages(folio) ? restOfPage(context, offset) : Infinity;
  machine.helper(() => {
    let done = 0;
    do {
      const part = Math.min(
        lengthBytes - done,
        mostOf(toFolio, toOffset + done),
        mostOf(fromFolio, fromOffset + done),
      );
      const to = kmapLocalFolio(context, toFolio, toOffset + done);
      const from = kmapLocalFolio(context, fromFolio, fromOffset + done);
      copyBetween(to, 0, from, 0, part);
      kunmapLocal(context, from);
      kunmapLocal(context, to);
      done += part;
    } while (done < lengthBytes);
  });
}

/**
 * Fills an array with bytes of a folio.
 *
 * @linux memcpy_from_folio (7.2)
 * @context any; does not sleep
 * @differs the array says how many bytes; a strict machine makes no map if there are no bytes to copy
 */
export function memcpyFromFolio(context: Context, to: Uint8Array, folio: Folio, offset: number): void {
  checkRange(context, 'memcpy_from_folio', offset, to.length, folio.sizeBytes);
  if (nothingToCopy(context, to.length)) return;
  eachPart(context, folio, offset, to.length, (window, done, part) => {
    window.copyTo(to.subarray(done, done + part));
  });
}

/**
 * Copies an array into a folio.
 *
 * @linux memcpy_to_folio (7.2)
 * @context any; does not sleep
 * @differs the array says how many bytes; a strict machine makes no map if there are no bytes to copy
 */
export function memcpyToFolio(context: Context, folio: Folio, offset: number, from: Uint8Array): void {
  checkRange(context, 'memcpy_to_folio', offset, from.length, folio.sizeBytes);
  if (nothingToCopy(context, from.length)) return;
  eachPart(context, folio, offset, from.length, (window, done, part) => {
    window.copyFrom(from.subarray(done, done + part));
  });
  flushDcacheFolio(context, folio);
}

/**
 * Copies the bytes that one map of a folio covers from a file position on, up to the length of the array. Returns
 * the number of bytes.
 *
 * @linux memcpy_from_file_folio (7.2)
 * @context any; does not sleep
 * @differs the array says how many bytes at most; a position above 2^53 is a bigint
 */
export function memcpyFromFileFolio(
  context: Context,
  to: Uint8Array,
  folio: Folio,
  position: number | bigint,
): number {
  const size = folio.sizeBytes;
  if (typeof position === 'number')
    context.machine.hardware.checkNumber(context, 'position', position, Number.MAX_SAFE_INTEGER);
  const offset =
    typeof position === 'bigint' ? Number(BigInt.asUintN(64, position) % BigInt(size)) : position % size;
  return context.machine.helper(() => {
    const window = kmapLocalFolio(context, folio, offset);
    const part = Math.min(to.length, window.length);
    window.copyTo(to.subarray(0, part));
    kunmapLocal(context, window);
    return part;
  });
}
