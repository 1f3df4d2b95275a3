/**
 * What copies and fills leave behind, byte by byte: one piece after the other, a piece being what one mapping covers,
 * and each of them as if by way of a buffer of its own.
 */
import { PAGE } from './session.ts';
import type { Operation } from './session.ts';

/** All bytes of a session in one array, and where in it the bytes of lists and buffers are. */
export interface Flat {
  readonly bytes: Uint8Array;
  /** Entries of a list: where the page of each byte begins, its offset and length; undefined where it is no RAM. */
  entriesOf(list: number): readonly FlatEntry[] | undefined;
  /** Where each byte of the buffer of an operation is. */
  readonly buffer: readonly number[];
  /** Whether the backend of an operation maps whole entries. */
  isContiguous(backend: string): boolean;
}

interface FlatEntry {
  readonly base: number;
  readonly offset: number;
  readonly length: number;
}

/** The bytes of a list from `skip` on, by pieces. */
function piecesOf(entries: readonly FlatEntry[], contiguous: boolean, skip: number): number[][] {
  const pieces: number[][] = [];
  let at = 0;
  for (const { base, offset, length } of entries) {
    let piece: number[] = [];
    for (let i = 0; i < length; i += 1, at += 1) {
      if (at < skip) continue;
      if (piece.length === 0 || (!contiguous && (offset + i) % PAGE === 0)) pieces.push((piece = []));
      piece.push(base + offset + i);
    }
  }
  return pieces;
}

function move(bytes: Uint8Array, to: readonly number[], from: readonly number[]): void {
  const moved = from.map((at) => bytes[at] ?? 0);
  for (const [i, at] of to.entries()) bytes[at] = moved[i] ?? 0;
}

/** The bytes after `done` bytes of an operation; undefined where the oracle does not know. */
export function after(flat: Flat, operation: Operation, done: number): Uint8Array | undefined {
  if (operation.op === 'copyList') return afterPairs(flat, operation, done);
  if (operation.op !== 'copy' && operation.op !== 'fill') return undefined;
  const bytes = flat.bytes.slice();
  const entries = flat.entriesOf(operation.list);
  if (entries === undefined) return undefined;
  const pieces = piecesOf(entries, flat.isContiguous(operation.backend), operation.skip);
  let at = 0;
  for (const piece of pieces) {
    const part = piece.slice(0, done - at);
    if (operation.op === 'fill') for (const byte of part) bytes[byte] = operation.value;
    else {
      const buffer = flat.buffer.slice(at, at + part.length);
      if (operation.toBuffer) move(bytes, buffer, part);
      else move(bytes, part, buffer);
    }
    at += part.length;
    if (at >= done) break;
  }
  return bytes;
}

/** The same for a copy from list to list, whose pieces end where one of either list does. */
function afterPairs(
  flat: Flat,
  operation: Operation & { readonly op: 'copyList' | 'compare' },
  done: number,
): Uint8Array | undefined {
  const [target, source] = [flat.entriesOf(operation.list), flat.entriesOf(operation.second)];
  if (target === undefined || source === undefined) return undefined;
  const bytes = flat.bytes.slice();
  const targets = piecesOf(target, flat.isContiguous(operation.backend), operation.skip);
  const sources = piecesOf(source, flat.isContiguous(operation.secondBackend), operation.skipSecond);
  for (let left = done; left > 0;) {
    const [to, from] = [targets[0] ?? [], sources[0] ?? []];
    const part = Math.min(to.length, from.length, left);
    if (part === 0) return undefined;
    move(bytes, to.splice(0, part), from.splice(0, part));
    if (to.length === 0) targets.shift();
    if (from.length === 0) sources.shift();
    left -= part;
  }
  return bytes;
}
