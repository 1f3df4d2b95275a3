import { expect } from 'chai';
import { createMachine, sgInitTable, sgSetFolio } from 'scatterlist';
import type { SgOptions } from 'scatterlist';
import { Folio } from 'scatterlist/machine';
import { violationOf } from '../../kernel/violations.ts';
import { PAGE, entryOf, page } from '../sg-fixture.ts';

function set(length: number | bigint, offset: number | bigint, how: SgOptions = {}) {
  const sg = sgInitTable<'lowmem'>(1).entry(0);
  return { result: sgSetFolio(sg, new Folio(page(8), 4), length, offset, how), entry: entryOf(sg) };
}

describe('sgSetFolio', () => {
  it('points an entry at bytes of the folio', () => {
    expect(set(9000, 5000).entry).to.deep.equal([8, 5000, 9000]);
    expect(set(0n, 4 * PAGE).result.ok).to.be.true;
    expect(violationOf(() => set(2 ** 32 - 1, 0))).to.equal('sg-entry-range');
  });

  it('refuses what does not fit (strict), or stores the low half (compatible)', () => {
    const strict = set(2 ** 32 + 5, 0);
    expect(strict.result).to.have.nested.property('error.argument', 'length');
    expect(strict.entry).to.deep.equal([-1, 0, 0]);
    for (const bad of [-1, 1.5, NaN, Infinity])
      expect(set(bad, 0).result).to.deep.equal({
        ok: false,
        error: {
          code: 'InvalidArgument',
          argument: 'length',
          got: bad,
          expected: 'a whole number from 0 to 4294967295',
        },
      });
    expect(set(1.5, 0, { semantics: 'compatible' }).result).to.have.nested.property('error.got', 1.5);
    expect(set(1, 2n ** 64n - 1n).result).to.have.nested.property('error.argument', 'offset');
    expect(set(2 ** 32 + 5, 2n ** 64n - 1n, { semantics: 'compatible' }).entry).to.deep.equal([
      8,
      2 ** 32 - 1,
      5,
    ]);
  });

  it('tells the machine of both', () => {
    const machine = createMachine({ onViolation: 'record', semantics: 'compatible' });
    expect(set(2 ** 32, 2 ** 32, { machine }).result.ok).to.be.true;
    const said = (field: string) =>
      `${field} of a list entry is 4294967296; it must be a whole number from 0 to 4294967295`;
    expect(machine.violations.map(({ rule, what }) => [rule, what])).to.deep.equal([
      ['sg-field-width', said('length')],
      ['sg-field-width', said('offset')],
    ]);
  });
});
