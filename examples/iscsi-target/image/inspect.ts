/** What is at the path of an image, and the reason if it cannot be served. */
import { statSync, realpathSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { totalmem } from 'node:os';
import { Refusal } from '../refusal.ts';
import { BLOCK_BYTES } from '../store/store.ts';

/** What distinguishes a file from all others. It does not depend on the name by which the file is opened. */
export interface ImageIdentity {
  readonly sizeBytes: number;
  readonly device: bigint;
  readonly inode: bigint;
  /** When the file was made, in nanoseconds; 0 where this is not known. */
  readonly birthtimeNs: bigint;
}

/** An identity as the system gives it now. */
export interface PresentIdentity extends ImageIdentity {
  /** When the file was changed last, in nanoseconds. Some systems give this as the time of birth. */
  readonly changedNs: bigint;
}

/** A file that can be served. */
export interface ImageInfo extends PresentIdentity {
  /** Without symbolic links. */
  readonly path: string;
  readonly mode: number;
}

const KINDS: readonly [is: (stat: BigIntStats) => boolean, what: string][] = [
  [(stat) => stat.isDirectory(), 'a directory'],
  [(stat) => stat.isFIFO(), 'a pipe'],
  [(stat) => stat.isSocket(), 'a socket'],
  [(stat) => stat.isCharacterDevice(), 'a character device'],
  [(stat) => stat.isBlockDevice(), 'a block device'],
];

/** The error of the file system as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function statOf(file: string): BigIntStats | undefined {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    throw new Refusal(`${file} cannot be looked at: ${messageOf(error)}`);
  }
}

/** Looks at a path; undefined where there is no file. Throws `Refusal` for what cannot be served. */
export function inspectImage(file: string): ImageInfo | undefined {
  const stat = statOf(file);
  if (stat === undefined) return undefined;
  if (!stat.isFile()) {
    const kind = KINDS.find(([is]) => is(stat))?.[1] ?? 'no file';
    throw new Refusal(`${file} is ${kind}: only a file can be served as a disk`);
  }
  const sizeBytes = Number(stat.size);
  if (sizeBytes === 0)
    throw new Refusal(`${file} is empty: a disk has at least one block of ${String(BLOCK_BYTES)} bytes`);
  const tail = sizeBytes % BLOCK_BYTES;
  if (tail !== 0) {
    const blocks = (sizeBytes - tail) / BLOCK_BYTES;
    throw new Refusal(
      `${file} has ${String(sizeBytes)} bytes, which are ${String(blocks)} blocks of ${String(BLOCK_BYTES)} and ` +
        `${String(tail)} bytes more: only whole blocks can be served, and a file is never cut or made longer`,
    );
  }
  const storedBytes = Number(stat.blocks) * 512;
  if (storedBytes > totalmem() * MEMORY_SHARE)
    throw new Refusal(
      `${file} holds ${String(storedBytes)} bytes: the disk is kept in memory, and this machine has ${String(totalmem())} bytes of it`,
    );
  return {
    path: realpathSync(file),
    sizeBytes,
    device: stat.dev,
    inode: stat.ino,
    birthtimeNs: stat.birthtimeNs,
    changedNs: stat.ctimeNs,
    mode: Number(stat.mode) & 0o7777,
  };
}

const MEMORY_SHARE = 0.8;
