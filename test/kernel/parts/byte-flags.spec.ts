import { expect } from 'chai';
import fc from 'fast-check';
import { ByteFlags } from '../../../lib/kernel/parts/byte-flags.ts';

describe('ByteFlags', () => {
  it('says what an array of flags says', () => {
    const step = fc.record({ flag: fc.constantFrom<0 | 1>(0, 1), from: fc.nat(9), length: fc.nat(10) });
    fc.assert(
      fc.property(fc.constantFrom<0 | 1>(0, 1), fc.array(step, { maxLength: 12 }), (start, steps) => {
        const flags = new ByteFlags(10, start);
        const model = new Uint8Array(10).fill(start);
        for (const { flag, from, length } of steps) {
          const fits = Math.min(length, 10 - from);
          flags.fill(flag, from, fits);
          model.fill(flag, from, from + fits);
          for (const asked of [0, 1] as const) {
            const at = model.subarray(from, from + fits).indexOf(asked);
            expect(flags.first(asked, from, fits)).to.equal(at < 0 ? -1 : from + at);
            expect(flags.has(asked, 0, 10)).to.equal(model.includes(asked));
          }
        }
      }),
    );
  });
});
