import { expect } from 'chai';
import type { PresentIdentity } from '../../examples/iscsi-target/image/inspect.ts';
import { Journal } from '../../examples/iscsi-target/image/journal.ts';
import { examine, recover } from '../../examples/iscsi-target/image/recover.ts';
import { Refusal } from '../../examples/iscsi-target/refusal.ts';
import { BLOCK_BYTES } from '../../examples/iscsi-target/store/store.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';
import {
  blocks,
  changedImage,
  IDENTITY,
  oldFormatJournal,
  SAMPLE,
  sampleImage,
  sampleJournal,
} from './image-samples.ts';

interface Outcome {
  readonly disk: ForgetfulDisk;
  readonly ended: string;
}

/** Starts on a journal and an image; tells what was in the journal, or why it was refused. */
async function start(
  journalBytes: Uint8Array,
  imageBytes: Uint8Array,
  identity: PresentIdentity = IDENTITY,
  how = recover,
): Promise<Outcome> {
  const disk = new ForgetfulDisk(
    new Map([
      ['journal', journalBytes],
      ['image', imageBytes],
    ]),
  );
  const journal = new Journal(disk.open('journal'), identity);
  const names = { journalName: 'd.journal', imageName: 'd' };
  const ended = await how({ journal, image: disk.open('image'), ...names }).catch((error: unknown) => {
    expect(error).to.be.instanceOf(Refusal);
    return error instanceof Refusal ? error.message : '';
  });
  return { disk, ended };
}

/** Expects one line with the reason, from a start and from a start that only reads, and nothing written. */
async function expectRefused(
  reason: RegExp,
  journalBytes: Uint8Array,
  imageBytes: Uint8Array,
  identity: PresentIdentity = IDENTITY,
): Promise<void> {
  for (const how of [recover, examine]) {
    const { disk, ended } = await start(journalBytes, imageBytes, identity, how);
    expect(ended).to.match(reason).and.not.include('\n');
    expect(disk.operations).to.equal(0);
  }
}

describe('recovering an image', () => {
  it('puts the journal in its place where every block is old, new, or a write that was cut off', async () => {
    const journal = await sampleJournal();
    const [old, changed] = [sampleImage(), changedImage()];
    for (const step of [0, 1, 100, 511, 512, 513, 1200, 2500, 5000, 8192]) {
      const image = Uint8Array.from(old, (byte, i) => (i < step ? (changed[i] ?? 0) : byte));
      const read = await start(journal, image, IDENTITY, examine);
      expect(read.ended).to.equal('complete');
      expect(read.disk.operations).to.equal(0);
      const { disk, ended } = await start(journal, image);
      expect(ended).to.equal('complete');
      expect(disk.contents('image'), String(step)).to.deep.equal(changed);
      expect(await new Journal(disk.open('journal'), IDENTITY).state()).to.equal('empty');
    }
  });

  it('refuses, before it writes, where any block of the journal has other contents in the image', async () => {
    const journal = await sampleJournal();
    for (const image of [sampleImage(), changedImage()]) {
      for (const block of [1, 2, 9, 4, 5, 12])
        for (const byte of [0, 200, 511]) {
          const other = image.slice();
          other[block * BLOCK_BYTES + byte] = 0x77;
          const reason = new RegExp(`1 of the 6 blocks .* first of them block ${String(block)},`);
          await expectRefused(reason, journal, other);
        }
      await expectRefused(/6 of the 6 blocks .* block 1,/, journal, blocks(16, 0x77));
      // Blocks that the journal does not have may be anything.
      const beside = image
        .slice()
        .fill(0x77, 0, BLOCK_BYTES)
        .fill(0x77, 15 * BLOCK_BYTES);
      expect((await start(journal, beside)).ended).to.equal('complete');
    }
  });

  it('refuses a journal of another image, and says what can be done', async () => {
    const journal = await sampleJournal();
    const image = sampleImage();
    const copied =
      /written for another file \(inode 4243567 .*\) than d \(inode 5 .*\).*move the journal away/;
    await expectRefused(copied, journal, image, { ...IDENTITY, inode: 5n });
    await expectRefused(/made at 1795889169069426706 ns\).*made at 6 ns/, journal, image, {
      ...IDENTITY,
      birthtimeNs: 6n,
    });
    await expectRefused(/for a file of 8192 bytes, and d has 4096/, journal, image, {
      ...IDENTITY,
      sizeBytes: 4096,
    });
  });

  it('compares the device where there is no time of birth, and no time of birth where one of them has none', async () => {
    const unborn = { ...IDENTITY, birthtimeNs: 0n };
    for (const [was, is] of [
      [unborn, IDENTITY],
      [IDENTITY, unborn],
      [unborn, unborn],
    ] as const) {
      const journal = await sampleJournal(was);
      expect((await start(journal, sampleImage(), is)).ended).to.equal('complete');
      await expectRefused(/another file/, journal, sampleImage(), { ...is, device: 7n });
      await expectRefused(/another file/, journal, sampleImage(), { ...is, inode: 7n });
    }
    // A device may have another number after the system was started again.
    const moved = { ...IDENTITY, device: 7n };
    expect((await start(await sampleJournal(), sampleImage(), moved)).ended).to.equal('complete');
  });

  it('refuses a journal that is damaged, of the old format, or no journal at all', async () => {
    const journal = await sampleJournal();
    await expectRefused(/\(\d+ bytes\) was complete and is damaged/, journal.subarray(0, -1), sampleImage());
    const damaged = journal.slice().fill(0x99, 100, 101);
    await expectRefused(
      new RegExp(`\\(${String(journal.length)} bytes\\) was complete`),
      damaged,
      changedImage(),
    );
    const old = oldFormatJournal(IDENTITY.sizeBytes);
    await expectRefused(
      /\(592 bytes\) is complete, and in the format of an older version/,
      old,
      sampleImage(),
    );
    await expectRefused(/no journal of d/, blocks(1, 0x41), sampleImage());
  });

  it('refuses a record that is not of whole blocks inside the image', async () => {
    for (const offset of [15 * BLOCK_BYTES, 100]) {
      const disk = new ForgetfulDisk(new Map([['image', blocks(32, 1)]]));
      const made = new Journal(disk.open('journal'), IDENTITY);
      await made.begin();
      await made.write([{ offset, lengthBytes: 2 * BLOCK_BYTES, bytes: blocks(2, 2) }], disk.open('image'));
      const reason = new RegExp(`1024 bytes for offset ${String(offset)} of d, which has 8192`);
      await expectRefused(reason, disk.contents('journal'), sampleImage());
    }
  });

  it('discards what was cut off while it was written, for whichever image', async () => {
    const journal = await sampleJournal();
    journal[40] = 0;
    const old = oldFormatJournal(IDENTITY.sizeBytes);
    for (const identity of [IDENTITY, { ...IDENTITY, inode: 5n }])
      for (const [bytes, state] of [
        [journal.subarray(0, 300), 'torn'],
        [journal.subarray(0, 20), 'empty'],
        [old.subarray(0, 300), 'torn'],
        [old.subarray(0, 16), 'empty'],
      ] as const) {
        const read = await start(bytes, sampleImage(), identity, examine);
        expect([read.ended, read.disk.operations]).to.deep.equal([state, 0]);
        const { disk, ended } = await start(bytes, sampleImage(), identity);
        expect(ended).to.equal(state);
        expect(disk.contents('image')).to.deep.equal(sampleImage());
        const next = new Journal(disk.open('journal'), identity);
        await next.write(SAMPLE, disk.open('image'));
        expect(await next.state()).to.equal('complete');
      }
  });
});
