import { kmap, kmapLocal, vmap } from 'scatterlist/backends';
import { hostileShapes } from '../../lib/conformance/hostile-shapes.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on hostile shapes', () => {
  catches(
    hostileShapes,
    'goes wrong at the end of a page',
    broken(kmapLocal, (inner, context) => ({
      map: (page, offset, length) =>
        inner.map(page, offset === context.machine.pageSize - 1 ? 0 : offset, length),
    })),
    /page ends too: sgCopyToBuffer: byte/,
  );

  catches(
    hostileShapes,
    'goes wrong where an entry begins behind its first page',
    broken(vmap, (inner) => ({ map: (page, offset, length) => inner.map(page, offset % 500, length) })),
    /: \w+: byte/,
  );

  catches(
    hostileShapes,
    'passes pieces, and does not count them',
    broken(kmapLocal, () => ({ pass: (range) => range.end - range.first })),
    /direct.*: maps counted by pass, compared with mapping each piece: got \d+, expected \d+/,
  );

  catches(
    hostileShapes,
    'never gives a slot back',
    broken(kmap, () => ({ unmap: () => undefined })),
    /pools of one .*NoSlots|live mappings/,
  );
});
