/** Every backend, one line each. */
export { type FaultPlan, type MapCall, type WithInjected, faultInjection } from './fault-injection.ts';
export { IO_ACCESS, ioAccess } from './io-access.ts';
export { type BounceOptions, IOMEM_BOUNCE, iomemBounce } from './iomem-bounce.ts';
export { KMAP, kmap } from './kmap.ts';
export { KMAP_ATOMIC, kmapAtomic } from './kmap-atomic.ts';
export { KMAP_LOCAL, kmapLocal } from './kmap-local.ts';
export { PAGE_ADDRESS, pageAddress } from './page-address.ts';
export { PGMAP, pgmap } from './pgmap.ts';
export { type RecordedCall, RecordingBackend, recorder } from './recorder.ts';
export { VMAP, vmap } from './vmap.ts';
