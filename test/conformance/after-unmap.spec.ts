import { kmap, kmapLocal, pageAddress } from 'scatterlist/backends';
import { ok } from 'scatterlist';
import type { Mapping } from 'scatterlist';
import { afterUnmap } from '../../lib/conformance/after-unmap.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on after unmap', () => {
  catches(
    afterUnmap,
    'forgets to unmap',
    broken(kmapLocal, () => ({ unmap: () => undefined })),
    /after the release is use-after-unmap.* got none/,
  );

  catches(
    afterUnmap,
    'lets a mapping be released twice',
    broken(kmap, (inner) => ({
      unmap: (mapping) => {
        if (mapping.live) inner.unmap(mapping);
      },
    })),
    /a second release: expected the violation double-unmap, got none/,
  );

  catches(
    afterUnmap,
    'keeps its mappings for later use',
    broken(pageAddress, (inner) => {
      const kept = new Map<number, Mapping>();
      return {
        map: (page, offset, length) => {
          const known = kept.get(page.pfn);
          if (known !== undefined) return ok(known);
          const mapped = inner.map(page, offset, length);
          if (mapped.ok) kept.set(page.pfn, mapped.value);
          return mapped;
        },
        unmap: () => undefined,
      };
    }),
    /live mappings/,
  );

  catches(
    afterUnmap,
    'maps more than it was asked to',
    broken(kmapLocal, (inner, context) => ({
      map: (page, offset) => inner.map(page, offset, context.machine.pageSize - offset),
    })),
    /beyond the mapping is page-overrun.* got none/,
  );
});
