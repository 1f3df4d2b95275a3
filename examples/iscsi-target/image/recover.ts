/** Uses the journal that a killed target left. A complete one that fits the image is applied, one that was cut off is discarded. */
import { Refusal } from '../refusal.ts';
import { BLOCK_BYTES } from '../store/store.ts';
import type { ImageFile } from './file.ts';
import type { ImageIdentity } from './inspect.ts';
import type { Journal, JournalEntry } from './journal.ts';

/** A journal and the image beside it, as messages name them. */
export interface Found {
  readonly journal: Journal;
  readonly image: ImageFile;
  readonly journalName: string;
  readonly imageName: string;
}

/** What was in a journal that need not be refused. */
export type Recovery = 'empty' | 'torn' | 'complete';

/**
 * Whether two descriptions are of one file. Devices get other numbers when a system starts again, so they are compared
 * only where there is no time of birth.
 */
function isSameFile(one: ImageIdentity, other: ImageIdentity): boolean {
  if (one.inode !== other.inode) return false;
  if (one.birthtimeNs !== 0n && other.birthtimeNs !== 0n) return one.birthtimeNs === other.birthtimeNs;
  return one.device === other.device;
}

function describe({ device, inode, birthtimeNs }: ImageIdentity): string {
  const born = birthtimeNs === 0n ? '' : `, made at ${String(birthtimeNs)} ns`;
  return `inode ${String(inode)} on device ${String(device)}${born}`;
}

function checkIdentity(was: ImageIdentity, { journal, journalName, imageName }: Found): void {
  const is = journal.image;
  if (was.sizeBytes !== is.sizeBytes)
    throw new Refusal(
      `${journalName} was written for a file of ${String(was.sizeBytes)} bytes, and ${imageName} has ${String(is.sizeBytes)}: put that file back, or move the journal away`,
    );
  if (!isSameFile(was, is))
    throw new Refusal(
      `${journalName} was written for another file (${describe(was)}) than ${imageName} (${describe(is)}), which is a copy or took its place: move that file back to this name, or move the journal away to serve this one without it`,
    );
}

/** Whether a block of the image can be a mixture of its old and its new contents. */
function fits(block: Uint8Array, old: Uint8Array, bytes: Uint8Array): boolean {
  if (Buffer.compare(block, old) === 0 || Buffer.compare(block, bytes) === 0) return true;
  // A write that was cut off inside the block.
  return block.every((byte, i) => byte === old[i] || byte === bytes[i]);
}

/** The blocks of an entry that are neither old nor new in the image. */
async function misfitsOf(
  { offset, lengthBytes, bytes, old }: JournalEntry,
  image: ImageFile,
): Promise<number[]> {
  const found = new Uint8Array(lengthBytes);
  await image.read(found, offset);
  const zeros = new Uint8Array(lengthBytes);
  const misfits: number[] = [];
  for (let at = 0; at < lengthBytes; at += BLOCK_BYTES) {
    const [block, before, after] = [
      found,
      old === 'zeros' ? zeros : old,
      bytes === 'zeros' ? zeros : bytes,
    ].map((all) => all.subarray(at, at + BLOCK_BYTES));
    if (block && before && after && !fits(block, before, after)) misfits.push((offset + at) / BLOCK_BYTES);
  }
  return misfits;
}

async function checkBlocks(found: Found): Promise<void> {
  const { journal, image, journalName, imageName } = found;
  const misfits: number[] = [];
  let blocks = 0;
  for await (const entry of journal.entries()) {
    const { offset, lengthBytes } = entry;
    if (
      offset % BLOCK_BYTES !== 0 ||
      lengthBytes % BLOCK_BYTES !== 0 ||
      offset + lengthBytes > journal.image.sizeBytes
    )
      throw new Refusal(
        `${journalName} has ${String(lengthBytes)} bytes for offset ${String(offset)} of ${imageName}, which has ${String(journal.image.sizeBytes)} bytes in blocks of ${String(BLOCK_BYTES)}: move the journal away`,
      );
    blocks += lengthBytes / BLOCK_BYTES;
    misfits.push(...(await misfitsOf(entry, image)));
  }
  const [first] = misfits;
  if (first !== undefined)
    throw new Refusal(
      `${imageName} was changed after ${journalName} was written: ${String(misfits.length)} of the ${String(blocks)} blocks in the journal, the first of them block ${String(first)}, have neither their old nor their new contents: put the image back as it was, or move the journal away to serve it without`,
    );
}

/** Checks the whole journal against the image and writes to neither. Throws `Refusal` where the journal must not be used. */
export async function examine(found: Found): Promise<Recovery> {
  const { journal, journalName, imageName } = found;
  const state = await journal.state();
  const size = state === 'damaged' || state === 'old' ? String(await journal.sizeBytes()) : '';
  if (state === 'other') throw new Refusal(`${journalName} is no journal of ${imageName}: move it away`);
  if (state === 'old')
    throw new Refusal(
      `${journalName} (${size} bytes) is complete, and in the format of an older version, which cannot be checked against ${imageName}: let that version finish it, or move the journal away to serve the image without it`,
    );
  if (state === 'damaged')
    throw new Refusal(
      `${journalName} (${size} bytes) was complete and is damaged, and ${imageName} may have a part of it: put the journal back as it was, or move it away to serve the image as it is`,
    );
  if (state !== 'complete') return state;
  checkIdentity(await journal.imageFound(), found);
  await checkBlocks(found);
  return state;
}

/** Brings the image up to date and empties the journal; returns what was in it. Throws `Refusal` before the first write. */
export async function recover(found: Found): Promise<Recovery> {
  const state = await examine(found);
  if (state === 'complete') await found.journal.applyTo(found.image);
  await found.journal.begin();
  return state;
}
