import { expect } from 'chai';
import { ConfigError, createMachine } from 'scatterlist';
import type { MachineOptions } from 'scatterlist';
import { LIMITS, resolveConfig } from 'scatterlist/machine';

describe('resolveConfig', () => {
  it('has Linux’s values where nothing is said', () => {
    expect(resolveConfig({})).to.include({
      mode: 'checked',
      linux: '7.2',
      semantics: 'strict',
      onViolation: 'throw',
      cpus: 2,
      pageSize: 4096,
      highmem: true,
      preemptRt: false,
      pkmapSlots: 1024,
      pkmapColours: 1,
      kmMaxIdx: 16,
      vmallocPages: LIMITS.vmallocPages,
      callSites: true,
    });
  });

  it('draws its conclusions', () => {
    expect(resolveConfig({ forceMap: true })).to.include({ debugKmapLocal: true, kmMaxIdx: 33 });
    expect(resolveConfig({ debugKmapLocal: true, kmMaxIdx: 5 })).to.include({ kmMaxIdx: 5 });
    expect(resolveConfig({ mode: 'direct' })).to.include({ callSites: false, trace: false });
    expect(resolveConfig({ mode: 'direct', trace: true })).to.include({ trace: true });
  });

  it('refuses numbers that no machine could have, by name', () => {
    const wrong: readonly (readonly [MachineOptions, string])[] = [
      [{ cpus: 65 }, 'cpus is 65; it must be a whole number from 1 to 64'],
      [{ cpus: 1.5 }, 'cpus is 1.5'],
      [{ pageSize: 128 }, 'pageSize is 128'],
      [{ pageSize: 5000 }, 'pageSize is 5000; it must be a power of two'],
      [{ highmemPages: -1 }, 'highmemPages is -1'],
      [{ pkmapSlots: 3 }, 'pkmapSlots is 3; it must be a power of two'],
      [{ pkmapSlots: 4, pkmapColours: 8 }, 'pkmapColours is 8'],
      [{ pkmapColours: 3 }, 'pkmapColours is 3; it must be a power of two'],
      [{ kmMaxIdx: 1 }, 'kmMaxIdx is 1'],
      [{ vmallocPages: NaN }, 'vmallocPages is NaN'],
      [{ bounceSlots: 0 }, 'bounceSlots is 0'],
    ];
    for (const [options, message] of wrong)
      expect(() => resolveConfig(options)).to.throw(ConfigError, message);
  });

  it('has a default for each option', () => {
    expect(resolveConfig({})).to.deep.equal({
      mode: 'checked',
      linux: '7.2',
      semantics: 'strict',
      onViolation: 'throw',
      cpus: 2,
      pageSize: 4096,
      lowmemPages: 4096,
      highmemPages: 16384,
      protectedPages: 0,
      unmappablePages: 0,
      highmem: true,
      preemptRt: false,
      debugKmapLocal: false,
      forceMap: false,
      kmapHighGet: false,
      pkmapSlots: 1024,
      pkmapColours: 1,
      pkmapFlush: 'all',
      kmMaxIdx: 16,
      vmallocPages: 24576,
      bounceSlots: 256,
      cacheAliasing: false,
      dcacheColours: 0,
      globalPages: true,
      pagesPerSection: 1024,
      gapSections: [],
      trackUninitialised: false,
      trace: false,
      callSites: true,
    });
  });

  it('takes each number from its least to its most, and none beside them', () => {
    const bounds: Partial<Record<keyof MachineOptions, readonly [least: number, most: number]>> = {
      cpus: [1, 64],
      pageSize: [256, 65536],
      lowmemPages: [0, 2 ** 30],
      highmemPages: [0, 2 ** 30],
      protectedPages: [0, 2 ** 30],
      unmappablePages: [0, 2 ** 30],
      pkmapSlots: [1, 65536],
      pkmapColours: [1, 1024],
      kmMaxIdx: [2, 256],
      vmallocPages: [0, 2 ** 20],
      bounceSlots: [1, 2 ** 20],
      dcacheColours: [0, 256],
      pagesPerSection: [1, 2 ** 30],
    };
    for (const [name, [least, most]] of Object.entries(bounds)) {
      for (const n of [least, most]) expect(resolveConfig({ [name]: n }), name).to.include({ [name]: n });
      for (const n of [least - 1, most + 1])
        expect(() => resolveConfig({ [name]: n }), name).to.throw(
          ConfigError,
          `${name} is ${String(n)}; it must be a whole number from ${String(least)} to ${String(most)}`,
        );
    }
    for (const n of [0, 2 ** 30]) expect(resolveConfig({ gapSections: [n] }).gapSections).to.deep.equal([n]);
    for (const n of [-1, 2 ** 30 + 1])
      expect(() => resolveConfig({ gapSections: [0, n] })).to.throw(`gapSections is ${String(n)}`);
  });

  it('takes as many pages as entries of a page table can name', () => {
    const zones = { lowmemPages: 2 ** 30, highmemPages: 0, protectedPages: 2 ** 29 };
    const most = 2 ** 29 - 2 ** 22;
    expect(resolveConfig({ ...zones, unmappablePages: most }).unmappablePages).to.equal(most);
    for (const more of [
      { unmappablePages: most + 1 },
      { highmemPages: 1, unmappablePages: most },
      { protectedPages: 2 ** 29 + 1, unmappablePages: most },
    ])
      expect(() => resolveConfig({ ...zones, ...more })).to.throw(ConfigError, 'the sum of all pages');
  });

  it('gives every page size an address space that fits', () => {
    for (let pageSize = 256; pageSize <= 65536; pageSize *= 2)
      expect(createMachine({ pageSize }).pageSize).to.equal(pageSize);
    expect(resolveConfig({ pageSize: 65536 }).vmallocPages).to.equal(1536);
  });
});
