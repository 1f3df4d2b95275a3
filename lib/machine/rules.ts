/**
 * The contract rules that a checked machine enforces, as data.
 *
 * `title` heads the report. `linux` says which option or check of a real kernel would have seen the
 * mistake, if any. `advice` is the sentence that ends the report.
 */
export interface RuleText {
  readonly title: string;
  readonly linux: string;
  readonly advice: string;
}

/** The name of a rule, as printed behind `rule:` in a report. */
export type RuleId =
  | 'use-after-unmap'
  | 'double-unmap'
  | 'unmap-order'
  | 'wrong-task'
  | 'wrong-cpu'
  | 'sleep-in-atomic'
  | 'kmap-in-atomic'
  | 'map-in-hardirq'
  | 'slot-overflow'
  | 'slot-underflow'
  | 'slot-busy'
  | 'slot-guard'
  | 'unmap-address'
  | 'unmap-mismatch'
  | 'kunmap-unmapped'
  | 'kunmap-underflow'
  | 'page-overrun'
  | 'range-overrun'
  | 'poison-consumed'
  | 'uninitialised-read'
  | 'iomem-plain-access'
  | 'io-width'
  | 'protected-access'
  | 'stale-tlb'
  | 'stale-cache'
  | 'wild-access'
  | 'dma-area'
  | 'dma-cpu-access'
  | 'dma-device-access'
  | 'dma-direction'
  | 'dma-fault'
  | 'dma-mismatch'
  | 'dma-not-mapped'
  | 'dma-overlap'
  | 'dma-range'
  | 'dma-segment'
  | 'dma-unchecked'
  | 'torn-bounce'
  | 'leak'
  | 'freed-while-mapped'
  | 'use-after-free'
  | 'freed-under-dma'
  | 'double-free'
  | 'invalid-free'
  | 'fork-with-maps'
  | 'to-page-of-kmap'
  | 'to-page-of-local'
  | 'count-imbalance'
  | 'bad-number'
  | 'sg-entry-range'
  | 'sg-mixed-kinds'
  | 'sg-range'
  | 'sg-empty-entry'
  | 'sg-not-last'
  | 'sg-no-entries'
  | 'sg-segment-size'
  | 'sg-append-offset'
  | 'sg-field-width'
  | 'sg-not-contiguous'
  | 'sg-discard-iterator'
  | 'sg-endless-list'
  | 'sg-chain-over-entry'
  | 'sg-link-to-link'
  | 'miter-over-consumed'
  | 'miter-no-direction'
  | 'miter-negative-skip'
  | 'miter-atomic-faults'
  | 'deadlock'
  | 'lost-wakeup'
  | 'starvation'
  | 'no-progress'
  | 'lost-write'
  | 'final-check'
  | 'data-race'
  | 'exception';

