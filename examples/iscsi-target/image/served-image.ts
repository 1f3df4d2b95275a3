/** The file behind the disk: claimed and opened at the start, read into memory, written back as the disk changes. */

import { stat, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../refusal.ts';
import { ChangedBlocks } from '../store/changed-blocks.ts';
import type { Chunk } from '../store/changed-blocks.ts';
import { BLOCK_BYTES } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { WatchedStore } from '../store/watched-store.ts';
import { claim } from './claim.ts';
import type { Claim, Owner } from './claim.ts';
import { openFile, syncDirectoryOf } from './file.ts';
import type { ImageFile } from './file.ts';
import { inspectImage, messageOf } from './inspect.ts';
import type { ImageInfo } from './inspect.ts';
import { Journal } from './journal.ts';
import { recover } from './recover.ts';
import { WriteBack } from './write-back.ts';
import { isZeros } from './zeros.ts';

/** Changes wait no longer than this before they are written back without being asked for. */
const WRITE_BACK_MS = 5000;
const PIECE_BYTES = 256 * 1024;

/** How an image is served. */
export interface ImageOptions {
  readonly file: string;
  /** The size of the disk: that of the file, or of the one that is made. */
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** Whether a write is good only when the image has it. */
  readonly writeThrough: boolean;
  /** Takes what the person who started the target should read. */
  readonly report: (line: string) => void;
}

/** The journal of an image. */
function journalPath(image: string): string {
  return `${image}.journal`;
}

/** An image in use. */
export class ServedImage {
  /** Undefined where the image is only read. */
  readonly cache: WriteBack | undefined;
  readonly #options: ImageOptions;
  readonly #image: ImageFile;
  readonly #journal: Journal | undefined;
  readonly #path: string;
  readonly #changes: ChangedBlocks;
  readonly #claims: readonly Claim[];
  #timer: NodeJS.Timeout | undefined = undefined;

  private constructor(
    options: ImageOptions,
    parts: {
      readonly path: string;
      readonly image: ImageFile;
      readonly journal: Journal | undefined;
      readonly claims: readonly Claim[];
    },
  ) {
    const { image, journal } = parts;
    this.#options = options;
    this.#path = parts.path;
    this.#image = image;
    this.#journal = journal;
    this.#claims = parts.claims;
    this.#changes = new ChangedBlocks(options.sizeBytes / BLOCK_BYTES);
    const report = (line: string): void => {
      options.report(`${options.file}: ${line}`);
    };
    this.cache =
      journal === undefined || options.readOnly
        ? undefined
        : new WriteBack({ changes: this.#changes, journal, image, report }, !options.writeThrough);
  }

  /** Claims and opens an image, which is made where there is none, and finishes what a killed target began. */
  static async open(options: ImageOptions): Promise<ServedImage> {
    const info = inspectImage(options.file) ?? (await make(options));
    if (info.sizeBytes !== options.sizeBytes)
      throw new Refusal(
        `${options.file} has ${String(info.sizeBytes)} bytes now and had ${String(options.sizeBytes)} a moment ago`,
      );
    if (!options.readOnly && (info.mode & 0o222) === 0)
      throw new Refusal(
        `${options.file} may not be written (its mode is ${info.mode.toString(8).padStart(4, '0')}): use --read-only`,
      );
    const claims = await claimAll(options, info);
    const opened: { close(): Promise<void> }[] = [];
    try {
      const image = await openFile(info.path, options.readOnly ? 'read' : 'write').catch((error: unknown) => {
        throw new Refusal(`${options.file} cannot be opened: ${messageOf(error)}`);
      });
      opened.push(image);
      const journal = await openJournal(options, info);
      if (journal !== undefined) opened.push(journal);
      if (journal !== undefined && !options.readOnly) await recoverLoudly(options, journal, image);
      return new ServedImage(options, { path: info.path, image, journal, claims });
    } catch (error) {
      for (const file of opened) await file.close();
      for (const won of claims) await won.release();
      throw error;
    }
  }

  /** The store of a session, whose changes are written back. */
  watch(store: Store): Store {
    return this.cache === undefined ? store : new WatchedStore(store, this.#changes);
  }

  /** Reads the file into the disk; stretches of zeros stay unmapped. Changes of the disk are read through `store` from then on. */
  async load(store: Store): Promise<void> {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let offset = 0; offset < store.sizeBytes; offset += PIECE_BYTES) {
      const bytes = piece.subarray(0, Math.min(PIECE_BYTES, store.sizeBytes - offset));
      if ((await this.#image.read(bytes, offset)) < bytes.length)
        throw new Error(`${this.#options.file} became shorter while it was read`);
      if (!isZeros(bytes)) put(store, { offset, lengthBytes: bytes.length, bytes });
    }
    // What a killed target left, where the file is not to be touched.
    if (this.cache === undefined && (await this.#journal?.state()) === 'complete') {
      for await (const chunk of this.#journal?.chunks() ?? []) put(store, chunk);
    }
    this.cache?.readFrom(store);
  }

  /** Begins to write back from time to time. */
  start(): void {
    this.#timer = setInterval(() => void this.cache?.flush(), WRITE_BACK_MS);
    this.#timer.unref();
  }

  /** Writes everything back and gives the file up; returns whether the file has everything. */
  async close(): Promise<boolean> {
    clearInterval(this.#timer);
    const failure = await this.cache?.flush();
    const behind = this.cache?.isImageBehind === true;
    if (failure !== undefined)
      this.#options.report(
        behind
          ? `${this.#options.file}: the last writes are in ${journalPath(this.#path)}, which the next start reads`
          : `${this.#options.file}: what was written since the last SYNCHRONIZE CACHE is lost, the file is as it was then`,
      );
    await this.#image.close();
    await this.#journal?.close();
    if (this.cache !== undefined && !behind) {
      await unlink(journalPath(this.#path)).catch(() => undefined);
      await syncDirectoryOf(this.#path);
    }
    for (const won of this.#claims) await won.release();
    return failure === undefined;
  }
}

/** Makes a file of zeros, without memory of its own on the medium. */
async function make({ file, sizeBytes, readOnly }: ImageOptions): Promise<ImageInfo> {
  if (readOnly) throw new Refusal(`${file} does not exist, and --read-only makes no file`);
  try {
    const image = await openFile(file, 'create');
    await image.close();
    await truncate(file, sizeBytes);
    await syncDirectoryOf(file);
  } catch (error) {
    throw new Refusal(`${file} cannot be made: ${messageOf(error)}`);
  }
  const info = inspectImage(file);
  if (info === undefined) throw new Refusal(`${file} was made and is gone`);
  return info;
}

function owner({ host, pid }: Owner): string {
  return `process ${String(pid)} on ${host}`;
}

/** Claims a file by its path, and by what it is, for other paths that lead to it. */
async function claimAll(options: ImageOptions, info: ImageInfo): Promise<Claim[]> {
  const { file, readOnly } = options;
  const claims: Claim[] = [];
  const take = async (prefix: string, isOptional: boolean): Promise<void> => {
    const won = await claim(prefix, {
      mode: readOnly ? 'read' : 'write',
      note: info.path,
      onDead: (path) => refuseForeignJournal(file, info.path, path),
    }).catch((error: unknown) => {
      if (error instanceof Refusal) throw error;
      if (isOptional) return undefined;
      throw new Refusal(`${file} cannot be locked: ${messageOf(error)}`);
    });
    if (won === undefined) return;
    if ('heldBy' in won)
      throw new Refusal(
        `${file} is in use by ${owner(won.heldBy)} (a file whose name begins with ${prefix})`,
      );
    claims.push(won);
  };
  try {
    // Beside a file that is only read there may be no room.
    await take(`${info.path}.lock-`, readOnly);
    await take(join(tmpdir(), `scatterlist-${String(info.device)}-${String(info.inode)}.lock-`), true);
  } catch (error) {
    for (const won of claims) await won.release();
    throw error;
  }
  return claims;
}

/** A target that served the file by another name was killed, and its journal is beside that name. */
async function refuseForeignJournal(file: string, path: string, served: string): Promise<void> {
  if (served === path) return;
  const found = await stat(journalPath(served)).catch(() => undefined);
  if (found !== undefined)
    throw new Refusal(
      `${file} was served as ${served} by a target that was killed, and ${journalPath(served)} is still there: start it by that name once`,
    );
}

async function openJournal(options: ImageOptions, info: ImageInfo): Promise<Journal | undefined> {
  const path = journalPath(info.path);
  const found = await stat(path).catch(() => undefined);
  if (options.readOnly && found === undefined) return undefined;
  let file: ImageFile;
  try {
    if (found !== undefined && !found.isFile()) throw new Error('it is no file');
    file = await openFile(path, options.readOnly ? 'read' : found === undefined ? 'create' : 'write');
  } catch (error) {
    throw new Refusal(
      `${path}, which is needed to write ${options.file} safely, cannot be opened: ${messageOf(error)}`,
    );
  }
  const journal = new Journal(file, info.sizeBytes);
  try {
    const state = await journal.state();
    if (state === 'other' && options.readOnly) {
      await journal.close();
      return undefined;
    }
    if (state === 'other') throw new Refusal(`${path} is no journal of ${options.file}: move it away`);
    if (state === 'complete' && (await journal.imageBytes()) !== info.sizeBytes)
      throw new Refusal(
        `${path} was written for a file of ${String(await journal.imageBytes())} bytes, and ${options.file} has ${String(info.sizeBytes)}: put that file back, or move the journal away`,
      );
    if (found === undefined) {
      await journal.begin().catch((error: unknown) => {
        throw new Refusal(`${path} cannot be written: ${messageOf(error)}`);
      });
      await syncDirectoryOf(path);
    }
  } catch (error) {
    await journal.close();
    if (found === undefined) await unlink(path).catch(() => undefined);
    throw error;
  }
  return journal;
}

/** Finishes what a killed target began, and says so. */
async function recoverLoudly(options: ImageOptions, journal: Journal, image: ImageFile): Promise<void> {
  const state = await recover(journal, image);
  if (state === 'complete')
    options.report(`${options.file}: the last writes of a target that was killed were put in their places`);
  else if (state === 'torn')
    options.report(`${options.file}: a target was killed while it wrote its journal, which is not used`);
}

function put(store: Store, { offset, lengthBytes, bytes }: Chunk): void {
  if (bytes === 'zeros') {
    const failure = store.unmap(offset, lengthBytes);
    if (failure !== undefined) throw new Error(`the image cannot be loaded: ${failure.why}`);
    return;
  }
  const data = store.stage(lengthBytes);
  const failure =
    data === undefined
      ? { why: 'no memory for the image' }
      : (data.write(bytes, 0) ?? store.put(offset, data, 0, lengthBytes));
  data?.release();
  if (failure !== undefined) throw new Error(`the image cannot be loaded: ${failure.why}`);
}
