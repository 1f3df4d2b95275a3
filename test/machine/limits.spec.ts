import { expect } from 'chai';
import { read } from '../architecture/repository.ts';
import { LIMITS } from 'scatterlist/machine';

describe('LIMITS', () => {
  it('are Linux’s where Linux has them', () => {
    expect(LIMITS).to.include({
      pageSize: 4096,
      pkmapSlots: 1024,
      kmMaxIdx: 16,
      kmMaxIdxDebug: 33,
      bounceSlotBytes: 2048,
      bounceSetSlots: 128,
      sgMaxSingleAlloc: 128,
      directMapBytes32: 896 * 2 ** 20,
    });
  });

  it('each have their reason', () => {
    const lines = read('lib/machine/limits.ts').split('\n');
    for (const name of Object.keys(LIMITS)) {
      const at = lines.findIndex((line) => line.startsWith(`  ${name}:`));
      expect(lines[at - 1]?.trim(), name).to.match(/\*\/$/);
    }
  });
});
