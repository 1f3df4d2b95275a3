/** For authors of backends: the contract, the definition, and the kernel functions to build on. */
export { err, ok } from '../base/result.ts';
export type { Err, Ok, Result } from '../base/result.ts';
export { kunmapAtomic, mapAtomic } from '../kernel/highmem/kmap-atomic.ts';
export { kunmapLocal, mapLocal, passLocal } from '../kernel/highmem/kmap-local.ts';
export { kunmap, mapPoolWait, passPool, tryMapPool } from '../kernel/highmem/kmap.ts';
export { mapIo, unmapIo } from '../kernel/device/io-mapping.ts';
export { closeDirect, openDirect, passDirect } from '../kernel/highmem/page-address.ts';
export type { Pass, PassablePieces, PieceRange } from '../kernel/parts/piece-range.ts';
export { mapContiguous, vunmap } from '../kernel/highmem/vmap.ts';
export { Backend, defineBackend } from '../mapping/backend.ts';
export { SlotTokens } from '../kernel/parts/slot-tokens.ts';
export type {
  BackendDefinition,
  ErrorsOf,
  MapBackend,
  MappingOf,
  TokenSource,
  WaitErrorsOf,
} from '../mapping/backend.ts';
export { termsFor } from '../mapping/contract.ts';
export type {
  Contract,
  ErrorTable,
  ErrorsIn,
  KindTerms,
  Nesting,
  NestingLimit,
  SideEffect,
  WaitErrorsIn,
} from '../mapping/contract.ts';
export type { DirectMapping, Mapping } from '../mapping/mapping.ts';
