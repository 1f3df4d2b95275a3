/**
 * The journal beside an image: the new contents of changed blocks, written and synced before any of them goes to the
 * image, together with their contents in the image before. A journal that was cut off while it was written has no right
 * checksum at its end and is not used.
 *
 * The header is a mark, the size, device, inode and time of birth of the image, and a seal: eight bytes each. The
 * records follow: 16 bytes with offset, length and kind, then the new bytes, then the old bytes. Bytes that are all 0
 * are left out. The last record has the number of the others, and a SHA-256 of everything before it follows.
 *
 * The seal is set when a complete journal is on the medium, before the image is touched, and removed before the next
 * one is begun. So a journal with a seal and a wrong checksum was damaged later, and the image may have a part of it.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Chunk } from '../store/changed-blocks.ts';
import type { ImageFile } from './file.ts';
import type { ImageIdentity, PresentIdentity } from './inspect.ts';
import { isZeros } from './zeros.ts';

const MARK = Buffer.from('SGLJRNL2', 'latin1');
/** The mark of journals of the old format. They have no old contents, and their header has only a mark and a size. */
const OLD_MARK = Buffer.from('SGLJRNL1', 'latin1');
const OLD_HEADER_BYTES = 16;
const SEAL_AT = 40;
const HEADER_BYTES = 48;
const RECORD_BYTES = 16;
const DIGEST_BYTES = 32;
const DATA = 1;
const ZEROS = 2;
const END = 3;
/** Added to the kind of a record whose old bytes are not all 0. */
const HAS_OLD = 0x100;
/** Bytes collected before they are written. */
const PIECE_BYTES = 256 * 1024;
/** No record is longer. What looks like a longer record is damaged. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * What is in a journal: `other` is a file that is not a journal, `old` a complete one of the old format, `torn` one that
 * was cut off while it was written, `damaged` one that was complete before.
 */
export type JournalState = 'other' | 'old' | 'empty' | 'torn' | 'damaged' | 'complete';

/** New contents for a range of the image, and the contents that the range had. */
export interface JournalEntry extends Chunk {
  readonly old: Uint8Array | 'zeros';
}

interface FoundRecord extends JournalEntry {
  readonly kind: number;
  /** Where the next record begins. */
  readonly next: number;
}

