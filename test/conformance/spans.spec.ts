import { kmapLocal, pageAddress, vmap } from 'scatterlist/backends';
import { spans } from '../../lib/conformance/spans.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on spans', () => {
  catches(
    spans,
    'claims to be contiguous and maps one page',
    broken(kmapLocal, () => ({ contract: { contiguous: true } })),
    /one mapping covers a whole/,
  );

  catches(
    spans,
    'maps many pages and does not say so',
    broken(pageAddress, () => ({ contract: { contiguous: false } })),
    /past the end of its page is page-overrun.* got none/,
  );

  catches(
    spans,
    'maps the first page only, for all of the entry',
    broken(vmap, (inner, context) => ({
      map: (page, offset, length) =>
        inner.map(page, offset, Math.min(length, context.machine.pageSize - offset)),
    })),
    /length of the mapping/,
  );
});
