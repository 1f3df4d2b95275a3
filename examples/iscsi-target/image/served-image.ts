/** The file behind the disk. It is claimed and opened at the start, read into memory, and written back as the disk changes. */

import { stat, unlink } from 'node:fs/promises';
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
import { makeImage, pathOfNew, removeMade } from './make.ts';
import { examine, recover } from './recover.ts';
import type { Recovery } from './recover.ts';
import { WriteBack } from './write-back.ts';
import { isZeros } from './zeros.ts';

/** Changes are written back after this time at the latest, even if no initiator asks for it. */
const WRITE_BACK_MS = 5000;
const PIECE_BYTES = 256 * 1024;

/** How an image is served. */
export interface ImageOptions {
  readonly file: string;
  /** The size of the disk and of the file. A file that does not exist is made with this size. */
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** Whether a write succeeds only when its data are in the image. */
  readonly writeThrough: boolean;
  /** Called with each line that the person who started the target should read. */
  readonly report: (line: string) => void;
}

/** The path of the journal of an image. */
function journalPath(image: string): string {
  return `${image}.journal`;
}

/** An image in use. */
export class ServedImage {
  /** Undefined if the image is only read. */
  readonly cache: WriteBack | undefined;
  readonly #options: ImageOptions;
  readonly #image: ImageFile;
  /** If the image is only read: a complete journal, or undefined. */
  readonly #journal: Journal | undefined;
  readonly #path: string;
  readonly #changes: ChangedBlocks;
  readonly #claims: readonly Claim[];
  /** The file, if this process made it and has not served it yet. */
  #made: ImageInfo | undefined;
  #timer: NodeJS.Timeout | undefined = undefined;

