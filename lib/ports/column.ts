/**
 * A column of the matrix: one backend, with what its contexts on one machine share.
 */
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
} from '../../backends/index.ts';
import type { Context, Machine } from '../kernel/core/machine.ts';
import { BouncePool } from '../kernel/device/bounce-pool.ts';
import type { MapBackend } from '../mapping/backend.ts';
import type { Contract } from '../mapping/contract.ts';

/** Binds a backend to a context: each task and each handler has one of its own. */
export type Bind = (context: Context) => MapBackend;

/** One backend. */
export interface Column {
  readonly contract: Contract;
  /** Sets up what the contexts of one machine share. */
  readonly on: (machine: Machine) => Bind;
}

/** The backends of the library, from the oldest interface to the ones for special memory. */
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
