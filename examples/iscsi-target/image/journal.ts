/**
 * The journal beside an image: the new contents of changed blocks, written and synced before any of them
 * goes to the image. What has no right checksum at its end was cut off, and counts as if it was not there.
 *
 * A header of 16 bytes: a mark and the size of the image. Then records of 16 bytes, offset, length and kind,
 * each with its data; the last says how many there are and has a SHA-256 of everything before behind it.
 */
import { createHash } from 'node:crypto';
import type { Chunk } from '../store/changed-blocks.ts';
import type { ImageFile } from './file.ts';
import { isZeros } from './zeros.ts';

const MARK = Buffer.from('SGLJRNL1', 'latin1');
const HEADER_BYTES = 16;
const RECORD_BYTES = 16;
const DIGEST_BYTES = 32;
const DATA = 1;
const ZEROS = 2;
const END = 3;
/** Bytes collected before they are written. */
const PIECE_BYTES = 256 * 1024;
/** No record is longer: what says so is no record. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What is in a journal: `other` is a file that is none, `torn` one that ends early. */
export type JournalState = 'other' | 'empty' | 'torn' | 'complete';

function header(imageBytes: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MARK.copy(bytes);
  bytes.writeBigUInt64LE(BigInt(imageBytes), MARK.length);
  return bytes;
}

function record(offset: number, lengthBytes: number, kind: number): Buffer {
  const bytes = Buffer.alloc(RECORD_BYTES);
  bytes.writeBigUInt64LE(BigInt(offset));
  bytes.writeUInt32LE(lengthBytes, 8);
  bytes.writeUInt32LE(kind, 12);
  return bytes;
}

/** Bytes on their way to the end of a file, written in large pieces. */
class Appender {
  readonly #file: ImageFile;
  readonly #hash = createHash('sha256');
  #at: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(file: ImageFile, at: number) {
    this.#file = file;
    this.#at = at;
  }

  hash(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Uint8Array {
    return this.#hash.digest();
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= PIECE_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#bytes = 0;
    await this.#file.write(bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** A journal in an open file. */
export class Journal {
  readonly #file: ImageFile;
  readonly #imageBytes: number;

  constructor(file: ImageFile, imageBytes: number) {
    this.#file = file;
    this.#imageBytes = imageBytes;
  }

  /** What is in it. */
  async state(): Promise<JournalState> {
    const size = await this.#file.size();
    const bytes = Buffer.alloc(Math.min(size, HEADER_BYTES));
    await this.#file.read(bytes, 0);
    if (bytes.length < HEADER_BYTES || isZeros(bytes)) {
      // A header that was cut off, or whose bytes did not reach the medium.
      const mark = bytes.subarray(0, MARK.length);
      return isZeros(bytes) || mark.equals(MARK.subarray(0, mark.length)) ? 'empty' : 'other';
    }
    if (!bytes.subarray(0, MARK.length).equals(MARK)) return 'other';
    if (size === HEADER_BYTES) return 'empty';
    return (await this.#isComplete(bytes)) ? 'complete' : 'torn';
  }

  /** The size of the image it was made for. */
  async imageBytes(): Promise<number> {
    const bytes = Buffer.alloc(HEADER_BYTES);
    await this.#file.read(bytes, 0);
    return Number(bytes.readBigUInt64LE(MARK.length));
  }

  async #isComplete(head: Uint8Array): Promise<boolean> {
    const hash = createHash('sha256').update(head);
    const found = Buffer.alloc(RECORD_BYTES);
    let at = HEADER_BYTES;
    for (let records = 0; ; records += 1) {
      if ((await this.#file.read(found, at)) < RECORD_BYTES) return false;
      at += RECORD_BYTES;
      hash.update(found);
      const offset = found.readBigUInt64LE();
      const length = found.readUInt32LE(8);
      const kind = found.readUInt32LE(12);
      if (kind === END) {
        const digest = Buffer.alloc(DIGEST_BYTES);
        const whole = (await this.#file.read(digest, at)) === DIGEST_BYTES;
        return whole && offset === BigInt(records) && hash.digest().equals(digest);
      }
      if ((kind !== DATA && kind !== ZEROS) || length === 0 || length > MOST_BYTES) return false;
      if (kind === ZEROS) continue;
      const data = Buffer.alloc(length);
      if ((await this.#file.read(data, at)) < length) return false;
      hash.update(data);
      at += length;
    }
  }

  /** Makes it an empty journal for this image. */
  async begin(): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.write(header(this.#imageBytes), 0);
    await this.#file.sync();
  }

  /** Puts contents in place of what was there; they are complete, and on the medium, when this returns. */
  async write(chunks: Iterable<Chunk>): Promise<void> {
    const out = new Appender(this.#file, HEADER_BYTES);
    out.hash(header(this.#imageBytes));
    const append = async (bytes: Uint8Array): Promise<void> => {
      out.hash(bytes);
      await out.append(bytes);
    };
    let records = 0;
    for (const { offset, lengthBytes, bytes } of chunks) {
      await append(record(offset, lengthBytes, bytes === 'zeros' ? ZEROS : DATA));
      if (bytes !== 'zeros') await append(bytes);
      records += 1;
    }
    await append(record(records, 0, END));
    await out.append(out.digest());
    await out.flush();
    await this.#file.sync();
  }

  /** The contents of a complete journal. */
  async *chunks(): AsyncGenerator<Chunk> {
    const found = Buffer.alloc(RECORD_BYTES);
    for (let at = HEADER_BYTES; ;) {
      if ((await this.#file.read(found, at)) < RECORD_BYTES) throw new Error('the journal became shorter');
      at += RECORD_BYTES;
      const kind = found.readUInt32LE(12);
      if (kind === END) return;
      const offset = Number(found.readBigUInt64LE());
      const lengthBytes = found.readUInt32LE(8);
      if (kind === ZEROS) yield { offset, lengthBytes, bytes: 'zeros' };
      else {
        const bytes = Buffer.alloc(lengthBytes);
        if ((await this.#file.read(bytes, at)) < lengthBytes) throw new Error('the journal became shorter');
        at += lengthBytes;
        yield { offset, lengthBytes, bytes };
      }
    }
  }

  /** Puts the contents of a complete journal in their places in the image, and on its medium. Zeros over zeros are not written: holes stay. */
  async applyTo(image: ImageFile): Promise<void> {
    for await (const { offset, lengthBytes, bytes } of this.chunks()) {
      if (bytes !== 'zeros' && !isZeros(bytes)) {
        await image.write(bytes, offset);
        continue;
      }
      const before = new Uint8Array(lengthBytes);
      await image.read(before, offset);
      if (!isZeros(before)) await image.write(new Uint8Array(lengthBytes), offset);
    }
    await image.sync();
  }

  /** Forgets the contents. */
  async clear(): Promise<void> {
    await this.#file.truncate(HEADER_BYTES);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
