import { kmap, kmapLocal } from 'scatterlist/backends';
import { err } from 'scatterlist';
import { everyFailure } from '../../lib/conformance/every-failure.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on every failure', () => {
  catches(
    everyFailure,
    'forgets to unmap one map in three',
    broken(kmap, (inner) => {
      let n = 0;
      return {
        unmap: (mapping) => {
          n += 1;
          if (n % 3 !== 0) inner.unmap(mapping);
        },
      };
    }),
    /live mappings: got [1-9]/,
  );

  catches(
    everyFailure,
    'spoils a byte when it releases',
    broken(kmapLocal, (inner, context) => ({
      unmap: (mapping) => {
        const { page } = mapping;
        inner.unmap(mapping);
        context.machine.physical(page)[5] = 0x99;
      },
    })),
    /memory .*byte 5/,
  );

  catches(
    everyFailure,
    'fails by itself now and then',
    broken(kmapLocal, (inner) => {
      let n = 0;
      return {
        map: (page, offset, length) => {
          n += 1;
          return n % 4 === 0
            ? err({ code: 'NoMemory', wanted: 1, available: 0 })
            : inner.map(page, offset, length);
        },
      };
    }),
    /error of an undisturbed walk: got NoMemory/,
  );
});