  private constructor(
    options: ImageOptions,
    parts: {
      readonly path: string;
      readonly image: ImageFile;
      readonly journal: Journal | undefined;
      readonly claims: readonly Claim[];
      readonly made: ImageInfo | undefined;
    },
  ) {
    const { image, journal } = parts;
    this.#options = options;
    this.#path = parts.path;
    this.#image = image;
    this.#journal = journal;
    this.#claims = parts.claims;
    this.#made = parts.made;
    this.#changes = new ChangedBlocks(options.sizeBytes / BLOCK_BYTES);
    const report = (line: string): void => {
      options.report(`${options.file}: ${line}`);
    };
    this.cache =
      journal === undefined || options.readOnly
        ? undefined
        : new WriteBack({ changes: this.#changes, journal, image, report }, !options.writeThrough);
  }

  /**
   * Claims and opens an image, and finishes what a killed target began. If there is no file, one is made, and it is
   * removed again if a later step of the start fails.
   */
  static async open(options: ImageOptions): Promise<ServedImage> {
    const found = inspectImage(options.file);
    if (found === undefined && options.readOnly)
      throw new Refusal(`${options.file} does not exist, and --read-only makes no file`);
    if (found !== undefined) checkFits(options, found);
    const claims: Claim[] = [];
    const opened: { close(): Promise<void> }[] = [];
    let made: ImageInfo | undefined;
    let madeJournal: string | undefined;
    try {
      // The path of a new file is claimed first, so that no other target uses the file when it is removed.
      const path = found?.path ?? pathOfNew(options.file);
      await takeClaim(claims, options, path, `${path}.lock-`);
      if (found === undefined) made = await makeImage(options.file, options.sizeBytes);
      const info = found ?? made;
      if (info === undefined) throw new Error(`${options.file} was made and is gone`);
      // The file may have other paths, so it is claimed by its inode, too.
      const everyName = join(tmpdir(), `scatterlist-${String(info.device)}-${String(info.inode)}.lock-`);
      await takeClaim(claims, options, path, everyName);
      const image = await openFile(path, options.readOnly ? 'read' : 'write').catch((error: unknown) => {
        throw new Refusal(`${options.file} cannot be opened: ${messageOf(error)}`);
      });
      opened.push(image);
      const beside = await openJournal(options, info);
      if (beside === undefined)
        return new ServedImage(options, { path, image, journal: undefined, claims, made });
      const { journal, isNew } = beside;
      opened.push(journal);
      madeJournal = isNew ? journalPath(path) : undefined;
      const isMade = made !== undefined;
      const state = await recoverLoudly(options, { journal, image, path, isMade });
      if (!options.readOnly || state === 'complete')
        return new ServedImage(options, { path, image, journal, claims, made });
      await journal.close();
      return new ServedImage(options, { path, image, journal: undefined, claims, made });
    } catch (error) {
      for (const file of opened) await file.close();
      if (madeJournal !== undefined) await unlink(madeJournal).catch(() => undefined);
      if (made !== undefined) await removeMade(made);
      for (const won of claims) await won.release();
      throw error;
    }
  }

  /** The store of a session, whose changes are written back. */
  watch(store: Store): Store {
    return this.cache === undefined ? store : new WatchedStore(store, this.#changes);
  }

  /** Reads the file into the disk; pieces that are all zeros stay unmapped. Later changes of the disk are read through `store`. */
  async load(store: Store): Promise<void> {
    const piece = new Uint8Array(PIECE_BYTES);
    for (let offset = 0; offset < store.sizeBytes; offset += PIECE_BYTES) {
      const bytes = piece.subarray(0, Math.min(PIECE_BYTES, store.sizeBytes - offset));
      if ((await this.#image.read(bytes, offset)) < bytes.length)
        throw new Error(`${this.#options.file} became shorter while it was read`);
      if (!isZeros(bytes)) put(store, { offset, lengthBytes: bytes.length, bytes });
    }
    // What a killed target left is not written to a file that is only read.
    if (this.cache === undefined) {
      for await (const entry of this.#journal?.entries() ?? []) put(store, entry);
    }
    this.cache?.readFrom(store);
  }

  /** Begins to write back from time to time, when the target listens. From now on, `close` does not remove a file that was made. */
  start(): void {
    this.#made = undefined;
    this.#timer = setInterval(() => void this.cache?.flush(), WRITE_BACK_MS);
    this.#timer.unref();
  }

  /** Writes everything back and closes the file, and removes one that was made and never served. Returns whether all changes are in the file. */
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
    if (this.#made !== undefined) await removeMade(this.#made);
    for (const won of this.#claims) await won.release();
    return failure === undefined;
  }
}

function checkFits({ file, sizeBytes, readOnly }: ImageOptions, info: ImageInfo): void {
  if (info.sizeBytes !== sizeBytes)
    throw new Refusal(
      `${file} has ${String(info.sizeBytes)} bytes now and had ${String(sizeBytes)} a moment ago`,
    );
  if (!readOnly && (info.mode & 0o222) === 0)
    throw new Refusal(
      `${file} may not be written (its mode is ${info.mode.toString(8).padStart(4, '0')}): use --read-only`,
    );
}

function owner({ host, pid }: Owner): string {
  return `process ${String(pid)} on ${host}`;
}

/** Claims the image, whose claims begin with `prefix`, and adds the claim to `claims`. */
async function takeClaim(
  claims: Claim[],
  { file, readOnly }: ImageOptions,
  path: string,
  prefix: string,
): Promise<void> {
  // It may be impossible to make a file beside one that is only read, and the second claim only gives more safety.
  const isOptional = readOnly || claims.length > 0;
  const won = await claim(prefix, {
    mode: readOnly ? 'read' : 'write',
    note: path,
    onDead: (served) => refuseForeignJournal(file, path, served),
  }).catch((error: unknown) => {
    if (error instanceof Refusal) throw error;
    if (isOptional) return undefined;
    throw new Refusal(`${file} cannot be locked: ${messageOf(error)}`);
  });
  if (won === undefined) return;
  if ('heldBy' in won)
    throw new Refusal(`${file} is in use by ${owner(won.heldBy)} (a file whose name begins with ${prefix})`);
  claims.push(won);
}

/** Refuses a file that a killed target served by another name, as long as there is a journal beside that name. */
async function refuseForeignJournal(file: string, path: string, served: string): Promise<void> {
  if (served === path) return;
  const found = await stat(journalPath(served)).catch(() => undefined);
  if (found !== undefined)
    throw new Refusal(
      `${file} was served as ${served} by a target that was killed, and ${journalPath(served)} is still there: start it by that name once`,
    );
}

interface OpenedJournal {
  readonly journal: Journal;
  /** Whether this start made its file. */
  readonly isNew: boolean;
}

/** Opens or makes the journal; returns undefined if the file is only read and has none. */
async function openJournal(options: ImageOptions, info: ImageInfo): Promise<OpenedJournal | undefined> {
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
  const journal = new Journal(file, info);
  if (found !== undefined) return { journal, isNew: false };
  try {
    await journal.begin();
    await syncDirectoryOf(path);
  } catch (error) {
    await journal.close();
    await unlink(path).catch(() => undefined);
    throw new Refusal(`${path} cannot be written: ${messageOf(error)}`);
  }
  return { journal, isNew: true };
}

/** Finishes what a killed target began, and reports it. If the file is only read, the journal is only checked. Returns what was in the journal. */
async function recoverLoudly(
  options: ImageOptions,
  parts: {
    readonly journal: Journal;
    readonly image: ImageFile;
    readonly path: string;
    readonly isMade: boolean;
  },
): Promise<Recovery> {
  const { journal, image, path, isMade } = parts;
  const journalName = journalPath(path);
  if (isMade && (await journal.state()) === 'complete')
    throw new Refusal(
      `${journalName} was written for a file that is gone, and ${options.file} would be made new: put that file back, or move the journal away`,
    );
  const found = { journal, image, journalName, imageName: options.file };
  if (options.readOnly) return examine(found);
  const state = await recover(found);
  if (state === 'complete')
    options.report(`${options.file}: the last writes of a target that was killed were put in their places`);
  else if (state === 'torn')
    options.report(`${options.file}: a target was killed while it wrote its journal, which is not used`);
  return state;
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
