import { expect } from 'chai';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claim } from '../../examples/iscsi-target/image/claim.ts';
import { openFile } from '../../examples/iscsi-target/image/file.ts';
import { inspectImage } from '../../examples/iscsi-target/image/inspect.ts';
import { Journal } from '../../examples/iscsi-target/image/journal.ts';
import { ServedImage } from '../../examples/iscsi-target/image/served-image.ts';
import { parseOptions } from '../../examples/iscsi-target/options.ts';
import { Refusal } from '../../examples/iscsi-target/refusal.ts';
import { BLOCK_BYTES } from '../../examples/iscsi-target/store/store.ts';
import { PlainStore } from '../../examples/iscsi-target/store/plain-store.ts';
import { blocks, oldFormatJournal } from './image-samples.ts';

describe('a file that is served', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'served-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function file(name: string, bytes: number): string {
    const path = join(directory, name);
    writeFileSync(path, new Uint8Array(bytes).fill(7));
    return path;
  }
  async function open(path: string, readOnly = false): Promise<ServedImage | string> {
    const options = { file: path, sizeBytes: 4096, readOnly, writeThrough: false, report: () => undefined };
    return ServedImage.open(options).catch((error: unknown) => {
      expect(error).to.be.instanceOf(Refusal);
      return String(error);
    });
  }

  it('is refused where it does not have the size that is asked for', () => {
    for (const size of ['1M', '8M'])
      expect(() => parseOptions(['--image', 'x', '--size', size], () => 4194304)).to.throw(
        Refusal,
        '4194304',
      );
  });

  it('is served once, whichever of its names is used; and leaves nothing behind', async () => {
    const path = file('disk', 4096);
    linkSync(path, join(directory, 'hard'));
    symlinkSync('disk', join(directory, 'soft'));
    const image = await open(path);
    if (typeof image === 'string') throw new Error(image);
    for (const name of ['disk', 'hard', 'soft']) expect(await open(join(directory, name))).to.match(/in use/);
    expect(await open(path, true)).to.match(/in use/);
    expect(await image.close()).to.equal(true);
    expect(readdirSync(directory)).to.have.members(['disk', 'hard', 'soft']);
  });

  describe('that a start made', () => {
    const MIB = 1024 * 1024;
    /** Starts on a file that does not exist, and expects that the start fails and leaves only what was there. */
    async function expectNothingStays(sizeBytes: number, reason: RegExp): Promise<void> {
      const before = readdirSync(directory);
      const options = { readOnly: false, writeThrough: false, report: () => undefined };
      let why = 'it was opened';
      try {
        await ServedImage.open({ file: join(directory, 'new'), sizeBytes, ...options });
      } catch (error) {
        why = String(error);
      }
      expect(why).to.match(reason);
      expect(readdirSync(directory)).to.have.members(before);
    }

    it('does not stay where it cannot have its size', async () => {
      await expectNothingStays(2 ** 52, /cannot be made|Invalid typed array length/);
    });

    it('does not stay where its journal cannot be opened, and is not made where it cannot be claimed', async () => {
      writeFileSync(join(directory, 'new.journal'), 'a letter of 1984 to somebody');
      await expectNothingStays(MIB, /no journal/);
      rmSync(join(directory, 'new.journal'));
      mkdirSync(join(directory, 'new.journal'));
      await expectNothingStays(MIB, /no file/);
      rmSync(join(directory, 'new.journal'), { recursive: true });
      const won = await claim(join(directory, 'new.lock-'), { mode: 'write', note: 'x' });
      if (!('release' in won)) throw new Error('the claim is held');
      await expectNothingStays(MIB, /in use/);
      await won.release();
    });

    it('does not stay where the target cannot begin to listen, unless another file has its name by then', async () => {
      const path = join(directory, 'new');
      const options = { file: path, sizeBytes: MIB, readOnly: false, writeThrough: false };
      for (const isReplaced of [false, true]) {
        const image = await ServedImage.open({ ...options, report: () => undefined });
        if (isReplaced) {
          // Beside the file first, so that the new one cannot have its inode.
          writeFileSync(join(directory, 'other'), new Uint8Array(MIB).fill(3));
          renameSync(join(directory, 'other'), path);
        }
        expect(await image.close()).to.equal(true);
        expect(readdirSync(directory)).to.deep.equal(isReplaced ? ['new'] : []);
      }
    });

    it('stays once the target has begun to listen', async () => {
      const path = join(directory, 'new');
      const options = { file: path, sizeBytes: MIB, readOnly: false, writeThrough: false };
      const image = await ServedImage.open({ ...options, report: () => undefined });
      image.start();
      expect(await image.close()).to.equal(true);
      expect(readdirSync(directory)).to.deep.equal(['new']);
    });
  });

  describe('with the journal of a target that was killed', () => {
    /** Makes a file of 8 blocks, and a complete journal that has other contents for block 2. */
    async function killed(name: string): Promise<string> {
      const path = file(name, 4096);
      const info = inspectImage(path);
      if (info === undefined) throw new Error('it was made and is gone');
      const image = await openFile(path, 'read');
      const beside = await openFile(`${path}.journal`, 'create');
      const journal = new Journal(beside, info);
      await journal.begin();
      await journal.write(
        [{ offset: 2 * BLOCK_BYTES, lengthBytes: BLOCK_BYTES, bytes: blocks(1, 0x55) }],
        image,
      );
      await beside.close();
      await image.close();
      return path;
    }
    /** Expects that no start, whether it writes or only reads, takes the file, and that none changes anything. */
    async function expectRefused(path: string, reason: RegExp): Promise<void> {
      const contents = (): unknown =>
        readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]);
      const before = contents();
      for (const readOnly of [false, true]) {
        const why = await open(path, readOnly);
        expect(why).to.match(reason).and.not.include('\n');
        expect(contents()).to.deep.equal(before);
      }
    }
    async function expectServed(path: string, readOnly: boolean, value: number): Promise<void> {
      const image = await open(path, readOnly);
      if (typeof image === 'string') throw new Error(image);
      const store = new PlainStore(4096);
      await image.load(store);
      const block = new Uint8Array(BLOCK_BYTES);
      expect(store.range(2 * BLOCK_BYTES, BLOCK_BYTES).read(block, 0)).to.equal(undefined);
      expect(block).to.deep.equal(blocks(1, value));
      expect(await image.close()).to.equal(true);
    }

    it('is served with its contents, and has them in place where it may be written', async () => {
      const path = await killed('disk');
      const before = [readFileSync(path), readFileSync(`${path}.journal`)];
      await expectServed(path, true, 0x55);
      expect([readFileSync(path), readFileSync(`${path}.journal`)]).to.deep.equal(before);
      await expectServed(path, false, 0x55);
      expect(readFileSync(path)[2 * BLOCK_BYTES]).to.equal(0x55);
      expect(readdirSync(directory)).to.deep.equal(['disk']);
    });

    it('is refused where both were copied, or where another file took its place', async () => {
      const path = await killed('disk');
      copyFileSync(path, join(directory, 'copy'));
      copyFileSync(`${path}.journal`, join(directory, 'copy.journal'));
      await expectRefused(join(directory, 'copy'), /another file \(inode \d+ .*move the journal away/);
      copyFileSync(path, join(directory, 'next'));
      renameSync(join(directory, 'next'), path);
      await expectRefused(path, /another file \(inode \d+ .*move the journal away/);
      rmSync(`${path}.journal`);
      await expectServed(path, false, 7);
    });

    it('is refused where it was changed in place meanwhile', async () => {
      const path = await killed('disk');
      writeFileSync(path, new Uint8Array(4096).fill(8));
      await expectRefused(path, /1 of the 1 blocks in the journal, the first of them block 2,/);
    });

    it('is refused where the journal is damaged, or complete and of the old format', async () => {
      const path = await killed('disk');
      const bytes = readFileSync(`${path}.journal`);
      writeFileSync(`${path}.journal`, bytes.fill(0x99, 200, 201));
      await expectRefused(path, /was complete and is damaged/);
      writeFileSync(`${path}.journal`, oldFormatJournal(4096));
      await expectRefused(path, /older version/);
      writeFileSync(`${path}.journal`, oldFormatJournal(4096).subarray(0, 100));
      await expectServed(path, true, 7);
      await expectServed(path, false, 7);
    });

    it('is not made new where the file is gone', async () => {
      const path = await killed('disk');
      const journal = readFileSync(`${path}.journal`);
      rmSync(path);
      expect(await open(path)).to.match(/written for a file that is gone/);
      expect(readdirSync(directory)).to.deep.equal(['disk.journal']);
      expect(readFileSync(`${path}.journal`)).to.deep.equal(journal);
    });
  });
});
