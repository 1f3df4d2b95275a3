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

  const twice = broken(kmap, (inner) => ({
    map: (page, offset, length) => {
      void inner.map(page, offset, length);
      return inner.map(page, offset, length);
    },
  }));

  catches(
    afterUnmap,
    'holds more mappings than it was asked for, until the end',
    twice,
    /never released is a leak .*: live mappings: got 2, expected 1/,
  );

  catches(
    afterUnmap,
    'holds more mappings than it was asked for, in a scope',
    twice,
    /live mappings in the scope: got 2, expected 1/,
  );

  catches(
    afterUnmap,
    'counts a mapping when it refuses the second release',
    broken(kmap, (inner, { machine }) => ({
      unmap: (mapping) => {
        if (!mapping.live) machine.hardware.ledger.maps += 1;
        inner.unmap(mapping);
      },
    })),
    /live mappings after the second release: got 1, expected 0/,
  );
});
