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

  it('do not change by accident: programs and their reports depend on them', () => {
    expect(LIMITS).to.include({
      cpus: 2,
      cpusMost: 64,
      lowmemPages: 4096,
      highmemPages: 16384,
      vmallocPages: 24576,
      bounceSlots: 256,
      sgChunkSize: 128,
      sgMostEntries: 16_777_216,
      pagesPerSection: 1024,
      callSiteFrames: 16,
      reportFrames: 32,
      traceEvents: 8192,
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
