import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL } from '../../../lib/cli/campaign/bag.ts';
import { readCheckpoint, writeCheckpoint } from '../../../lib/cli/campaign/checkpoint.ts';
import { UsageError } from '../../../lib/cli/usage-error.ts';

describe('checkpoint', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scatterlist-checkpoint-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('reads what it wrote, of the same program', () => {
    const [program, file] = [join(folder, 'program.ts'), join(folder, 'left.json')];
    writeFileSync(program, 'one');
    writeCheckpoint(file, program, ALL);
    expect(readCheckpoint(file, program)).to.deep.equal(ALL);
  });

  it('refuses what does not fit, in one line', () => {
    const [program, file] = [join(folder, 'program.ts'), join(folder, 'left.json')];
    writeFileSync(program, 'one');
    writeCheckpoint(file, program, ALL);
    const good = readFileSync(file, 'utf8');
    const refused = (text: string, words: RegExp): void => {
      writeFileSync(file, text);
      expect(() => readCheckpoint(file, program)).to.throw(UsageError, words);
    };
    for (const text of ['', '{}', 'null', '[1]', good.slice(0, 50), good.replace('"pieces"', '"other"')])
      refused(text, /left.json: it is no checkpoint of scatterlist$/);
    refused(good.replace('"version":1', '"version":7'), /format 7, this version reads format 1$/);
    writeFileSync(program, 'two');
    refused(good, /another program than .*program.ts is now$/);
  });
});
