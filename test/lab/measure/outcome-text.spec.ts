import { expect } from 'chai';
import { outcomeName, outcomeText, runJob } from 'scatterlist/lab';
import type { JobOutcome } from 'scatterlist/lab';
import sgMap2017 from '../../../examples/lab/sg-map-2017.ts';

describe('outcomeName and outcomeText', () => {
  const { outcome: broken } = runJob(sgMap2017, 'cursor');
  const { outcome: hung } = runJob(sgMap2017, 'manyMaps', { machine: { pkmapSlots: 2 } });
  const CASES: readonly (readonly [outcome: JobOutcome, name: string, text: string | RegExp])[] = [
    [{ kind: 'done' }, 'done', 'does the job: every byte is right, and all that was taken is given back'],
    [{ kind: 'refused', errno: -12 }, 'refused -12', 'returns -12 and leaves all as it was'],
    [{ kind: 'half', errno: -5 }, 'half -5', 'returns -5 when a part of the bytes has moved'],
    [{ kind: 'wrong', what: 'byte 3 is 0' }, 'wrong', 'returns success, and byte 3 is 0'],
    [{ kind: 'leak', what: 'a map' }, 'leak', 'leaks: a map'],
    [{ kind: 'asserted', what: 'no' }, 'asserted', 'stops at an assertion of the design: no'],
    [{ kind: 'crashed', what: 'Error: x' }, 'crashed', 'throws Error: x'],
    [broken, 'violation unmap-address', /^breaks rule unmap-address: kunmap_local\(0x/],
    [hung, 'hung deadlock', /^waits for ever: "user0" waits for kmap pool/],
  ];
  for (const [outcome, name, text] of CASES)
    it(name, () => {
      expect(outcomeName(outcome)).to.equal(name);
      if (typeof text === 'string') expect(outcomeText(outcome)).to.equal(text);
      else expect(outcomeText(outcome)).to.match(text);
    });
});
