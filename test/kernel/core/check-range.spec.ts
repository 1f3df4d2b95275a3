import { expect } from 'chai';
import { checkRange } from '../../../lib/kernel/core/check-range.ts';
import { setUp } from '../page/folio-fixture.ts';
import { violationOf } from '../violations.ts';

describe('the range check of the helpers', () => {
  it('lets a range end where the page ends, and reports everything behind or before it', () => {
    const { task } = setUp();
    const answer = (offset: number, length: number): string =>
      violationOf(() => {
        checkRange(task, 'test', offset, length, 10);
      });
    expect([answer(0, 10), answer(10, 0), answer(3, 7)]).to.deep.equal(['none', 'none', 'none']);
    expect([answer(11, 0), answer(3, 8), answer(-1, 2), answer(5, -1)]).to.deep.equal(
      Array(4).fill('range-overrun'),
    );
  });
});
