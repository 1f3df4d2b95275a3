import { expect } from 'chai';
import { valueText } from '../../lib/explore/value-text.ts';

describe('valueText', () => {
  it('shows a value of each kind in a few characters', () => {
    class Ring {}
    const shown = [
      1,
      -0.5,
      'a\n',
      true,
      undefined,
      null,
      5n,
      [1, 2],
      {},
      Object.create(null),
      new Ring(),
      new Map([[1, 2]]),
      new Set(),
      new Uint16Array(2),
      new Date(0),
      new Date(NaN),
      function name() {},
    ].map(valueText);
    expect(shown).to.deep.equal([
      '1',
      '-0.5',
      '"a\\n"',
      'true',
      'undefined',
      'null',
      '5n',
      'array of 2',
      'object',
      'object',
      'Ring',
      'Map of 1',
      'Set of 0',
      'Uint16Array of 4 bytes',
      '1970-01-01T00:00:00.000Z',
      'Date',
      'function name',
    ]);
    expect(valueText('x'.repeat(100)))
      .to.have.lengthOf(40)
      .and.to.match(/^"x+…$/);
  });
});
