import { mapContiguous, vunmap } from 'scatterlist/backend';
import { KMAP_LOCAL, kmapLocal, pageAddress, vmap } from 'scatterlist/backends';
import { err, pfn } from 'scatterlist';
import { kindsAndErrors } from '../../lib/conformance/kinds-and-errors.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on kinds and errors', () => {
  catches(
    kindsAndErrors,
    'fails where it says that it cannot',
    broken(kmapLocal, () => ({ contract: { errors: { ...KMAP_LOCAL.errors, iomem: [] } } })),
    /iomem cannot fail.*Unmappable/,
  );

  catches(
    kindsAndErrors,
    'maps what it says it refuses',
    broken(kmapLocal, () => ({ contract: { errors: { ...KMAP_LOCAL.errors, lowmem: ['Unmappable'] } } })),
    /map of lowmem succeeded/,
  );

  catches(
    kindsAndErrors,
    'refuses with another code',
    broken(kmapLocal, (inner) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        return mapped.ok ? mapped : err({ code: 'NoMemory', wanted: 1, available: 0 });
      },
    })),
    /error for iomem: got NoMemory, expected Unmappable/,
  );

  catches(
    kindsAndErrors,
    'names another page in its refusal',
    broken(kmapLocal, (inner) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        return mapped.ok || mapped.error.code !== 'Unmappable'
          ? mapped
          : err({ ...mapped.error, pfn: pfn(0) });
      },
    })),
    /names pfn: got 0/,
  );

  catches(
    kindsAndErrors,
    'lists an error that nothing causes',
    broken(kmapLocal, () => ({ contract: { errors: { ...KMAP_LOCAL.errors, lowmem: ['NoVirtualSpace'] } } })),
    /lowmem can fail with NoVirtualSpace.*no full pool causes it/,
  );

  catches(
    kindsAndErrors,
    'names the first page of a run in place of the one that it cannot reach',
    broken(pageAddress, (inner) => ({
      map: (page, offset, length) => {
        const mapped = inner.map(page, offset, length);
        return mapped.ok || mapped.error.code !== 'Unmappable'
          ? mapped
          : err({ code: 'Unmappable', pfn: page.pfn, kind: page.kind });
      },
    })),
    /a run of pages that ends in highmem memory .*names pfn: got [0-2], expected 3/,
  );

  catches(
    kindsAndErrors,
    'looks at the first page of a run only',
    broken(vmap, (inner, context) => ({
      map: (page, offset, length) => {
        const { memory } = context.machine.hardware;
        if (!page.zone.isSystemRam) return inner.map(page, offset, length);
        const count = Math.ceil((offset + length) / memory.pageSize);
        return mapContiguous(
          context,
          Array.from({ length: count }, (_, i) => memory.nthPage(page, i)),
          offset,
          length,
        );
      },
      unmap: (mapping) => vunmap(context, mapping),
    })),
    /a run of pages that ends in protected memory .*map into protected succeeded/,
  );

  catches(
    kindsAndErrors,
    'has impossible numbers in an error of its own',
    {
      ...broken(kmapLocal, () => ({ contract: { errors: { ...KMAP_LOCAL.errors, lowmem: ['TooBig'] } } })),
      failing: {
        TooBig: broken(kmapLocal, () => ({
          map: (_page, _offset, length) => err({ code: 'TooBig', needBytes: length, limitBytes: length }),
        })).backend,
      },
    },
    /lowmem can fail with TooBig: limitBytes of TooBig is 8/,
  );

  catches(
    kindsAndErrors,
    'lists an error twice',
    broken(kmapLocal, () => ({
      contract: { errors: { ...KMAP_LOCAL.errors, iomem: ['Unmappable', 'Unmappable'] } },
    })),
    /different codes/,
  );

  catches(
    kindsAndErrors,
    'fails in the waiting form only',
    broken(kmapLocal, () => ({
      *mapWait() {
        return err({ code: 'NoSlots', slots: 0, waiting: 0 });
      },
    })),
    /mapWait of \w+ failed/,
  );
});
