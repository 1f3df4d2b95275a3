import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { loadInput, sampleOf } from '../../../lib/cli/matrix/input.ts';
import { TEXT, ZSTD } from '../../drivers/module/compressed.ts';

const FILE = Uint8Array.from({ length: 20_001 }, (_, i) => (i * i) >> 3);

describe('the input of the matrix', () => {
  let folder = '';
  const file = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'input-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is by default the image of the package', async () => {
    const { name, content } = await loadInput();
    expect([name, content.length > 1_000_000]).to.deep.equal(['card.ext4.xz', true]);
    // The magic number of ext4, in the superblock at 1024.
    expect([content[1024 + 56], content[1024 + 57]]).to.deep.equal([0x53, 0xef]);
  });

  it('of a plain file is the file; of a compressed one what is in it', async () => {
    const plain = await loadInput(file('plain', FILE));
    expect([plain.name, Buffer.compare(plain.content, FILE)]).to.deep.equal(['plain', 0]);
    for (const name of ['a.gz', 'a.GZ', 'a.bin'])
      expect(Buffer.compare((await loadInput(file(name, gzipSync(FILE)))).content, FILE)).to.equal(0);
    expect(Buffer.compare((await loadInput(file('b.zst', ZSTD))).content, TEXT)).to.equal(0);
  });

  it('may have exactly the most bytes that are allowed', async () => {
    const most = { maxOutputBytes: FILE.length };
    expect((await loadInput(file('c', FILE), most)).content).to.have.length(FILE.length);
    expect((await loadInput(file('c.gz', gzipSync(FILE)), most)).content).to.have.length(FILE.length);
    for (const name of ['c', 'c.gz']) {
      const error: unknown = await loadInput(join(folder, name), { maxOutputBytes: FILE.length - 1 }).catch(
        (e: unknown) => e,
      );
      expect(error).to.have.property('name', 'UsageError');
    }
  });

  it('is cut to a part that is not all zeros, if there is one', () => {
    const content = new Uint8Array(300_000);
    content.fill(1, 131_072, 140_000);
    const { content: part } = sampleOf({ name: 'x', content }, 4096);
    expect([part.length, part.every((byte) => byte === 1)]).to.deep.equal([4096, true]);
    expect(sampleOf({ name: 'x', content: content.subarray(0, 10) }, 10).content).to.have.length(10);
  });
});
