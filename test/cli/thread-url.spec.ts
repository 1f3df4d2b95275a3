import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IS_SOURCE, threadUrl } from '../../lib/cli/thread-url.ts';
import type { Threaded } from '../../lib/cli/thread-url.ts';

const THREADED: readonly Threaded[] = ['campaign', 'check', 'explore', 'lab', 'matrix'];
const FOLDER = join(import.meta.dirname, '..', '..', 'lib', 'cli');

describe('the module of a thread', () => {
  it('is a source while the command is one', () => {
    expect(IS_SOURCE).to.equal(true);
    for (const command of THREADED)
      expect(fileURLToPath(threadUrl(command))).to.equal(join(FOLDER, command, 'thread.ts'));
  });

  it('is there for every folder that has one', () => {
    const folders = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'thread.ts')));
    expect(folders).to.have.members(THREADED);
  });
});
