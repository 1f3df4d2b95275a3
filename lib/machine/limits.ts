/** The name of a limit. */
export type LimitName =
  | 'pageSize'
  | 'cpus'
  | 'cpusMost'
  | 'lowmemPages'
  | 'highmemPages'
  | 'pkmapSlots'
  | 'kmMaxIdx'
  | 'kmMaxIdxDebug'
  | 'vmallocPages'
  | 'directMapBytes32'
  | 'bounceSlotBytes'
  | 'bounceSlots'
  | 'bounceSetSlots'
  | 'sgMaxSingleAlloc'
  | 'sgChunkSize'
  | 'sgMostEntries'
  | 'pagesPerSection'
  | 'callSiteFrames'
  | 'reportFrames'
  | 'traceEvents';

/**
 * Every limit and default of the simulated machine, in one table, each with its reason.
 *
 * A machine is constructed with these unless an option says otherwise.
 */
export const LIMITS: Readonly<Record<LimitName, number>> = {
  /** Bytes of a page: what every 32-bit highmem architecture of Linux uses by default. */
  pageSize: 4096,
  /** CPUs of a machine: the smallest number on which another CPU can hold a stale TLB entry. */
  cpus: 2,
  /** Most CPUs: x86-32 ends at 64 with bigsmp, and the fixmap below must fit. */
  cpusMost: 64,
  /** Lowmem pages (16 MiB): enough for a bounce pool and direct-mapped tests, built lazily. */
  lowmemPages: 4096,
  /** Highmem pages (64 MiB): more than the kmap pool can map at once, so that it can be exhausted. */
  highmemPages: 16384,
  /** `LAST_PKMAP` of x86-32 without PAE; 512 with PAE and on ARM. */
  pkmapSlots: 1024,
  /** `KM_MAX_IDX`: 16 index slots a CPU; the 16th push is a BUG, so 15 maps nest. */
  kmMaxIdx: 16,
  /** `KM_MAX_IDX` with `DEBUG_KMAP_LOCAL`: 33 slots, every other one a guard, so 16 maps nest. */
  kmMaxIdxDebug: 33,
  /** Pages of the vmalloc area: what 128 MiB of x86-32 address space leave after the other areas. */
  vmallocPages: 24576,
  /** A direct map larger than 896 MiB does not fit below the vmalloc area of x86-32. */
  directMapBytes32: 896 * 1024 * 1024,
  /** `IO_TLB_SHIFT` 11: a slot of the bounce pool. */
  bounceSlotBytes: 2048,
  /** Slots of the bounce pool (512 KiB); Linux takes 64 MiB, a size no test would exhaust. */
  bounceSlots: 256,
  /** `IO_TLB_SEGSIZE`: a bounce mapping never crosses a set of 128 slots. */
  bounceSetSlots: 128,
  /** `SG_MAX_SINGLE_ALLOC` of a 64-bit kernel: a page of 32-byte entries. */
  sgMaxSingleAlloc: 128,
  /** `SG_CHUNK_SIZE`: the largest pool of chained tables. */
  sgChunkSize: 128,
  /** Entries of a table (64 GiB of pages): more cost the host gigabytes before one of them is set. */
  sgMostEntries: 2 ** 24,
  /** Pages of a section of physical memory: 4 MiB, small, so that a test can cross one. */
  pagesPerSection: 1024,
  /** Frames of stack searched for the caller's line of a map; the library's own frames are at most this deep. */
  callSiteFrames: 16,
  /** The same of a report, which may be found deeper, and is rare. */
  reportFrames: 32,
  /** Events kept by the trace before the oldest are dropped. */
  traceEvents: 8192,
};
