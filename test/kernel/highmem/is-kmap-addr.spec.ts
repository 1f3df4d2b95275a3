import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { isKmapAddr } from 'scatterlist/machine';
import type { MachineOptions } from 'scatterlist/machine';

function ask(options: MachineOptions): Readonly<Record<string, boolean>> {
  const machine = createMachine({ cpus: 2, pkmapSlots: 64, ...options });
  const { addresses } = machine.hardware;
  const asked = {
    'pool begin': addresses.pkmap(0),
    'pool end': addresses.pkmap(64) - 1,
    'below the pool': addresses.pkmap(0) - 1,
    'first slot': addresses.local(0) + 5,
    'second slot': addresses.local(1) + 4095,
    'last slot': addresses.local(31),
    'past the slots': addresses.local(0) + addresses.pageSize,
    direct: addresses.direct(3),
    user: 0x1000,
  };
  return Object.fromEntries(Object.entries(asked).map(([name, at]) => [name, isKmapAddr(machine, at)]));
}

const NONE = {
  'pool begin': false,
  'pool end': false,
  'below the pool': false,
  'first slot': false,
  'second slot': false,
  'last slot': false,
  'past the slots': false,
  direct: false,
  user: false,
};
const POOL = { ...NONE, 'pool begin': true, 'pool end': true };
const LINUX = { ...POOL, 'second slot': true, 'last slot': true };

describe('isKmapAddr', () => {
  it('strict: knows the pool and every local slot', () => {
    expect(ask({})).to.deep.equal({ ...LINUX, 'first slot': true });
  });

  it('compatible: leaves the first slot out, as Linux does', () => {
    expect(ask({ semantics: 'compatible' })).to.deep.equal(LINUX);
  });

  it('knows the pool only on 6.1', () => {
    expect(ask({ linux: '6.1' })).to.deep.equal(POOL);
  });

  it('knows nothing without CONFIG_HIGHMEM', () => {
    expect(ask({ highmem: false })).to.deep.equal(NONE);
  });
});
