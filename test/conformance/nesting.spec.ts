import { IOMEM_BOUNCE, iomemBounce, kmap, kmapLocal } from 'scatterlist/backends';
import type { Mapping } from 'scatterlist';
import { nesting } from '../../lib/conformance/nesting.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on nesting', () => {
  catches(
    nesting,
    'claims any order and is a stack',
    broken(kmapLocal, (inner) => ({ contract: { nesting: { ...inner.contract.nesting, order: 'any' } } })),
    /the oldest first works too: .*unmap out of order/,
  );

  catches(
    nesting,
    'claims a stack and releases in any order',
    broken(kmap, (inner) => ({ contract: { nesting: { ...inner.contract.nesting, order: 'lifo' } } })),
    /expected the violation unmap-order, got none/,
  );

  catches(
    nesting,
    'releases one kind of memory in any order without an exception for it',
    broken(iomemBounce, () => ({ contract: { except: {} } })),
    /iomem: the oldest first is unmap-order.*got none/,
  );

  catches(
    nesting,
    'makes an exception for a kind that is none',
    broken(iomemBounce, () => ({
      contract: { except: { ...IOMEM_BOUNCE.except, highmem: IOMEM_BOUNCE.except.iomem } },
    })),
    /highmem: the oldest first works too: .*unmap out of order/,
  );

  catches(
    nesting,
    'releases another mapping than the one it is given',
    broken(kmap, (inner) => {
      const held: Mapping[] = [];
      return {
        map: (page, offset, length) => {
          const mapped = inner.map(page, offset, length);
          if (mapped.ok) held.push(mapped.value);
          return mapped;
        },
        unmap: () => {
          const oldest = held.shift();
          if (oldest !== undefined) inner.unmap(oldest);
        },
      };
    }),
    /mapping reads|released/,
  );
});
