import { expect } from 'chai';
import { RandomSource } from '../../lib/explore/random-source.ts';

describe('RandomSource', () => {
  it('stays below its bound and reaches all of it', () => {
    const source = new RandomSource(3);
    const seen = new Set(Array.from({ length: 500 }, () => source.next(7)));
    expect([...seen].sort()).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
  });

  it('is the same for the same seed', () => {
    const take = (seed: number): readonly number[] => {
      const source = new RandomSource(seed);
      return Array.from({ length: 10 }, () => source.next(1000));
    };
    expect(take(5)).to.deep.equal(take(5));
    expect(take(5)).to.not.deep.equal(take(6));
  });

  it('gives the numbers of splitmix32, whatever the version', () => {
    const take = (seed: number): readonly number[] => {
      const source = new RandomSource(seed);
      return Array.from({ length: 4 }, () => source.next(2 ** 32));
    };
    expect([take(0), take(1), take(-1), take(2 ** 32 + 1)]).to.deep.equal([
      [1684164658, 3653269916, 2939563536, 2141751570],
      [1580013426, 350525680, 3524174333, 3011703609],
      [3950124170, 4293442868, 1302505678, 2762329221],
      [1580013426, 350525680, 3524174333, 3011703609],
    ]);
  });
});
