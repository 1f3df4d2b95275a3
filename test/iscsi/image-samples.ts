/** Images of a few blocks, and journals beside them, for the specs of journals. */
import { createHash } from 'node:crypto';
import { expect } from 'chai';
import type { PresentIdentity } from '../../examples/iscsi-target/image/inspect.ts';
import { Journal } from '../../examples/iscsi-target/image/journal.ts';
import type { Chunk } from '../../examples/iscsi-target/store/changed-blocks.ts';
import { BLOCK_BYTES } from '../../examples/iscsi-target/store/store.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';

const BLOCKS = 16;
export const IDENTITY: PresentIdentity = {
  sizeBytes: BLOCKS * BLOCK_BYTES,
  device: 65024n,
  inode: 4243567n,
  birthtimeNs: 1_795_889_169_069_426_706n,
  changedNs: 1_795_889_169_121_426_704n,
};

/** Blocks that are all the same byte. */
export function blocks(count: number, value: number): Uint8Array {
  return new Uint8Array(count * BLOCK_BYTES).fill(value);
}

/** An image whose first half has data and whose second half is zeros. */
export function sampleImage(): Uint8Array {
  const image = blocks(BLOCKS, 0);
  for (let block = 0; block < BLOCKS / 2; block += 1)
    image.fill(block + 1, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
  return image;
}

/** Data over data, data over zeros, zeros over data, zeros over zeros. */
export const SAMPLE: readonly Chunk[] = [
  { offset: BLOCK_BYTES, lengthBytes: 2 * BLOCK_BYTES, bytes: blocks(2, 0xa1) },
  { offset: 9 * BLOCK_BYTES, lengthBytes: BLOCK_BYTES, bytes: blocks(1, 0xa2) },
  { offset: 4 * BLOCK_BYTES, lengthBytes: 2 * BLOCK_BYTES, bytes: 'zeros' },
  { offset: 12 * BLOCK_BYTES, lengthBytes: BLOCK_BYTES, bytes: 'zeros' },
];

/** The image with the sample in its place. */
export function changedImage(): Uint8Array {
  const image = sampleImage();
  for (const { offset, lengthBytes, bytes } of SAMPLE)
    image.set(bytes === 'zeros' ? new Uint8Array(lengthBytes) : bytes, offset);
  return image;
}

/** The bytes of a complete journal with the sample. */
export async function sampleJournal(identity = IDENTITY, chunks = SAMPLE): Promise<Uint8Array> {
  const disk = new ForgetfulDisk(new Map([['image', sampleImage()]]));
  const journal = new Journal(disk.open('journal'), identity);
  await journal.begin();
  await journal.write(chunks, disk.open('image'));
  expect(await journal.state()).to.equal('complete');
  return disk.contents('journal');
}

/** The bytes of a complete journal with block 1, as the first version of the format has them. */
export function oldFormatJournal(sizeBytes: number): Uint8Array {
  const numbers = Buffer.alloc(40);
  numbers.writeBigUInt64LE(BigInt(sizeBytes));
  numbers.writeBigUInt64LE(BigInt(BLOCK_BYTES), 8);
  numbers.writeUInt32LE(BLOCK_BYTES, 16);
  numbers.writeUInt32LE(1, 20);
  numbers.writeBigUInt64LE(1n, 24);
  numbers.writeUInt32LE(3, 36);
  const before = Buffer.concat([
    Buffer.from('SGLJRNL1', 'latin1'),
    numbers.subarray(0, 24),
    blocks(1, 0xa1),
    numbers.subarray(24),
  ]);
  return Buffer.concat([before, createHash('sha256').update(before).digest()]);
}
