import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { openFile, syncDirectoryOf } from '../../examples/iscsi-target/image/file.ts';
import { ForgetfulDisk } from './forgetful-disk.ts';

describe('a file of an image', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'file-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  it('has what was written to it, as the one of the crash tests has', async () => {
    const at = fc.integer({ min: 0, max: 300 });
    const operation = fc.oneof(
      fc.record({
        kind: fc.constant('write' as const),
        at,
        bytes: fc.uint8Array({ minLength: 1, maxLength: 200 }),
      }),
      fc.record({ kind: fc.constant('truncate' as const), at }),
      fc.record({ kind: fc.constant('read' as const), at, length: at }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 12 }), async (operations) => {
        runs += 1;
        const path = join(directory, String(runs));
        const file = await openFile(path, 'create');
        const model = new ForgetfulDisk(new Map()).open('model');
        for (const done of operations) {
          if (done.kind === 'read') {
            const [real, wanted] = [new Uint8Array(done.length), new Uint8Array(done.length)];
            expect(await file.read(real, done.at)).to.equal(await model.read(wanted, done.at));
            expect(real).to.deep.equal(wanted);
          } else
            for (const each of [file, model])
              await (done.kind === 'write' ? each.write(done.bytes, done.at) : each.truncate(done.at));
          expect(await file.size()).to.equal(await model.size());
        }
        await file.sync();
        const all = new Uint8Array(await model.size());
        await model.read(all, 0);
        expect(new Uint8Array(readFileSync(path))).to.deep.equal(all);
        await file.close();
      }),
      { numRuns: 40 },
    );
  });

  it('must not be there to be made, must be there to be opened, and is not written where it is opened to read', async () => {
    const path = join(directory, 'disk');
    const failure = async (promise: Promise<unknown>): Promise<string> =>
      promise.then(
        () => 'none',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'other'),
      );
    for (const mode of ['read', 'write'] as const)
      expect(await failure(openFile(path, mode))).to.equal('ENOENT');
    expect(readdirSync(directory)).to.deep.equal([]);
    const made = await openFile(path, 'create');
    await made.write(Uint8Array.of(1, 2, 3), 0);
    await made.close();
    expect(await failure(openFile(path, 'create'))).to.equal('EEXIST');
    const read = await openFile(path, 'read');
    expect(await failure(read.write(Uint8Array.of(9), 0))).to.equal('EBADF');
    await read.close();
    const written = await openFile(path, 'write');
    await written.write(Uint8Array.of(9), 1);
    await written.close();
    expect([...readFileSync(path)]).to.deep.equal([1, 9, 3]);
  });

  it('has its name synced, also where the directory cannot be opened', async () => {
    await syncDirectoryOf(join(directory, 'disk'));
    await syncDirectoryOf(join(directory, 'missing', 'disk'));
  });
});
