import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ViolationError } from 'scatterlist';
import { importCandidate, importText } from '../../../lib/cli/lab/load-text.ts';
import { inSource } from '../../../lib/cli/source-lines.ts';

describe('importText', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'load-text-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('loads TypeScript, with the files beside it, and the library of the command', async () => {
    writeFileSync(join(folder, 'beside.ts'), 'export const three: number = 3;\n');
    const text = `import { ViolationError } from 'scatterlist';
import { basename } from 'node:path';
import { three } from './beside.ts';
export default [ViolationError, three, basename('/a/b')] satisfies unknown[];`;
    expect(await importText(text, join(folder, 'own.ts'))).to.deep.equal([ViolationError, 3, 'b']);
  });

  it('keeps the lines of the text for reports', async () => {
    const file = join(folder, 'own.ts');
    const text = `import { createMachine } from 'scatterlist';
import { kmapLocalPage, kunmapLocal } from 'scatterlist/machine';
interface Long {
  readonly line: number;
}
export default (): Long => {
  const machine = createMachine({ highmemPages: 4 });
  const task = machine.task('t');
  const mapped = kmapLocalPage(task, machine.allocPage({ zone: 'highmem' }));
  kunmapLocal(task, mapped);
  kunmapLocal(task, mapped);
  return { line: 0 };
};`;
    const run = await importText(text, file);
    if (typeof run !== 'function') throw new Error('no function');
    let caught: unknown;
    try {
      Reflect.apply(run, undefined, []);
    } catch (error) {
      caught = error;
    }
    if (!(caught instanceof ViolationError)) throw new Error('no violation');
    const { foundAt } = inSource(caught.violation);
    expect([foundAt?.file, foundAt?.line]).to.deep.equal([file, 11]);
  });

  it('refuses what is no design', async () => {
    const error: unknown = await importCandidate('export default 3;', join(folder, 'own.ts')).catch(
      (thrown: unknown) => thrown,
    );
    expect(String(error)).to.include('the default export of own.ts is not a design with call sites');
  });
});