/** Every rule by its name. */
export const RULES: Readonly<Record<RuleId, RuleText>> = {
  'use-after-unmap': {
    title: 'page touched through a mapping that was released',
    linux: 'silent on 64-bit; with HIGHMEM a fault, if nothing else has taken the slot meanwhile.',
    advice: 'read what you need before the unmap, or let withMapping / `using` bound its life.',
  },
  'double-unmap': {
    title: 'mapping released twice',
    linux:
      'kmap: BUG when the count underflows, else another user loses its mapping; kmap_local: pops a foreign slot.',
    advice: 'release each token once; on error paths let one place do it.',
  },
  'unmap-order': {
    title: 'unmap out of order',
    linux: 'WARN_ONCE on a highmem page only; silent on 64-bit. DEBUG_KMAP_LOCAL_FORCE_MAP would warn.',
    advice: 'unmap in the reverse order of mapping, or let withMapping / `using` do it.',
  },
  'wrong-task': {
    title: 'mapping used or released by a context that did not make it',
    linux:
      'no option sees the access, which works until a context switch re-points the slot; a release pops a slot of the running task.',
    advice: 'hand the page to the other context and map it there, or use vmap for an address that travels.',
  },
  'wrong-cpu': {
    title: 'CPU-local mapping used or released on another CPU',
    linux: 'no option sees the access; the other CPU keeps a TLB entry that kunmap_local never flushes.',
    advice: 'kmap_local addresses hold for one task on one CPU; pass the page instead.',
  },
  'sleep-in-atomic': {
    title: 'sleeping function called from invalid context',
    linux: 'DEBUG_ATOMIC_SLEEP (might_sleep), or "scheduling while atomic" once it really sleeps.',
    advice: 'leave the atomic section first, or use a mapping that allows sleeping (kmap_local_page).',
  },
  'kmap-in-atomic': {
    title: 'kmap() called where sleeping is not allowed',
    linux: 'DEBUG_ATOMIC_SLEEP; BUG_ON(in_interrupt()) on some architectures when the page is highmem.',
    advice: 'use kmap_local_page(), which may be called from any context.',
  },
  'map-in-hardirq': {
    title: 'local map in hard interrupt context with interrupts enabled',
    linux: 'WARN_ON_ONCE in kmap_local_idx_push.',
    advice: 'a nested interrupt would share the slot stack; keep interrupts off in the handler.',
  },
  'slot-overflow': {
    title: 'too many nested local maps',
    linux: 'BUG_ON in kmap_local_idx_push, highmem pages only.',
    advice: 'KM_MAX_IDX slots serve a task and every interrupt on top of it; nest two or three at most.',
  },
  'slot-underflow': {
    title: 'local unmap with nothing mapped',
    linux: 'BUG_ON in kmap_local_idx_pop.',
    advice: 'each kunmap_local needs its own kmap_local_page.',
  },
  'slot-busy': {
    title: 'a slot was handed out while it still maps a page',
    linux: 'BUG_ON(!pte_none) in __kmap_local_pfn_prot; before 2.6.37 in kmap_atomic, with DEBUG_HIGHMEM.',
    advice: 'whoever interrupts needs a slot of its own, and a slot is given up only after it was cleared.',
  },
  'slot-guard': {
    title: 'a guard slot between local maps is not empty',
    linux: 'WARN_ON_ONCE in the context switch hooks, with DEBUG_KMAP_LOCAL.',
    advice: 'a bug of the mapping layer, or of its test for an empty entry.',
  },
  'unmap-address': {
    title: 'unmap of an address that no map returned',
    linux:
      'WARN_ON_ONCE for user addresses and, with forced maps, for any address outside the fixmap; else silent.',
    advice:
      'keep the address that the map call returned in a variable of its own; unmap takes the token here.',
  },
  'unmap-mismatch': {
    title: 'mapping released by the wrong function',
    linux:
      'nothing sees it; the counts that the right function would restore stay raised, or the wrong slot is dropped.',
    advice: 'release with the counterpart of the function that mapped, or through the token.',
  },
  'kunmap-unmapped': {
    title: 'kunmap() of a page that is not mapped',
    linux: 'BUG_ON in kunmap_high, highmem pages only.',
    advice: 'pair every kunmap with its kmap; remember that kunmap takes the page, not the address.',
  },
  'kunmap-underflow': {
    title: 'kunmap() drops a count that has no user',
    linux: 'BUG in kunmap_high.',
    advice: 'pair every kunmap with its kmap.',
  },
  'page-overrun': {
    title: 'access past the end of a mapping',
    linux:
      'silent with a direct map; DEBUG_KMAP_LOCAL puts a guard slot behind the page; DEBUG_VM checks the copy helpers.',
    advice: 'a map covers one page; take the length from the mapping or use the copy helpers.',
  },
  'range-overrun': {
    title: 'copy or zero helper asked for bytes behind the end of the page or folio',
    linux:
      'BUG in zero_user_segments; in the copy helpers only with DEBUG_VM, else the neighbour is written.',
    advice: 'offset + length is at most the size of the page or folio.',
  },
  'poison-consumed': {
    title: 'memory that has failed was read',
    linux: 'a machine check, and with it a panic unless the code is prepared for one.',
    advice: 'copy what may have failed with copyMcHighpage, and look at its result.',
  },
  'uninitialised-read': {
    title: 'memory read that nobody has written since it was allocated',
    linux: 'KMSAN, when the value is used; else silent, and zero more often than not.',
    advice: 'clear the page, or see that what should be copied into it was.',
  },
  'iomem-plain-access': {
    title: 'device memory touched with plain loads and stores',
    linux: 'sparse (__iomem) sees some of it at compile time; nothing at run time.',
    advice: 'use readl/writel, memcpy_fromio/memcpy_toio, or the io-access or iomem-bounce backend.',
  },
  'io-width': {
    title: 'device register accessed with a width or alignment it does not have',
    linux: 'nothing sees it; the device answers with an abort or with all ones.',
    advice: 'use the accessor of the register width.',
  },
  'protected-access': {
    title: 'protected page touched without its key',
    linux: 'a protection-key fault (the PKS series of 2022, never merged).',
    advice: 'bracket the access with kmap_local_page()/kunmap_local(), which grant and revoke the key.',
  },
  'stale-tlb': {
    title: 'access went through a stale TLB entry',
    linux: 'nothing sees it; the access reaches the page that was mapped before.',
    advice: 'the address was recycled without a flush on this CPU.',
  },
  'stale-cache': {
    title: 'bytes came from a cache line that is out of date',
    linux: 'nothing sees it; old bytes are read, on machines with such a cache only.',
    advice:
      'flush_dcache_page() after writing for another mapping; dma_sync or dma_unmap before reading what a device wrote.',
  },
  'wild-access': {
    title: 'unable to handle kernel paging request',
    linux: 'an oops.',
    advice: 'no page is mapped at this address.',
  },
  'dma-area': {
    title: 'DMA mapping of an address that is not in the direct map',
    linux:
      'DMA_API_DEBUG: "device driver maps memory from vmalloc area", or "from invalid area"; WARN_ON_ONCE for vmalloc.',
    advice: 'dma_map_page() with the page of the bytes, each page by itself where they are not contiguous.',
  },
  'dma-cpu-access': {
    title: 'CPU touched memory while a device owns it',
    linux: 'nothing sees it; with a cache that is not coherent, or bounce buffers, stale or lost bytes.',
    advice: 'unmap first, or bracket the access with dma_sync_*_for_cpu and dma_sync_*_for_device.',
  },
  'dma-device-access': {
    title: 'device touched memory while the CPU owns it',
    linux: 'nothing sees it; the CPU reads bytes of two transfers, or its writes are lost.',
    advice: 'give the memory back with dma_sync_*_for_device before the device is started.',
  },
  'dma-direction': {
    title: 'memory used against the direction of its DMA mapping, or mapped in none',
    linux:
      'a fault of the IOMMU, where there is one; else the bytes go astray. BUG_ON for what is no direction.',
    advice: 'map with the direction that the data take, or bidirectional.',
  },
  'dma-fault': {
    title: 'device used an address that is not mapped for it',
    linux:
      'a fault of the IOMMU, where there is one and no mapping has the page; else foreign memory is read or overwritten.',
    advice: 'stop the device before unmapping, and program it with sg_dma_address and sg_dma_len.',
  },
  'dma-mismatch': {
    title: 'DMA mapping ended or synced otherwise than it was made',
    linux:
      'DMA_API_DEBUG: "device driver frees DMA memory with different size", "different direction", "wrong function", or a list with a "different entry count".',
    advice: 'use the length, direction, number of entries and kind of function of the map call.',
  },
  'dma-not-mapped': {
    title: 'DMA mapping ended or synced that does not exist',
    linux:
      'DMA_API_DEBUG: "device driver tries to free DMA memory it has not allocated", "tries to sync" it, or "syncs DMA memory outside allocated range".',
    advice: 'unmap once, with the address that the map call answered, and sync inside the mapping.',
  },
  'dma-overlap': {
    title: 'memory mapped for two devices, or twice, that may both write',
    linux: 'DMA_API_DEBUG: "cacheline tracking EEXIST, overlapping mappings aren\'t supported".',
    advice: 'unmap first, and keep what devices write in cache lines of its own.',
  },
  'dma-range': {
    title: 'DMA mapping of no bytes, or of bytes that are not there',
    linux: 'silent for no bytes; else memory of others is mapped, or the map fails for its size.',
    advice: 'check lengths and offsets before mapping; map nothing where there is nothing to move.',
  },
  'dma-segment': {
    title: 'segment of a list that the device cannot take',
    linux:
      'DMA_API_DEBUG: "mapping sg segment longer than device claims to support", "mapping sg segment across boundary".',
    advice:
      'build the list with the limits of the device: sg_alloc_table_from_pages_segment(), dma_set_max_seg_size().',
  },
  'dma-unchecked': {
    title: 'DMA mapping used without a look whether it failed',
    linux: 'DMA_API_DEBUG: "device driver failed to check map error".',
    advice: 'ask dma_mapping_error(), here the `ok` of the result, before the address is used.',
  },
  'torn-bounce': {
    title: 'bytes of an earlier transfer came out of a bounce buffer',
    linux: 'KMSAN sees some of it; else silent: bytes of another user reach the driver, or the device.',
    advice: 'fill the buffer when it is mapped, in every direction: a device may write less than was mapped.',
  },
  leak: {
    title: 'mapping still held at the end',
    linux: 'kmap_local: DEBUG_LOCKS warning at return to user mode; kmap: nothing, until the pool is empty.',
    advice: 'release it on every path, error paths included.',
  },
  'freed-while-mapped': {
    title: 'page freed while it is mapped',
    linux: 'nothing sees it; the next owner of the page shares it with the old mapping.',
    advice: 'unmap before freeing the page.',
  },
  'use-after-free': {
    title: 'page touched that is not allocated',
    linux:
      'KASAN, or a fault with DEBUG_PAGEALLOC, at a permanent address; through a highmem map only page_poisoning, and only a write, at the next allocation.',
    advice: 'free a page behind its last use, and let no length run past what was allocated.',
  },
  'freed-under-dma': {
    title: 'page freed while a device has it mapped, or while bounce buffers lie in it',
    linux:
      'nothing sees it, DMA_API_DEBUG neither; page_poisoning sees what the device writes before the page is allocated again, and nothing what comes later.',
    advice:
      'stop the device, then dma_unmap_page or dma_unmap_sg, then free; a bounce pool when none of it is in use.',
  },
  'double-free': {
    title: 'page freed that is not allocated',
    linux:
      'DEBUG_VM (the count of references is 0); else "Bad page state", or the page has two owners later.',
    advice: 'give each page back once, and only what was allocated.',
  },
  'invalid-free': {
    title: "page freed that is not the allocator's to take back",
    linux: 'DEBUG_VM: a BUG for the tail page of a folio; "Bad page state" for device memory.',
    advice: 'free a folio as a whole, and leave device memory to its device.',
  },
  'fork-with-maps': {
    title: 'task copied while it holds local maps',
    linux: 'WARN_ON_ONCE in kmap_local_fork.',
    advice: 'local maps are per task; release them before creating another one.',
  },
  'to-page-of-kmap': {
    title: 'kmap_to_page() asked for a kmap address',
    linux: 'WARN_ON_ONCE in kmap_to_page.',
    advice: 'remember the page beside the address.',
  },
  'to-page-of-local': {
    title: 'kmap_to_page() asked for a kmap_local address',
    linux: 'WARN_ON_ONCE in kmap_to_page.',
    advice: 'remember the page beside the address.',
  },
  'count-imbalance': {
    title: 'a disable count was raised and not lowered, or the reverse',
    linux: 'DEBUG_PREEMPT underflow check; "preempt_count leak" in softirq and initcalls.',
    advice: 'pair preempt_disable, migrate_disable and pagefault_disable with their enables.',
  },
  'bad-number': {
    title: 'a number that the function cannot take',
    linux: 'nothing sees it: C converts -1 to a huge count, and cuts a number that is too wide for its type.',
    advice: 'work out sizes and counts as whole numbers, and check a subtraction before its result is used.',
  },
  'sg-entry-range': {
    title: 'a scatterlist entry set to bytes that do not exist',
    linux: 'nothing sees it; a walk of the list reaches foreign memory, or wraps to the start of it.',
    advice: 'offset + length ends inside the memory, or the device, in which the page lies.',
  },
  'sg-mixed-kinds': {
    title: 'scatterlist entry over two kinds of memory',
    linux:
      'nothing sees it; page by page a map finds what it finds, page_address and sg_virt assume the first page.',
    advice: 'begin a new entry where the kind of memory changes, as sgAllocTableFromPages does.',
  },
  'sg-range': {
    title: 'bytes outside a scatterlist entry, or outside the memory behind it',
    linux: 'nothing sees it; the neighbour page is mapped.',
    advice:
      'an offset is relative to the entry and less than its length; the entry ends where its memory ends.',
  },
  'sg-empty-entry': {
    title: 'scatterlist entry without a page',
    linux: 'an oops on the null page.',
    advice: 'set a page on the entry before it is walked.',
  },
  'sg-not-last': {
    title: 'the last entry of a list does not carry the end mark',
    linux: 'sg_last: BUG.',
    advice: 'count the entries with sgNents, or mark the end.',
  },
  'sg-no-entries': {
    title: 'table of no entries',
    linux: 'sg_alloc_table_chained: BUG.',
    advice: 'ask for at least one entry.',
  },
  'sg-segment-size': {
    title: 'segments smaller than a page',
    linux: 'WARN, and -EINVAL.',
    advice: 'allow a segment at least a page; it is rounded down to whole pages.',
  },
  'sg-append-offset': {
    title: 'pages appended with an offset',
    linux: 'WARN, and -EINVAL.',
    advice: 'only the first pages of a table may begin inside a page.',
  },
  'sg-field-width': {
    title: 'a length or offset does not fit the 32 bits of an entry',
    linux: 'sg_set_folio: WARN once; elsewhere nothing sees it. The low 32 bits are stored.',
    advice: 'use several entries; check a subtraction before its result becomes a length.',
  },
  'sg-not-contiguous': {
    title: 'an entry runs over page structs that lie apart',
    linux: 'CONFIG_DEBUG_VM warns since 7.2; page arithmetic ends in foreign memory.',
    advice: 'end the entry where the section ends.',
  },
  'sg-discard-iterator': {
    title: 'pages taken from an iterator that has none',
    linux: 'WARN, and -EIO.',
    advice: 'a discard iterator only counts bytes; do not extract from it.',
  },
  'sg-endless-list': {
    title: 'the links of a list lead back to it, and nothing ends the walk',
    linux: 'nothing sees it; the CPU goes round until the soft-lockup detector reports it.',
    advice: 'mark the end, or walk a ring by a count of its entries.',
  },
  'sg-chain-over-entry': {
    title: 'a link was laid over an entry that is in use',
    linux: 'nothing sees it; the bytes of the entry are gone from the list.',
    advice: 'keep one slot more than entries in an array that is to be linked.',
  },
  'sg-link-to-link': {
    title: 'a link leads to a slot that is a link itself',
    linux: 'DEBUG_SG: BUG when the page of the link is asked for; else a list is taken for a page.',
    advice: 'link to the first entry of an array.',
  },
  'miter-over-consumed': {
    title: 'mapping iterator told to consume more than it gave',
    linux: 'WARN_ON in sg_miter_stop, then the remaining count wraps and the next chunk is 4 GiB long.',
    advice: 'consumed is at most length.',
  },
  'miter-no-direction': {
    title: 'mapping iterator started without a direction',
    linux: 'WARN_ON in sg_miter_start.',
    advice: "say 'toSg' or 'fromSg': the first flushes the data cache of each page that was written.",
  },
  'miter-negative-skip': {
    title: 'list skipped backwards',
    linux: 'nothing sees it; iterator and copy helpers move back within the page without a check.',
    advice: 'start a new iterator to go back.',
  },
  'miter-atomic-faults': {
    title: 'atomic mapping iterator stopped with page faults enabled',
    linux: 'WARN_ON_ONCE in sg_miter_stop.',
    advice: 'something inside the section enabled page faults that kmap_atomic had disabled.',
  },
  deadlock: {
    title: 'nothing can run any more',
    linux: 'the hung-task detector, after two minutes.',
    advice: 'see who holds what and who waits for what.',
  },
  'lost-wakeup': {
    title: 'task sleeps for a wake-up that came before it slept',
    linux: 'the hung-task detector, after two minutes; it does not name the race.',
    advice:
      'queue first (prepare_to_wait), test the condition, then sleep; wait_event does it in that order.',
  },
  starvation: {
    title: 'task was woken again and again and never got what it waits for',
    linux: 'the hung-task detector sees a task that never runs, not one that runs and sleeps again.',
    advice: 'hand the resource to the first waiter, or bound how long others may keep it.',
  },
  'no-progress': {
    title: 'schedule did not end within the step bound',
    linux: 'the soft-lockup detector, after twenty seconds of CPU time.',
    advice: 'look for a loop whose exit depends on something that no longer happens.',
  },
  'lost-write': {
    title: 'a store was overwritten by one computed from an older value, and the final check failed',
    linux: 'nothing sees it; KCSAN may, if both accesses are plain and it samples the right one.',
    advice:
      'the section relied on something that excluded the other task (kmap_atomic: preemption); take a lock.',
  },
  'final-check': {
    title: 'the check at the end of the program failed',
    linux: 'nothing sees it: the data are wrong.',
    advice: 'step through the timeline to the first value that is not what it should be.',
  },
  'data-race': {
    title: 'two contexts touched the same bytes with nothing to order them, one of them writing',
    linux: 'KCSAN, if it samples the access; lockdep knows nothing about data.',
    advice: 'order the accesses by a lock, by a wake-up, or by keeping the interrupt out.',
  },
  exception: {
    title: 'the program threw an error',
    linux: 'an oops, most likely.',
    advice: "see the error; it is the program's own.",
  },
};
