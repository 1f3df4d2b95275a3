/** A disk image: loaded into the disk at the start, written back at the end. */
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Extent, Store } from './store/store.ts';

const PIECE_BYTES = 256 * 1024;

/** Copies a file into the disk; stretches of zeros stay unmapped. */
export function loadImage(file: string, store: Store): void {
  const fd = openSync(file, 'r');
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    for (let at = 0; at < store.sizeBytes;) {
      const bytes = readSync(fd, piece, 0, Math.min(PIECE_BYTES, store.sizeBytes - at), at);
      if (bytes === 0) return;
      const contents = piece.subarray(0, bytes);
      if (contents.some((byte) => byte !== 0)) write(store, at, contents);
      at += bytes;
    }
  } finally {
    closeSync(fd);
  }
}

function write(store: Store, at: number, contents: Uint8Array): void {
  const data: Extent | undefined = store.stage(contents.length);
  const failure =
    data === undefined
      ? { why: 'no memory for the image' }
      : (data.write(contents, 0) ?? store.put(at, data, 0, contents.length));
  data?.release();
  if (failure !== undefined) throw new Error(`the image cannot be loaded: ${failure.why}`);
}

/** Writes the disk to a file, which ends up as long as the disk. */
export function saveImage(file: string, store: Store): void {
  const fd = openSync(file, 'w');
  const piece = new Uint8Array(PIECE_BYTES);
  try {
    ftruncateSync(fd, store.sizeBytes);
    for (let at = 0; at < store.sizeBytes; at += PIECE_BYTES) {
      const contents = piece.subarray(0, Math.min(PIECE_BYTES, store.sizeBytes - at));
      const failure = store.range(at, contents.length).read(contents, 0);
      if (failure !== undefined) throw new Error(`the image cannot be written: ${failure.why}`);
      if (contents.some((byte) => byte !== 0)) writeSync(fd, contents, 0, contents.length, at);
    }
  } finally {
    closeSync(fd);
  }
}
