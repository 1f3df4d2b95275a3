import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkReadable, checkWritable, readWithin } from '../../lib/cli/files.ts';
import { UsageError } from '../../lib/cli/usage-error.ts';

const PIECE = 64 * 1024;

describe('the files of a command line', () => {
  let folder = '';
  const file = (name: string, content: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7) ^ (i >> 8));
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'files-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  describe('readWithin', () => {
    for (const length of [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 5]) {
      it(`reads a file of ${String(length)} bytes, where that many are allowed, and none longer`, () => {
        const path = file('read', bytes(length));
        expect(Buffer.compare(readWithin(path, length), bytes(length))).to.equal(0);
        expect(Buffer.compare(readWithin(path, length + 1), bytes(length))).to.equal(0);
        if (length > 0)
          expect(() => readWithin(path, length - 1)).to.throw(
            UsageError,
            `${path}: it has ${String(length)} bytes, and the limit is ${String(length - 1)}`,
          );
      });
    }

    it('stops reading a device that never ends, and takes one that has ended', () => {
      for (const limit of [1, PIECE - 1, PIECE, 200_000])
        expect(() => readWithin('/dev/zero', limit)).to.throw(
          UsageError,
          `/dev/zero: it has more than ${String(limit)} bytes, and the limit is ${String(limit)}`,
        );
      expect(readWithin('/dev/null', 1)).to.have.length(0);
    });

    it('closes what it opened, also where it refuses', () => {
      const path = file('closed', bytes(10));
      // A file gets the lowest number that is free.
      const free = (): number => {
        const opened = openSync(path, 'r');
        closeSync(opened);
        return opened;
      };
      const before = free();
      readWithin(path, 10);
      expect(() => readWithin(path, 9)).to.throw(UsageError);
      expect(() => readWithin(folder, 9)).to.throw(UsageError, `${folder}: it is a directory`);
      expect(() => readWithin(join(folder, 'none'), 9)).to.throw(UsageError, 'there is no such file');
      expect(free()).to.equal(before);
    });

    it('passes on the words of an error that it has no words for', () => {
      const name = 'x'.repeat(300);
      expect(() => readWithin(name, 1)).to.throw(UsageError, /^x{300}: ENAMETOOLONG/);
      expect(() => readWithin('a\0b', 1)).to.throw(UsageError, 'null bytes');
    });
  });

  describe('checkReadable', () => {
    it('passes a file, and refuses what is none', () => {
      const path = file('there', bytes(1));
      checkReadable(path);
      expect(() => {
        checkReadable(folder);
      }).to.throw(UsageError, `${folder}: it is a directory`);
      for (const name of [join(folder, 'none'), join(path, 'below')])
        expect(() => {
          checkReadable(name);
        }).to.throw(UsageError, `${name}: there is no such file`);
    });
  });

  describe('checkWritable', () => {
    it('passes no file, a file that is there, and one that can be made', () => {
      checkWritable(undefined);
      checkWritable(file('there', bytes(1)));
      checkWritable(join(folder, 'new'));
      expect(readdirSync(folder)).to.not.include('new');
    });

    it('refuses a directory, and a file in a folder that is not there', () => {
      expect(() => {
        checkWritable(folder);
      }).to.throw(UsageError, `${folder}: it is a directory`);
      const name = join(folder, 'none', 'new');
      expect(() => {
        checkWritable(name);
      }).to.throw(UsageError, `${name}: there is no such file`);
    });
  });
});
