import { expect } from 'chai';
import { definePort } from 'scatterlist/ports';
import { machineFor } from '../../lib/ports/machine-for.ts';
import { LOADED } from './page-port.ts';

describe('machineFor', () => {
  it('has room for twice the bytes, and a pool that wraps', () => {
    expect(machineFor(LOADED)).to.include({ highmemPages: 1026, pkmapSlots: 64, callSites: true });
  });

  it('lets the port choose before the run does', async () => {
    const port = definePort({
      name: 'x',
      follows: 'no file',
      about: 'has options',
      memory: ['lowmem'],
      machine: { pkmapSlots: 8, cpus: 4 },
      setup: () => ({}),
      variants: { original: { about: 'a', linux: 'none', tasks: { *idle() {} } } },
      verify: () => ({ verifiedBytes: 0 }),
    });
    const loaded = await port.load({ name: 'x', content: new Uint8Array(1) });
    expect(machineFor(loaded, { cpus: 1 })).to.include({ pkmapSlots: 8, cpus: 1 });
  });
});
