import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CANDIDATES } from '../../examples/lab/index.ts';

describe('the list of designs', () => {
  it('has every file of examples/lab, each under its own name', () => {
    const files = readdirSync(join(import.meta.dirname, '../../examples/lab'))
      .filter((file) => file !== 'index.ts')
      .map((file) => file.replace('.ts', ''));
    expect(CANDIDATES.map(({ facade }) => facade.name)).to.have.members(files);
  });
});
