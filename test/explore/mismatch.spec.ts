import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import type { Page } from 'scatterlist/machine';
import { ConfigError } from '../../lib/base/invariant.ts';
import { byteText, differences, isMismatch, rangeText, sameBytes } from '../../lib/explore/mismatch.ts';

const machine = createMachine({ lowmemPages: 4, highmemPages: 4 });
const page = machine.allocPage({ zone: 'highmem' });
const bytesOf = (of: Page): Uint8Array => machine.hardware.memory.bytesOf(of);

describe('a mismatch', () => {
  it('is a page or an array, and the bytes expected in it', () => {
    for (const good of [
      { of: page, expected: 1 },
      { of: [1], expected: [2], at: 0 },
      { of: new Uint8Array(1), expected: new Uint8Array(1) },
    ])
      expect(isMismatch(good)).to.equal(true);
    const bad = [
      1,
      null,
      {},
      { of: page },
      { expected: 1 },
      { of: 1, expected: 1 },
      { of: page, expected: 'a', at: '' },
    ];
    for (const other of bad) expect(isMismatch(other)).to.equal(false);
  });

  it('finds what differs, from where it begins, and what is missing at the end', () => {
    bytesOf(page).set([1, 2, 3, 4]);
    const at = (mismatch: Parameters<typeof differences>[0]) =>
      differences(mismatch, bytesOf).map((one) => one.at);
    expect(at({ of: page, expected: [1, 0, 3, 0] })).to.deep.equal([1, 3]);
    expect(at({ of: page, expected: 3, at: 2 })).to.deep.equal([]);
    expect(differences({ of: [5, 6], expected: [6, 7], at: 1 }, bytesOf)).to.deep.equal([
      { at: 2, actual: undefined, expected: 7 },
    ]);
    expect(sameBytes({ of: page, expected: [2, 3], at: 1 }, bytesOf)).to.equal(true);
    const wrong = { of: page, expected: 9 };
    expect(sameBytes(wrong, bytesOf)).to.equal(wrong);
    for (const odd of [-1, 0.5, 4097])
      expect(() => at({ of: page, expected: 1, at: odd })).to.throw(ConfigError);
    expect(() => sameBytes({ of: page } as typeof wrong, bytesOf)).to.throw(ConfigError);
  });

  it('is told by range and by byte', () => {
    expect([byteText(0), byteText(255), byteText(256), byteText(-1), byteText(undefined)]).to.deep.equal([
      '0x00',
      '0xff',
      '256',
      '-1',
      'missing',
    ]);
    expect(rangeText([], 3, 4)).to.equal('byte 3 of the array');
    expect(rangeText(page, 3, 8)).to.equal('bytes 3 to 7 of pfn 0x4');
  });
});
