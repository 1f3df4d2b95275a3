import {
  chmodSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { inspectImage, messageOf } from '../../examples/iscsi-target/image/inspect.ts';
import { Refusal } from '../../examples/iscsi-target/refusal.ts';

describe('looking at the path of an image', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'inspect-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function file(name: string, bytes: number): string {
    const path = join(directory, name);
    writeFileSync(path, new Uint8Array(bytes).fill(7));
    return path;
  }

  it('finds the file behind all of its names, with what tells it from others', () => {
    const path = file('disk', 4096);
    chmodSync(path, 0o640);
    symlinkSync('disk', join(directory, 'soft'));
    const { dev, ino, birthtimeNs, ctimeNs } = statSync(path, { bigint: true });
    for (const name of [path, join(directory, 'soft')])
      expect(inspectImage(name)).to.deep.equal({
        path: realpathSync(path),
        sizeBytes: 4096,
        device: dev,
        inode: ino,
        birthtimeNs,
        changedNs: ctimeNs,
        mode: 0o640,
      });
  });

  it('finds nothing where there is no file, also behind a link', () => {
    symlinkSync('missing', join(directory, 'soft'));
    for (const name of ['missing', 'soft', join('missing', 'disk')])
      expect(inspectImage(join(directory, name))).to.equal(undefined);
  });

  it('refuses sizes that a disk cannot have, with their numbers, and does not change them', () => {
    const path = file('odd', 0);
    expect(() => inspectImage(path)).to.throw(Refusal, 'at least one block of 512 bytes');
    for (const [size, reason] of [
      [1, 'has 1 bytes, which are 0 blocks of 512 and 1 bytes more'],
      [511, '0 blocks of 512 and 511 bytes'],
      [513, '1 blocks of 512 and 1 bytes'],
      [1_000_001, '1953 blocks of 512 and 65 bytes'],
    ] as const) {
      truncateSync(path, size);
      expect(() => inspectImage(path)).to.throw(Refusal, reason);
      expect(statSync(path).size).to.equal(size);
    }
    truncateSync(path, 512);
    expect(inspectImage(path)?.sizeBytes).to.equal(512);
  });

  it('counts what a file holds and not its holes', () => {
    const path = file('sparse', 512);
    truncateSync(path, 2 ** 40);
    expect(inspectImage(path)?.sizeBytes).to.equal(2 ** 40);
  });

  it('refuses what is not a file, and says what it is', async () => {
    expect(() => inspectImage(directory)).to.throw(Refusal, 'is a directory');
    expect(() => inspectImage('/dev/null')).to.throw(Refusal, 'is a character device');
    const path = join(directory, 'socket');
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(path, resolve);
    });
    expect(() => inspectImage(path)).to.throw(Refusal, 'is a socket');
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses a path that cannot be looked at', () => {
    symlinkSync('loop', join(directory, 'loop'));
    expect(() => inspectImage(join(directory, 'loop'))).to.throw(Refusal, /cannot be looked at: ELOOP/);
  });
});

describe('the text of an error', () => {
  it('is its message, or what was thrown', () => {
    expect(messageOf(new Error('full'))).to.equal('full');
    expect(messageOf('full')).to.equal('full');
  });
});
