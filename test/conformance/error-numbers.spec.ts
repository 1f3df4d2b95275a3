import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { ScatterlistError } from 'scatterlist';
import { resolveConfig } from '../../lib/machine/config.ts';
import { checkNumbers } from '../../lib/conformance/error-numbers.ts';
import type { FailedMap } from '../../lib/conformance/error-numbers.ts';

const page = createMachine().allocPage({ zone: 'highmem' });
const config = resolveConfig({ vmallocPages: 5 });
const asked = { page, lengthBytes: 16 };
const other = createMachine().allocPage({ zone: 'lowmem' });

function full(limitedBy: 'pkmapSlots' | 'bounceSlots' | 'vmallocPages' | number): FailedMap {
  return { ...asked, full: { limitedBy, most: 2, config, waiting: 1 } };
}

/** Errors that are right, and each with numbers that are not. */
const ERRORS: readonly (readonly [FailedMap, ScatterlistError, ...(readonly [object, RegExp])[]])[] = [
  [
    asked,
    { code: 'NoSlots', slots: 3, waiting: 0 },
    [{ slots: 0 }, /slots of NoSlots is 0/],
    [{ waiting: 1 }, /waiting/],
  ],
  [
    full('pkmapSlots'),
    { code: 'NoSlots', slots: 2, waiting: 1 },
    [{ slots: 1 }, /slots of NoSlots: got 1, expected 2/],
    [{ waiting: 0 }, /waiting of NoSlots: got 0, expected 1/],
  ],
  [
    asked,
    { code: 'Unmappable', pfn: page.pfn, kind: 'highmem' },
    [{ pfn: other.pfn }, /names pfn/],
    [{ kind: 'lowmem' }, /names the kind: got lowmem/],
  ],
  [
    full('bounceSlots'),
    { code: 'BounceExhausted', needBytes: 16, freeBytes: 0, largestRunBytes: 0 },
    [{ needBytes: 15 }, /needBytes of BounceExhausted: got 15/],
    [{ freeBytes: 1 }, /on a full pool: got 1, expected 0/],
  ],
  [
    full(2),
    { code: 'BounceExhausted', needBytes: 16, freeBytes: 64, largestRunBytes: 8 },
    [{ freeBytes: -1 }, /is -1/],
    [{ largestRunBytes: 16 }, /is 16 of 64 free bytes, and 16 were refused/],
    [{ largestRunBytes: 9, freeBytes: 8 }, /is 9 of 8 free bytes/],
  ],
  [
    full('vmallocPages'),
    { code: 'NoVirtualSpace', needPages: 1, freePages: 1, largestRunPages: 0 },
    [{ needPages: 16 }, /needPages/],
    [{ freePages: 0 }, /on a full pool: got 0, expected 1/],
  ],
  [
    full(2),
    { code: 'NoVirtualSpace', needPages: 1, freePages: 7, largestRunPages: 0 },
    [{ freePages: NaN }, /is NaN/],
    [{ largestRunPages: 1 }, /largestRunPages of NoVirtualSpace: got 1, expected 0/],
  ],
  [
    asked,
    { code: 'TooBig', needBytes: 16, limitBytes: 15 },
    [{ limitBytes: 16 }, /16, which 16 bytes do not exceed/],
    [{ limitBytes: -1 }, /is -1/],
    [{ needBytes: 1 }, /needBytes/],
  ],
  [
    asked,
    { code: 'NoMemory', wanted: 1, available: 0 },
    [{ wanted: 0 }, /wanted/],
    [{ available: 0.5 }, /available/],
    [{ available: 1 }, /NoMemory for 1, with 1 in a row of 1/],
  ],
  [
    asked,
    { code: 'NoMemory', wanted: 2, available: 4, largestRunPages: 1 },
    [{ largestRunPages: 2 }, /NoMemory for 2, with 2 in a row of 4/],
    [{ largestRunPages: 1, available: 0 }, /NoMemory for 2, with 1 in a row of 0/],
    [{ largestRunPages: -1 }, /largestRunPages of NoMemory is -1/],
  ],
  [
    asked,
    { code: 'OutOfRange', haveBytes: 1, wantBytes: 2 },
    [{ wantBytes: 1 }, /haveBytes of OutOfRange is 1, which is enough for 1/],
    [{ haveBytes: -1 }, /is -1/],
  ],
  [
    asked,
    { code: 'MemoryFailure', pfn: page.pfn, bytesNotCopied: 4 },
    [{ pfn: other.pfn }, /pfn of MemoryFailure/],
    [{ bytesNotCopied: -4 }, /is -4/],
  ],
  [
    asked,
    { code: 'BadAddress', address: 4096, bytesNotCopied: 4 },
    [{ address: -1 }, /address of BadAddress is -1/],
    [{ bytesNotCopied: 0 }, /bytesNotCopied of BadAddress is 0/],
  ],
  [asked, { code: 'Injected', attempt: 0 }, [{ attempt: -1 }, /attempt of Injected is -1/]],
  [asked, { code: 'InvalidArgument', argument: 'a', got: 0, expected: '1' }],
  [asked, { code: 'NotSupported', operation: 'any' }],
];

describe('the numbers in an error', () => {
  for (const [failed, error, ...wrong] of ERRORS) {
    it(`${error.code}${failed.full === undefined ? '' : ` on a full pool (${String(failed.full.limitedBy)})`}`, () => {
      checkNumbers(error, failed);
      for (const [change, words] of wrong)
        expect(() => checkNumbers({ ...error, ...change }, failed)).to.throw(words);
    });
  }
});
