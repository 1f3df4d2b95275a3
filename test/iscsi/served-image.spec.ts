import { expect } from 'chai';
import {
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
import { claim, thisProcess } from '../../examples/iscsi-target/image/claim.ts';
import { inspectImage } from '../../examples/iscsi-target/image/inspect.ts';
import { ServedImage } from '../../examples/iscsi-target/image/served-image.ts';
import { parseOptions } from '../../examples/iscsi-target/options.ts';
import { Refusal } from '../../examples/iscsi-target/refusal.ts';

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

  it('is refused where it cannot be a disk, with its numbers, and not touched', () => {
    expect(() => inspectImage(file('odd', 1000001))).to.throw(Refusal, '1953 blocks of 512 and 65 bytes');
    expect(readFileSync(join(directory, 'odd'))).to.have.length(1000001);
    expect(() => inspectImage(file('empty', 0))).to.throw(Refusal, 'empty');
    expect(() => inspectImage(directory)).to.throw(Refusal, 'a directory');
    expect(() => inspectImage('/dev/null')).to.throw(Refusal, 'a character device');
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

  it('is claimed by one of many that race, and dead claims stop none of them', async () => {
    const prefix = join(directory, 'lock-');
    const self = thisProcess();
    writeFileSync(`${prefix}write-${self.host}-${String(self.pid)}-1`, 'killed');
    const parts = { mode: 'write', note: 'x' } as const;
    const [first, second] = await Promise.all([
      claim(prefix, { ...parts, self }),
      claim(prefix, { ...parts, self }),
    ]);
    expect([first, second].filter((won) => 'release' in won)).to.have.length(1);
  });
});
