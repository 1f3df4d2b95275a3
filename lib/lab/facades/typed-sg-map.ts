/**
 * The `sgMap` of this library: a backend is a value, what can fail is in the type, unmap takes the token.
 */
import { ioAccess } from '../../../backends/io-access.ts';
import type { IO_ACCESS } from '../../../backends/io-access.ts';
import { KMAP, kmap } from '../../../backends/kmap.ts';
import { kmapLocal } from '../../../backends/kmap-local.ts';
import type { KMAP_LOCAL } from '../../../backends/kmap-local.ts';
import { err } from '../../base/result.ts';
import type { Context } from '../../kernel/core/machine.ts';
import { defineBackend } from '../../mapping/backend.ts';
import type { Backend } from '../../mapping/backend.ts';
import type { DirectMapping, Mapping } from '../../mapping/mapping.ts';
import { sgMap, sgMapWait, sgUnmap, withMapping } from '../../scatterlist/map/sg-map.ts';
import { defineFacade } from '../define-facade.ts';
import type { Facade } from '../define-facade.ts';

/** `sgMap` and its relatives, with the backends bound to the context. */
export interface TypedSgMap {
  readonly sgMap: typeof sgMap;
  readonly sgMapWait: typeof sgMapWait;
  readonly sgUnmap: typeof sgUnmap;
  readonly withMapping: typeof withMapping;
  /** `kmap_local`: cannot fail for system RAM. */
  readonly local: Backend<typeof KMAP_LOCAL, DirectMapping>;
  /** `kmap`: valid everywhere; a full pool is an error, or a sleep in `sgMapWait`. */
  readonly pool: Backend<typeof KMAP, DirectMapping>;
  /** Accessors only, for lists with device memory: cannot fail. */
  readonly io: Backend<typeof IO_ACCESS, Mapping>;
}

/** The typed `sgMap` of this library. */
export const typedSgMap: Facade<TypedSgMap> = defineFacade({
  name: 'typed-sg-map',
  title: 'typed sgMap',
  source: 'this library',
  simplifies:
    'Only three of the backends, and no iterator or copy helper. A failure is injected where the type allows one: a map of the pool that does not wait.',
  open: ({ context, fails }) => ({
    sgMap,
    sgMapWait,
    sgUnmap,
    withMapping,
    local: kmapLocal(context),
    pool: failingPool(context, fails),
    io: ioAccess(context),
  }),
});

function failingPool(
  context: Context,
  fails: (call: string) => boolean,
): Backend<typeof KMAP, DirectMapping> {
  const inner = kmap(context);
  return defineBackend(context, {
    contract: KMAP,
    map: (page, pageOffset, lengthBytes) =>
      fails('sgMap')
        ? err({ code: 'NoSlots', slots: context.machine.config.pkmapSlots, waiting: 0 })
        : inner.map(page, pageOffset, lengthBytes),
    mapWait: (page, pageOffset, lengthBytes) => inner.mapWait(page, pageOffset, lengthBytes),
    unmap: (mapping) => {
      inner.unmap(mapping);
    },
  });
}
