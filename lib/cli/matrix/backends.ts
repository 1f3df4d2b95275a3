/**
 * The backends of the matrix, one column each.
 */
import type { Context, Contract, Machine, MapBackend } from 'scatterlist';
import {
  IOMEM_BOUNCE,
  IO_ACCESS,
  KMAP,
  KMAP_ATOMIC,
  KMAP_LOCAL,
  PAGE_ADDRESS,
  PGMAP,
  VMAP,
  ioAccess,
  iomemBounce,
  kmap,
  kmapAtomic,
  kmapLocal,
  pageAddress,
  pgmap,
  vmap,
} from 'scatterlist/backends';
import { BouncePool } from 'scatterlist/machine';

/** Binds a backend to a context: a handler needs one of its own. */
export type Bind = (context: Context) => MapBackend;

/** One column. */
export interface Column {
  readonly contract: Contract;
  /** Sets up what the contexts of one machine share. */
  readonly on: (machine: Machine) => Bind;
}

/** Every column, from the oldest interface to the ones for special memory. */
export const COLUMNS: readonly Column[] = [
  { contract: KMAP, on: () => kmap },
  { contract: KMAP_ATOMIC, on: () => kmapAtomic },
  { contract: KMAP_LOCAL, on: () => kmapLocal },
  { contract: PAGE_ADDRESS, on: () => pageAddress },
  { contract: VMAP, on: () => vmap },
  {
    contract: IOMEM_BOUNCE,
    on: (machine) => {
      const pool = new BouncePool(machine);
      return (context) => iomemBounce(context, { pool });
    },
  },
  { contract: IO_ACCESS, on: () => ioAccess },
  { contract: PGMAP, on: () => pgmap },
];
