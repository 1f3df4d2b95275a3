import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { vmap } from 'scatterlist/backends/vmap';
import { conformance } from 'scatterlist/conformance';

describe('vmap of more pages than the area has', () => {
  it('says how many it would need, and looks at none', () => {
    const machine = createMachine({ lowmemPages: 64, vmallocPages: 10 });
    const page = machine.allocPage({ zone: 'lowmem' });
    const backend = vmap(machine.task());
    expect(backend.map(page, 0, 2 ** 32 - 4096)).to.deep.equal({
      ok: false,
      error: { code: 'NoVirtualSpace', needPages: 2 ** 20 - 1, freePages: 10, largestRunPages: 9 },
    });
    expect(backend.map(page, 0, 10 * 4096)).to.have.nested.property('error.needPages', 10);
    expect(backend.map(page, 0, 9 * 4096).ok).to.equal(true);
  });
});

conformance({ describe, it }, { backend: (context) => vmap(context) });
