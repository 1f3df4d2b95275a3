/**
 * A picture of the machine at one moment: plain data that a worker can send to a page.
 *
 * Each entry has a key that stays the same from picture to picture (a CPU's number, a slot's number, an address), so that
 * a view can mark what has changed by comparing entries of the same key. Numbers are plain: addresses, frame numbers
 * (`pfn`) and counts are what `scatterlist/machine` calls them.
 */

/** The context that runs on a CPU: a task, or an interrupt handler on top of one. */
export interface RunningContext {
  readonly name: string;
  readonly kind: 'task' | 'softirq' | 'hardirq' | 'nmi';
}

/** A slot of a CPU's stack of local maps. */
export interface LocalSlot {
  /** The index on this CPU's stack, from 0. */
  readonly index: number;
  readonly vaddr: number;
  /** The frame that the page table has there; `undefined` if the slot is empty. */
  readonly pfn: number | undefined;
  /** The contexts that hold it. */
  readonly holders: readonly string[];
}

/** A translation that a CPU's TLB keeps. */
export interface TlbEntry {
  readonly vaddr: number;
  readonly pfn: number;
  /** The page table no longer says so: an access through it reaches the old page. */
  readonly isStale: boolean;
}

/** One CPU. */
export interface CpuPicture {
  readonly id: number;
  /** What runs on it, the innermost first: a handler, then what it interrupted, down to the task. */
  readonly stack: readonly RunningContext[];
  /** Whether nothing runs but the idle task. */
  readonly isIdle: boolean;
  readonly irqsDisabled: boolean;
  /** Softirq handlers that run, and sections with bottom halves disabled. */
  readonly softirqDepth: number;
  readonly hardirqDepth: number;
  readonly nmiDepth: number;
  /** Counts of the task on the CPU. */
  readonly preemptCount: number;
  readonly migrateDisabled: number;
  readonly pagefaultDisabled: number;
  /** Every slot that was in use up to the deepest one in use; empty if none is. */
  readonly localSlots: readonly LocalSlot[];
  /** How many slots a CPU has. */
  readonly localSlotCount: number;
  readonly tlb: readonly TlbEntry[];
}

/** One task. */
export interface TaskPicture {
  readonly name: string;
  readonly cpu: number;
  readonly state: 'running' | 'runnable' | 'asleep' | 'exited';
  /** The queue on which it sleeps. */
  readonly sleepsOn: string | undefined;
  readonly preemptCount: number;
  readonly migrateDisabled: number;
  readonly pagefaultDisabled: number;
  /** Local maps that it holds, in slots or saved while it is switched out. */
  readonly localMaps: number;
  /** Whether it may access pages that need a protection key. */
  readonly hasKey: boolean;
}

/** A slot of the kmap pool. */
export interface PoolSlot {
  readonly slot: number;
  readonly vaddr: number;
  readonly pfn: number | undefined;
  /** As in Linux: 0 free; 1 no user, but still mapped until the next flush; n has n-1 users. */
  readonly count: number;
  readonly state: 'free' | 'unused' | 'used';
  readonly holders: readonly string[];
}

/** The kmap pool. */
export interface PoolPicture {
  /** How many slots there are. */
  readonly slotCount: number;
  /** All slots of a pool of up to 64; of a larger one those that are not free. By number. */
  readonly slots: readonly PoolSlot[];
  /** The slot where the last search ended, by cache colour. */
  readonly cursors: readonly number[];
  /** Passes that recycled slots and flushed TLBs. */
  readonly flushPasses: number;
  /** Tasks that wait for a slot. */
  readonly waiting: readonly string[];
}

/** A page that the kernel's page table maps, outside of the linear map. */
export interface PageTableEntry {
  readonly area: 'local' | 'pkmap' | 'vmalloc';
  readonly vaddr: number;
  readonly pfn: number;
  readonly holders: readonly string[];
}

/** A bounce pool. */
export interface BouncePicture {
  /** Its number on the machine. */
  readonly id: number;
  readonly slots: number;
  /** Runs of slots that are in use. */
  readonly runs: readonly { readonly firstSlot: number; readonly slots: number }[];
  readonly slotBytes: number;
}

/** A queue on which tasks sleep. Queues without a sleeper are left out. */
export interface QueuePicture {
  readonly name: string;
  readonly waiting: readonly string[];
}

/** A lock that is held. */
export interface LockPicture {
  readonly name: string;
  readonly holders: readonly string[];
}

/** A mapping that was made and not released. */
export interface MappingPicture {
  /** Tells it from every other mapping of the run. */
  readonly serial: number;
  /** The function that made it, such as `kmap_local`. */
  readonly mechanism: string;
  readonly owner: string;
  readonly vaddr: number;
  readonly lengthBytes: number;
  readonly pfns: readonly number[];
  readonly area: 'direct' | 'user' | 'local' | 'pkmap' | 'vmalloc';
  /** The slot in its area, if it has one. */
  readonly slot: number | undefined;
  readonly cpu: number;
  /** Who may use it. */
  readonly scope: string;
  /** The line of the program that made it. */
  readonly line: number | undefined;
}

/** Memory that is mapped for a device. */
export interface DmaPicture {
  readonly device: string;
  readonly address: number;
  readonly lengthBytes: number;
  readonly direction: string;
  /** Which side may touch the bytes. */
  readonly owner: 'cpu' | 'device';
}

/** A page that the program uses: one that was allocated, mapped or touched. */
export interface PagePicture {
  readonly pfn: number;
  readonly kind: 'lowmem' | 'highmem' | 'iomem' | 'protected' | 'unmappable';
  readonly isFree: boolean;
  /** Its first bytes. */
  readonly head: readonly number[];
}

/** The machine at one moment. */
export interface Snapshot {
  readonly cpus: readonly CpuPicture[];
  readonly tasks: readonly TaskPicture[];
  readonly pool: PoolPicture;
  /** By address. */
  readonly pageTable: readonly PageTableEntry[];
  readonly bounce: readonly BouncePicture[];
  readonly queues: readonly QueuePicture[];
  readonly locks: readonly LockPicture[];
  /** The oldest first. */
  readonly mappings: readonly MappingPicture[];
  readonly dma: readonly DmaPicture[];
  /** By frame number. */
  readonly pages: readonly PagePicture[];
  /** What it has cost so far: the counts of the ledger by name, such as `flushesGlobal`. */
  readonly ledger: Readonly<Record<string, number>>;
}
