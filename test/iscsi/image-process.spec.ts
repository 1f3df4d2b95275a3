import {
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  chmodSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { oldFormatJournal } from './image-samples.ts';
import { TargetProcess } from './target-process.ts';
import { BLOCK_BYTES, TcpInitiator } from './tcp-initiator.ts';

/** Mostly a hole, with data at the start. */
const BYTES = 16 * 1024 * 1024;

describe('a target process with an image', function () {
  this.timeout(60_000);
  let directory: string;
  let image: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'scatterlist-image-'));
    image = join(directory, 'disk.img');
    writeFileSync(image, new Uint8Array(8192).fill(0x11));
    truncateSync(image, BYTES);
    chmodSync(image, 0o640);
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  async function write(port: number | undefined, block: number, value: number): Promise<TcpInitiator> {
    const initiator = port === undefined ? undefined : await TcpInitiator.login(port);
    if (initiator === undefined) throw new Error('the target does not serve');
    const ended = await initiator.write(block, new Uint8Array(BLOCK_BYTES).fill(value));
    expect(ended?.status).to.equal(0);
    return initiator;
  }

  for (const signals of [
    ['SIGTERM'],
    ['SIGINT'],
    ['SIGHUP'],
    ['SIGINT', 'SIGINT'],
    ['SIGHUP', 'SIGTERM'],
  ] as const) {
    it(`writes back after ${signals.join(' and ')}, and keeps what the file is`, async () => {
      linkSync(image, join(directory, 'other-name.img'));
      symlinkSync(image, join(directory, 'link.img'));
      const before = statSync(image);
      const target = new TargetProcess(['--image', join(directory, 'link.img')]);
      const initiator = await write(await target.port, 4, 0x77);
      for (const signal of signals) target.signal(signal);
      expect(await target.ended, target.errors).to.equal(0);
      initiator.close();
      const bytes = readFileSync(image);
      expect(bytes[4 * BLOCK_BYTES]).to.equal(0x77);
      expect(bytes[3 * BLOCK_BYTES]).to.equal(0x11);
      const after = statSync(image);
      expect([after.ino, after.mode, after.nlink, after.size]).to.deep.equal([
        before.ino,
        before.mode,
        before.nlink,
        before.size,
      ]);
      // The hole is still one.
      expect(after.blocks).to.be.lessThan(BYTES / 512 / 8);
    });
  }

  it('of two that start at once on one file, one serves and the other says who does', async () => {
    const link = join(directory, 'other-name.img');
    linkSync(image, link);
    const targets = [new TargetProcess(['--image', image]), new TargetProcess(['--image', link])];
    const ports = await Promise.all(targets.map(({ port }) => port));
    expect(ports.filter((port) => port !== undefined)).to.have.length(1);
    for (const [i, target] of targets.entries()) {
      if (ports[i] !== undefined) target.signal('SIGTERM');
      expect(await target.ended, target.errors).to.equal(ports[i] === undefined ? 2 : 0);
      if (ports[i] === undefined) expect(target.errors).to.match(/^\S+ is in use by process \d+ on .*\n$/);
    }
  });

  it('starts again after it was killed, with what was synchronized', async () => {
    const first = new TargetProcess(['--image', image]);
    const initiator = await write(await first.port, 9, 0x55);
    expect((await initiator.synchronize())?.status).to.equal(0);
    first.signal('SIGKILL');
    expect(await first.ended).to.equal('SIGKILL');
    const second = new TargetProcess(['--image', image]);
    expect(await second.port, second.errors).to.be.a('number');
    expect(readFileSync(image)[9 * BLOCK_BYTES]).to.equal(0x55);
    second.signal('SIGTERM');
    expect(await second.ended, second.errors).to.equal(0);
  });

  it('leaves no file that it made where it cannot listen', async () => {
    const first = new TargetProcess(['--image', image]);
    const port = await first.port;
    const before = readdirSync(directory);
    const path = join(directory, 'new.img');
    const second = new TargetProcess([
      '--image',
      path,
      '--size',
      '1M',
      '--listen',
      `127.0.0.1:${String(port)}`,
    ]);
    const ended = await second.ended;
    const left = readdirSync(directory);
    first.signal('SIGTERM');
    expect(await first.ended, first.errors).to.equal(0);
    expect(ended, second.errors).to.equal(1);
    expect(second.errors).to.match(/EADDRINUSE/);
    expect(left).to.have.members(before);
  });

  it('does not touch an image whose journal it must not use', async () => {
    writeFileSync(`${image}.journal`, oldFormatJournal(BYTES));
    const before = [readFileSync(image), readFileSync(`${image}.journal`)];
    // One after another, because the first holds the lock of the image while it looks at it.
    for (const more of [[], ['--read-only']]) {
      const target = new TargetProcess(['--image', image, ...more]);
      expect(await target.ended, target.errors).to.equal(2);
      expect(target.errors).to.match(/^\S+\.journal \(592 bytes\) is complete, and .*\n$/);
    }
    expect([readFileSync(image), readFileSync(`${image}.journal`)]).to.deep.equal(before);
  });

  it('says what is wrong in one line, and leaves the file alone', async () => {
    const odd = join(directory, 'odd.img');
    writeFileSync(odd, new Uint8Array(1_000_001).fill(0x22));
    const refused: [string[], RegExp][] = [
      [['--image', odd], /1000001 bytes/],
      [['--image', image, '--size', '1M'], /16777216 bytes/],
      [['--image', directory], /is a directory/],
      [['--image', join(directory, 'missing.img')], /there is no such file/],
    ];
    const before = [readFileSync(odd), readFileSync(image)];
    const targets = refused.map(([options, reason]) => ({ target: new TargetProcess(options), reason }));
    for (const { target, reason } of targets) {
      expect(await target.ended, target.errors).to.equal(2);
      expect(target.errors.split('\n')[0]).to.match(reason);
    }
    expect([readFileSync(odd), readFileSync(image)]).to.deep.equal(before);
  });
});
