/** The library's functions for C do with lists what Linux did in the recordings. */
import { expect } from 'chai';
import { compiled, recordingsOf, runRecorded } from './recorded.ts';
import { itInC } from './support.ts';

describe('mapping lists from C, held against the recordings', () => {
  for (const linux of ['6.1', '7.2'] as const)
    itInC(`of Linux ${linux}`, () => {
      const module = compiled();
      const cases = recordingsOf(linux);
      const failed = cases.flatMap((c) => {
        try {
          runRecorded(module, linux, c);
          return [];
        } catch (error) {
          return [error instanceof Error ? error.message : String(error)];
        }
      });
      expect(failed.slice(0, 3), `${String(failed.length)} of ${String(cases.length)}`).to.deep.equal([]);
      expect(cases.length).to.be.above(700);
    });
});
