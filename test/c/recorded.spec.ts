/** The library's functions for C do with lists what Linux did in the recordings. */
import { expect } from 'chai';
import { compiled, failuresOf, recordingsOf } from './recorded.ts';
import { itInC } from './support.ts';

describe('mapping lists from C, held against the recordings', function () {
  this.timeout(120_000);
  for (const linux of ['6.1', '7.2'] as const)
    itInC(`of Linux ${linux}`, () => {
      const cases = recordingsOf(linux);
      const failures = failuresOf(compiled(), linux, cases);
      expect(failures.slice(0, 3), `${String(failures.length)} of ${String(cases.length)}`).to.deep.equal([]);
      expect(cases.length).to.be.above(700);
    });
});
