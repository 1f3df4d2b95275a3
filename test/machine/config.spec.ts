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

  it('gives every page size an address space that fits', () => {
    for (let pageSize = 256; pageSize <= 65536; pageSize *= 2)
      expect(createMachine({ pageSize }).pageSize).to.equal(pageSize);
    expect(resolveConfig({ pageSize: 65536 }).vmallocPages).to.equal(1536);
  });
});
