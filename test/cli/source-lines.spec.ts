import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createMachine, ViolationError } from 'scatterlist';
import type { Violation } from 'scatterlist';
import { kmapLocal } from 'scatterlist/backends';
import { inSource, siteText } from '../../lib/cli/source-lines.ts';

/** Any violation that names a mapping. */
function useAfterUnmap(): Violation {
  const machine = createMachine();
  const backend = kmapLocal(machine.task());
  const mapped = backend.map(machine.allocPage({ zone: 'highmem' }), 0, 8);
  if (!mapped.ok) throw new Error('not mapped');
  backend.unmap(mapped.value);
  try {
    mapped.value.load8(0);
  } catch (error) {
    if (error instanceof ViolationError) return error.violation;
  }
  throw new Error('no violation');
}

describe('the lines of a report', () => {
  let folder = '';
  const site = (file: string, line: number, column: number) => ({ file: join(folder, file), line, column });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'source-lines-'));
    mkdirSync(join(folder, 'dist'));
    // Line 3, column 5 of the built file is line 8, column 13 of the source; each number is from 0 in the map.
    const map = { version: 3, sources: ['../lib/port.ts'], names: [], mappings: ';;IAOY' };
    writeFileSync(join(folder, 'dist', 'port.js'), '\n\n    x();\n');
    writeFileSync(join(folder, 'dist', 'port.js.map'), JSON.stringify(map));
    writeFileSync(join(folder, 'dist', 'no-map.js'), '');
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('lead back to the source where there is a source map', () => {
    const violation = { ...useAfterUnmap(), foundAt: site('dist/port.js', 3, 5) };
    for (let again = 0; again < 2; again += 1)
      expect(inSource(violation).foundAt).to.deep.equal(site('lib/port.ts', 8, 13));
  });

  it('stay where there is no map, and where the map has no such line', () => {
    const violation = useAfterUnmap();
    for (const place of [site('dist/no-map.js', 3, 5), site('dist/port.js', 1, 1), site('none.ts', 7, 1)])
      expect(inSource({ ...violation, foundAt: place }).foundAt).to.deep.equal(place);
  });

  it('are absent where they are not known', () => {
    const violation = useAfterUnmap();
    expect(inSource({ ...violation, foundAt: undefined }).foundAt).to.equal(undefined);
    expect(inSource({ ...violation, foundAt: { file: '', line: 0, column: 0 } }).foundAt).to.equal(undefined);
  });

  it('of the mapping are led back as well, and the rest of the report stays', () => {
    const violation = useAfterUnmap();
    const { mapping } = violation;
    if (mapping === undefined) throw new Error('no mapping');
    const built = {
      ...violation,
      mapping: {
        ...mapping,
        mappedAt: site('dist/port.js', 3, 5),
        unmappedAt: site('dist/no-map.js', 4, 2),
      },
    };
    const found = inSource(built);
    expect(found.mapping).to.deep.equal({
      ...mapping,
      mappedAt: site('lib/port.ts', 8, 13),
      unmappedAt: site('dist/no-map.js', 4, 2),
    });
    expect([found.rule, found.what]).to.deep.equal([violation.rule, violation.what]);
    expect(inSource({ ...built, mapping: undefined }).mapping).to.equal(undefined);
  });

  it('are short in a table, and empty where they are not known', () => {
    expect(siteText(site('dist/port.js', 3, 5))).to.equal('port.js:3');
    expect(siteText(undefined)).to.equal('');
  });
});
