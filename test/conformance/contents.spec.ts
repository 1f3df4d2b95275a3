import { ioAccess, iomemBounce, kmapLocal } from 'scatterlist/backends';
import { contents } from '../../lib/conformance/contents.ts';
import { broken, catches } from './faulty.ts';

describe('the clause on contents', () => {
  catches(
    contents,
    'maps the page behind the one asked for',
    broken(kmapLocal, (inner, context) => ({
      map: (page, offset, length) =>
        inner.map(context.machine.hardware.memory.page(page.pfn + 1), offset, length),
    })),
    /load8\(0\): got/,
  );

  catches(
    contents,
    'ignores the offset',
    broken(kmapLocal, (inner) => ({ map: (page, _offset, length) => inner.map(page, 0, length) })),
    /load8\(0\): got/,
  );

  catches(
    contents,
    'maps a byte too few',
    broken(kmapLocal, (inner) => ({
      map: (page, offset, length) => inner.map(page, offset, Math.max(1, length - 1)),
    })),
    /length of the mapping: got/,
  );

  catches(
    contents,
    'claims to be direct and has no bytes',
    broken(ioAccess, () => ({ contract: { direct: true } })),
    /says direct, but a mapping of iomem has no bytes/,
  );

  catches(
    contents,
    'is direct and does not say so',
    broken(kmapLocal, () => ({ contract: { direct: false } })),
    /should say direct/,
  );

  catches(
    contents,
    'never writes its bounce buffer back',
    { backend: (context) => iomemBounce(context, { sync: 'explicit' }) },
    /after the release: iomem memory/,
  );

  catches(
    contents,
    'hands out a bounce buffer without the bytes',
    { backend: (context) => iomemBounce(context, { prefill: 'none' }) },
    /of iomem .*load8\(0\)/,
  );

  catches(
    contents,
    'changes the byte behind the mapping',
    broken(kmapLocal, (inner, context) => ({
      unmap: (mapping) => {
        inner.unmap(mapping);
        const bytes = context.machine.physical(mapping.page);
        const at = mapping.pageOffset + mapping.length;
        if (at < bytes.length) bytes[at] = (bytes[at]! + 1) & 0xff;
      },
    })),
    /after the release: \w+ memory: byte/,
  );
});