function header({ sizeBytes, device, inode, birthtimeNs, changedNs }: PresentIdentity): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MARK.copy(bytes);
  // A time of birth that is really the time of the last change is different after the next change.
  const born = birthtimeNs === changedNs ? 0n : birthtimeNs;
  [BigInt(sizeBytes), device, inode, born].forEach((value, i) => {
    bytes.writeBigUInt64LE(BigInt.asUintN(64, value), MARK.length + i * 8);
  });
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
  readonly #pieceBytes: number;
  #at: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(file: ImageFile, at: number, pieceBytes: number) {
    this.#file = file;
    this.#at = at;
    this.#pieceBytes = pieceBytes;
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
    if (this.#bytes >= this.#pieceBytes) await this.flush();
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
  /** The image that it is for. */
  readonly image: PresentIdentity;
  readonly #file: ImageFile;
  readonly #pieceBytes: number;
  #isSealed = false;

  constructor(file: ImageFile, image: PresentIdentity, pieceBytes = PIECE_BYTES) {
    this.#file = file;
    this.image = image;
    this.#pieceBytes = pieceBytes;
  }

  sizeBytes(): Promise<number> {
    return this.#file.size();
  }

  /** What is in the file. */
  async state(): Promise<JournalState> {
    const size = await this.#file.size();
    const bytes = Buffer.alloc(Math.min(size, HEADER_BYTES));
    await this.#file.read(bytes, 0);
    const mark = bytes.subarray(0, MARK.length);
    // A header that was cut off, or whose bytes did not reach the medium.
    if (size <= HEADER_BYTES && (isZeros(bytes) || mark.equals(MARK.subarray(0, size)))) return 'empty';
    if (mark.equals(OLD_MARK)) {
      if (size <= OLD_HEADER_BYTES) return 'empty';
      return (await this.#isComplete(bytes.subarray(0, OLD_HEADER_BYTES), OLD_HEADER_BYTES)) ? 'old' : 'torn';
    }
    if (!mark.equals(MARK)) return 'other';
    if (await this.#isComplete(bytes.subarray(0, SEAL_AT), HEADER_BYTES)) return 'complete';
    return isZeros(bytes.subarray(SEAL_AT)) ? 'torn' : 'damaged';
  }

  /** The image that a complete journal was written for. */
  async imageFound(): Promise<ImageIdentity> {
    const bytes = Buffer.alloc(HEADER_BYTES);
    await this.#file.read(bytes, 0);
    const [size = 0n, device = 0n, inode = 0n, birthtimeNs = 0n] = [0, 1, 2, 3].map((i) =>
      bytes.readBigUInt64LE(MARK.length + i * 8),
    );
    return { sizeBytes: Number(size), device, inode, birthtimeNs };
  }

  /** Reads the record at `at`; undefined where there is none. */
  async #recordAt(at: number, hash?: Hash): Promise<FoundRecord | undefined> {
    const head = Buffer.alloc(RECORD_BYTES);
    if ((await this.#file.read(head, at)) < RECORD_BYTES) return undefined;
    hash?.update(head);
    const offset = Number(head.readBigUInt64LE());
    const lengthBytes = head.readUInt32LE(8);
    const kind = head.readUInt32LE(12);
    const next = at + RECORD_BYTES;
    if (kind === END) return { offset, lengthBytes, kind, next, bytes: 'zeros', old: 'zeros' };
    const hasOld = (kind & HAS_OLD) !== 0;
    const newKind = hasOld ? kind - HAS_OLD : kind;
    if ((newKind !== DATA && newKind !== ZEROS) || lengthBytes === 0 || lengthBytes > MOST_BYTES)
      return undefined;
    const newBytes = newKind === DATA ? lengthBytes : 0;
    const data = Buffer.alloc(newBytes + (hasOld ? lengthBytes : 0));
    if ((await this.#file.read(data, next)) < data.length) return undefined;
    hash?.update(data);
    const bytes = newBytes > 0 ? data.subarray(0, newBytes) : 'zeros';
    const old = hasOld ? data.subarray(newBytes) : 'zeros';
    return { offset, lengthBytes, kind, next: next + data.length, bytes, old };
  }

  async #isComplete(head: Uint8Array, start: number): Promise<boolean> {
    const hash = createHash('sha256').update(head);
    for (let at = start, records = 0; ; records += 1) {
      const found = await this.#recordAt(at, hash);
      if (found === undefined) return false;
      at = found.next;
      if (found.kind !== END) continue;
      const digest = Buffer.alloc(DIGEST_BYTES);
      const whole = (await this.#file.read(digest, at)) === DIGEST_BYTES;
      return whole && found.offset === records && hash.digest().equals(digest);
    }
  }

  /** Makes the file an empty journal for this image. */
  async begin(): Promise<void> {
    await this.#file.truncate(0);
    await this.#file.write(header(this.image), 0);
    await this.#file.sync();
    this.#isSealed = false;
  }

  /**
   * Puts new contents in place of what was there. When this returns they are complete and on the medium. The image is
   * read for the old contents, and must have all of what was written before.
   */
  async write(chunks: Iterable<Chunk>, image: ImageFile): Promise<void> {
    if (this.#isSealed) await this.#unseal();
    const out = new Appender(this.#file, HEADER_BYTES, this.#pieceBytes);
    out.hash(header(this.image).subarray(0, SEAL_AT));
    const append = async (bytes: Uint8Array): Promise<void> => {
      out.hash(bytes);
      await out.append(bytes);
    };
    let records = 0;
    for (const { offset, lengthBytes, bytes } of chunks) {
      const old = new Uint8Array(lengthBytes);
      if ((await image.read(old, offset)) < lengthBytes) throw new Error('the image became shorter');
      const hasOld = !isZeros(old);
      const kind = bytes === 'zeros' ? ZEROS : DATA;
      await append(record(offset, lengthBytes, hasOld ? kind + HAS_OLD : kind));
      if (bytes !== 'zeros') await append(bytes);
      if (hasOld) await append(old);
      records += 1;
    }
    await append(record(records, 0, END));
    await out.append(out.digest());
    await out.flush();
    await this.#file.sync();
    this.#isSealed = true;
    await this.#file.write(Uint8Array.of(1), SEAL_AT);
  }

  /** Without the sync, a loss of power could leave the seal above a part of the next journal. */
  async #unseal(): Promise<void> {
    await this.#file.write(Uint8Array.of(0), SEAL_AT);
    await this.clear();
    await this.#file.sync();
    this.#isSealed = false;
  }

  /** The contents of a complete journal. */
  async *entries(): AsyncGenerator<JournalEntry> {
    for (let at = HEADER_BYTES; ;) {
      const found = await this.#recordAt(at);
      if (found === undefined) throw new Error('the journal became shorter');
      if (found.kind === END) return;
      yield found;
      at = found.next;
    }
  }

  /** Puts the contents of a complete journal in their places in the image, and on its medium. Zeros over zeros are not written: holes stay. */
  async applyTo(image: ImageFile): Promise<void> {
    for await (const { offset, lengthBytes, bytes } of this.entries()) {
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
