import { expect } from 'chai';
import { Journal } from '../../examples/iscsi-target/image/journal.ts';
import type { JournalState } from '../../examples/iscsi-target/image/journal.ts';
import { BLOCK_BYTES } from '../../examples/iscsi-target/store/store.ts';
import { after, ForgetfulDisk } from './forgetful-disk.ts';
import { blocks, IDENTITY, oldFormatJournal, SAMPLE, sampleImage, sampleJournal } from './image-samples.ts';

const HEADER_BYTES = 48;
const SEAL_AT = 40;

function open(bytes: Uint8Array): Journal {
  return new Journal(new ForgetfulDisk(new Map([['journal', bytes]])).open('journal'), IDENTITY);
}

async function stateOf(bytes: Uint8Array): Promise<JournalState> {
  return open(bytes).state();
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const changed = bytes.slice();
  changed[at] = value;
  return changed;
}

describe('a journal', () => {
  it('has the new contents and those that the image had, and the identity of the image', async () => {
    const journal = open(await sampleJournal());
    const entries: unknown[] = [];
    for await (const { offset, lengthBytes, bytes, old } of journal.entries())
      entries.push({
        offset: offset / BLOCK_BYTES,
        count: lengthBytes / BLOCK_BYTES,
        bytes: bytes === 'zeros' ? bytes : bytes[0],
        old: old === 'zeros' ? old : [old[0], old.at(-1)],
      });
    expect(entries).to.deep.equal([
      { offset: 1, count: 2, bytes: 0xa1, old: [2, 3] },
      { offset: 9, count: 1, bytes: 0xa2, old: 'zeros' },
      { offset: 4, count: 2, bytes: 'zeros', old: [5, 6] },
      { offset: 12, count: 1, bytes: 'zeros', old: 'zeros' },
    ]);
    const { sizeBytes, device, inode, birthtimeNs } = IDENTITY;
    expect(await journal.imageFound()).to.deep.equal({ sizeBytes, device, inode, birthtimeNs });
  });

  it('does not record a time of birth that is the time of the last change', async () => {
    const journal = open(await sampleJournal({ ...IDENTITY, changedNs: IDENTITY.birthtimeNs }));
    expect((await journal.imageFound()).birthtimeNs).to.equal(0n);
  });

  it('is empty where its header was cut off or did not reach the medium, and other where it is something else', async () => {
    const header = (await sampleJournal()).subarray(0, HEADER_BYTES);
    for (let size = 0; size <= HEADER_BYTES; size += 1) {
      expect(await stateOf(header.subarray(0, size)), String(size)).to.equal('empty');
      expect(await stateOf(new Uint8Array(size)), String(size)).to.equal('empty');
    }
    for (const size of [1, 8, HEADER_BYTES, 1000])
      expect(await stateOf(new Uint8Array(size).fill(0x41)), String(size)).to.equal('other');
    expect(await stateOf(new Uint8Array(HEADER_BYTES + 1))).to.equal('other');
    expect(await stateOf(withByte(await sampleJournal(), 7, 0x33))).to.equal('other');
  });

  it('that was cut off at any byte is torn before it has its seal, and damaged with it', async () => {
    const sealed = await sampleJournal();
    const unsealed = withByte(sealed, SEAL_AT, 0);
    expect(await stateOf(unsealed)).to.equal('complete');
    for (let size = HEADER_BYTES + 1; size < sealed.length; size += 1) {
      expect(await stateOf(unsealed.subarray(0, size)), String(size)).to.equal('torn');
      expect(await stateOf(sealed.subarray(0, size)), String(size)).to.equal('damaged');
    }
  });

  it('is damaged where any byte of it was changed', async () => {
    const sealed = await sampleJournal();
    for (let at = 8; at < sealed.length; at += 1) {
      if (at >= SEAL_AT && at < HEADER_BYTES) continue;
      expect(await stateOf(withByte(sealed, at, (sealed[at] ?? 0) ^ 0x10)), String(at)).to.equal('damaged');
    }
  });

  it('of the old format is old where it is complete, torn where it is not, and empty where it has only a header', async () => {
    const old = oldFormatJournal(IDENTITY.sizeBytes);
    expect(await stateOf(old)).to.equal('old');
    for (let size = 0; size < old.length; size += 1)
      expect(await stateOf(old.subarray(0, size)), String(size)).to.equal(size <= 16 ? 'empty' : 'torn');
    expect(await stateOf(withByte(old, 40, 0x99))).to.equal('torn');
  });

  it('loses its seal on the medium before the next contents are written', async () => {
    const disk = new ForgetfulDisk(new Map([['image', sampleImage()]]));
    const journal = new Journal(disk.open('journal'), IDENTITY);
    await journal.begin();
    for (let round = 0; round < 3; round += 1) {
      const from = disk.events.length;
      await journal.write(SAMPLE, disk.open('image'));
      const first = disk.events.findIndex(
        (event, i) => i >= from && event.kind === 'write' && event.at === HEADER_BYTES,
      );
      const before = after(disk.start, disk.events.slice(0, first)).get('journal');
      expect(before).to.have.length(HEADER_BYTES);
      expect(before?.[SEAL_AT], 'the seal').to.equal(0);
      expect(disk.events[first - 1]?.kind).to.equal('sync');
      // A journal is synced before it has its seal.
      expect(disk.events.slice(-2).map(({ kind }) => kind)).to.deep.equal(['sync', 'write']);
      expect(disk.contents('journal')[SEAL_AT]).to.equal(1);
      await journal.clear();
    }
  });

  it('is not written where the image is too short for what it had', async () => {
    const disk = new ForgetfulDisk(new Map([['image', blocks(2, 1)]]));
    const journal = new Journal(disk.open('journal'), IDENTITY);
    await journal.begin();
    const error: unknown = await journal.write(SAMPLE, disk.open('image')).catch((reason: unknown) => reason);
    expect(String(error)).to.match(/became shorter/);
    expect(await journal.state()).to.equal('empty');
  });
});
