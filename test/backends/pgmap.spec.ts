import { expect } from 'chai';
import { createMachine } from 'scatterlist';
import { pgmap } from 'scatterlist/backends/pgmap';
import { conformance } from 'scatterlist/conformance';

describe('pgmap', () => {
  it('refuses devices, what no CPU can reach, and highmem where there is such a thing', () => {
    for (const highmem of [true, false]) {
      const machine = createMachine({ highmem, protectedPages: 1, unmappablePages: 1 });
      const backend = pgmap(machine.task());
      const pages = [
        machine.allocPage({ zone: 'lowmem' }),
        machine.allocPage({ zone: 'protected' }),
        machine.allocPage({ zone: 'highmem' }),
        machine.allocPage({ zone: 'unmappable' }),
        machine.ioRegion(1)[0]!,
      ];
      const codes = pages.map((page) => {
        const mapped = backend.map(page, 0, 1);
        if (mapped.ok) backend.unmap(mapped.value);
        return mapped.ok ? 'ok' : `${mapped.error.code} ${mapped.error.kind}`;
      });
      expect(codes).to.deep.equal([
        'ok',
        'ok',
        highmem ? 'Unmappable highmem' : 'ok',
        'Unmappable unmappable',
        'Unmappable iomem',
      ]);
    }
  });
});

conformance({ describe, it }, { backend: (context) => pgmap(context) });
