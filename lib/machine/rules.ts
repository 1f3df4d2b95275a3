/**
 * The texts of the rules that checked machines and the explorer enforce.
 *
 * `title` is the first line of a report. `linux` says which option or check of a real kernel would detect the
 * mistake, if any. `advice` is the last line of the report.
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
  | 'pool-lock-in-interrupt'
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
  | 'slot-taken'
  | 'left-over-translation'
  | 'stale-cache'
  | 'discarded-line'
  | 'wild-access'
  | 'null-pointer'
  | 'no-linear-address'
  | 'unmapped-slot'
  | 'not-linear'
  | 'user-pointer'
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
  | 'object-overrun'
  | 'object-use-after-free'
  | 'object-free'
  | 'memory-leak'
  | 'stack-overflow'
  | 'bug-on'
  | 'warn-on'
  | 'invalid-free'
  | 'fork-with-maps'
  | 'to-page-of-kmap'
  | 'to-page-of-local'
  | 'count-imbalance'
  | 'preemptible-cpu'
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
  | 'livelock'
  | 'no-progress'
  | 'lost-write'
  | 'final-check'
  | 'data-race'
  | 'exception';

/** Every rule by its name. */
export const RULES: Readonly<Record<RuleId, RuleText>> = {
  'use-after-unmap': {
    title: 'page accessed through a mapping that was released',
    linux: 'silent on 64-bit; with HIGHMEM a fault, unless another map has taken the slot meanwhile.',
    advice:
      'read what you need before the unmap, or limit the life of the mapping with withMapping or `using`.',
  },
  'double-unmap': {
    title: 'mapping released twice',
    linux:
      'kmap: BUG when the count underflows, else another user loses its mapping; kmap_local: releases the slot of another map.',
    advice: 'release each token once; if there are error paths, release it in one place for all of them.',
  },
  'unmap-order': {
    title: 'unmap out of order',
    linux: 'WARN_ONCE on a highmem page only; silent on 64-bit. DEBUG_KMAP_LOCAL_FORCE_MAP would warn.',
    advice: 'unmap in the reverse order of mapping, or use withMapping or `using`, which do that.',
  },
  'wrong-task': {
    title: 'mapping used or released by a context that did not make it',
    linux:
      'no option detects the access, which works until a context switch gives the slot another page; a release takes a slot of the running task.',
    advice:
      'pass the page to the other context and map it there, or use vmap for an address that is valid in all contexts.',
  },
  'wrong-cpu': {
    title: 'CPU-local mapping used or released on another CPU',
    linux: 'no option detects the access; the other CPU keeps a TLB entry that kunmap_local does not flush.',
    advice: 'a kmap_local address is valid for one task on one CPU; pass the page instead.',
  },
  'sleep-in-atomic': {
    title: 'sleeping function called from invalid context',
    linux: 'DEBUG_ATOMIC_SLEEP (might_sleep), or "scheduling while atomic" once it really sleeps.',
    advice: 'leave the atomic section first, or use a mapping that allows sleeping (kmap_local_page).',
  },
  'kmap-in-atomic': {
    title: 'kmap() called in a context that may not sleep',
    linux: 'DEBUG_ATOMIC_SLEEP; BUG_ON(in_interrupt()) on some architectures when the page is highmem.',
    advice: 'use kmap_local_page(), which may be called from any context.',
  },
  'map-in-hardirq': {
    title: 'local map in hard interrupt context with interrupts enabled',
    linux: 'WARN_ON_ONCE in kmap_local_idx_push.',
    advice: 'keep interrupts off in the handler, because a nested interrupt would use the same slot stack.',
  },
  'pool-lock-in-interrupt': {
    title: 'lock of the kmap pool taken in interrupt context',
    linux:
      'lockdep (PROVE_LOCKING): inconsistent lock state of kmap_lock; without it silent, until the interrupt arrives while its CPU holds the lock.',
    advice:
      'map with kmap_local_page in the handler, and let a task release what kmap mapped; only with ARCH_NEEDS_KMAP_HIGH_GET the lock keeps interrupts off.',
  },
  'slot-overflow': {
    title: 'too many nested local maps',
    linux: 'BUG_ON in kmap_local_idx_push, highmem pages only.',
    advice:
      'nest two or three maps at most, because a task and all interrupts on top of it share KM_MAX_IDX slots.',
  },
  'slot-underflow': {
    title: 'local unmap while no page is mapped',
    linux: 'BUG_ON in kmap_local_idx_pop.',
    advice: 'each kunmap_local needs its own kmap_local_page.',
  },
  'slot-busy': {
    title: 'a slot was handed out while it still maps a page',
    linux: 'BUG_ON(!pte_none) in __kmap_local_pfn_prot; before 2.6.37 in kmap_atomic, with DEBUG_HIGHMEM.',
    advice: 'use a slot of its own for each interrupt, and clear a slot before it is given up.',
  },
  'slot-guard': {
    title: 'a guard slot between local maps is not empty',
    linux: 'WARN_ON_ONCE in the context switch hooks, with DEBUG_KMAP_LOCAL.',
    advice: 'look for a bug in the mapping layer, or in its test for an empty entry.',
  },
  'unmap-address': {
    title: 'unmap of an address that no map returned',
    linux:
      'WARN_ON_ONCE for user addresses and, with forced maps, for any address outside the fixmap; else silent.',
    advice:
      'keep the address that the map call returned in a variable of its own; in this library, unmap takes the token.',
  },
  'unmap-mismatch': {
    title: 'mapping released by the wrong function',
    linux:
      'not detected; the counts that the right function would restore stay raised, or the wrong slot is released.',
    advice: 'release with the counterpart of the map function, or through the token.',
  },
  'kunmap-unmapped': {
    title: 'kunmap() of a page that is not mapped',
    linux: 'BUG_ON in kunmap_high, highmem pages only.',
    advice: 'pair every kunmap with its kmap; remember that kunmap takes the page, not the address.',
  },
  'kunmap-underflow': {
    title: 'kunmap() lowers the count of a page that has no user',
    linux: 'BUG in kunmap_high.',
    advice: 'pair every kunmap with its kmap.',
  },
  'page-overrun': {
    title: 'access past the end of a mapping',
    linux:
      'silent with a direct map; DEBUG_KMAP_LOCAL puts a guard slot behind the page; DEBUG_VM checks the copy helpers.',
    advice: 'take the length from the mapping, which covers one page, or use the copy helpers.',
  },
  'range-overrun': {
    title: 'copy or zero helper called for bytes behind the end of the page or folio',
    linux:
      'BUG in zero_user_segments; in the copy helpers only with DEBUG_VM, else they write to the page behind.',
    advice: 'make sure that offset + length is at most the size of the page or folio.',
  },
  'poison-consumed': {
    title: 'memory with a hardware failure was read',
    linux: 'a machine check, which is a panic unless the code is prepared for it.',
    advice: 'copy memory that may have failed with copyMcHighpage, and check its result.',
  },
  'uninitialised-read': {
    title: 'memory read that was not written since it was allocated',
    linux: 'KMSAN, when the value is used; else silent, and the value is mostly zero.',
    advice: 'clear the page, or check that the copy into it was made completely.',
  },
  'iomem-plain-access': {
    title: 'device memory accessed with plain loads and stores',
    linux: 'sparse (__iomem) detects some cases at compile time; not detected at run time.',
    advice: 'use readl/writel, memcpy_fromio/memcpy_toio, or the io_access or iomem_bounce backend.',
  },
  'io-width': {
    title: 'device register accessed with a width or alignment it does not have',
    linux: 'not detected; the device aborts the access or returns all ones.',
    advice: 'use the accessor for the width of the register.',
  },
  'protected-access': {
    title: 'protected page accessed without its key',
    linux: 'a protection-key fault (the PKS series of 2022, never merged).',
    advice: 'put the access between kmap_local_page() and kunmap_local(), which grant and revoke the key.',
  },
  'stale-tlb': {
    title: 'access went through a stale TLB entry',
    linux: 'not detected; the access reaches the page that was mapped before.',
    advice: 'flush the address on this CPU before it is used for another page.',
  },
  'slot-taken': {
    title: 'access through a mapping whose slot was given to another page',
    linux: 'not detected, unless the map finds the slot in use (DEBUG_HIGHMEM, before 2.6.37).',
    advice:
      'do not use a slot again before its mapping is released; a handler needs a slot that the code it interrupts does not use.',
  },
  'left-over-translation': {
    title: 'page freed while an address that was unmapped still leads to it',
    linux: 'not detected; a stray access reaches the next owner of the page instead of a fault.',
    advice: 'clear the page-table entry in the unmap, and flush its address on each CPU that used it.',
  },
  'stale-cache': {
    title: 'bytes came from a cache line that is out of date',
    linux: 'not detected; old bytes are read, but only on machines with such a cache.',
    advice:
      'call flush_dcache_page() after writing for another mapping, and dma_sync or dma_unmap before reading what a device wrote.',
  },
  'discarded-line': {
    title: 'stored bytes are lost, because their cache line was discarded or overwritten',
    linux: 'not detected; the bytes from before the store are read, but only on machines with such a cache.',
    advice:
      'write back (flush) before you invalidate, and do not store to a buffer, or to a line it shares, while a device owns it.',
  },
  'wild-access': {
    title: 'unable to handle kernel paging request',
    linux: 'an oops.',
    advice: 'check where the address comes from: no page is mapped there.',
  },
  'null-pointer': {
    title: 'unable to handle kernel NULL pointer dereference',
    linux: 'an oops.',
    advice:
      'map the page first: page_address and sg_virt of a highmem page that kmap has not mapped are NULL, or NULL plus an offset.',
  },
  'no-linear-address': {
    title: 'address computed for a page that has no linear address',
    linux: 'an oops, unless the address lies in another area; then other memory is read or overwritten.',
    advice:
      'use kmap_local_page() for highmem, vmap() for a page that was removed from the linear map, ioremap() for device memory.',
  },
  'unmapped-slot': {
    title: 'access to a slot or page of a mapping area where no page is mapped',
    linux: 'an oops.',
    advice:
      'keep an address only as long as its mapping lives, and check lengths against the end of its page.',
  },
  'user-pointer': {
    title: 'address of a user accessed with plain loads and stores',
    linux: 'an oops with SMAP or PAN; else it works while the page is present. sparse (__user) detects it.',
    advice: 'use copy_from_user(), copy_to_user(), get_user() or put_user().',
  },
  'not-linear': {
    title: 'virt_to_phys() of an address that is not in the linear map',
    linux: 'CONFIG_DEBUG_VIRTUAL: a BUG; else a meaningless physical address.',
    advice: 'keep the page together with the address; use vmalloc_to_page() for an address of vmap.',
  },
  'dma-area': {
    title: 'DMA mapping of an address that is not in the direct map',
    linux:
      'DMA_API_DEBUG: "device driver maps memory from vmalloc area", or "from invalid area"; WARN_ON_ONCE for vmalloc.',
    advice:
      'use dma_map_page() with the page of the bytes, once for each page if the pages are not contiguous.',
  },
  'dma-cpu-access': {
    title: 'CPU accessed memory while a device owns it',
    linux:
      'not detected; with a cache that is not coherent, or with bounce buffers, bytes are stale or lost.',
    advice: 'unmap first, or put the access between dma_sync_*_for_cpu and dma_sync_*_for_device.',
  },
  'dma-device-access': {
    title: 'device accessed memory while the CPU owns it',
    linux: 'not detected; the CPU reads bytes of two transfers, or its writes are lost.',
    advice: 'give the memory to the device with dma_sync_*_for_device before you start the device.',
  },
  'dma-direction': {
    title: 'memory used against the direction of its DMA mapping, or mapped without a valid direction',
    linux:
      'a fault of the IOMMU, if there is one; else the bytes are lost or stale. BUG_ON for an invalid direction.',
    advice: 'map with the direction in which the data move, or bidirectional.',
  },
  'dma-fault': {
    title: 'device used an address that is not mapped for it',
    linux:
      'a fault of the IOMMU, if there is one and no mapping has the page; else other memory is read or overwritten.',
    advice: 'stop the device before unmapping, and program it with sg_dma_address and sg_dma_len.',
  },
  'dma-mismatch': {
    title: 'DMA mapping unmapped or synced with other arguments than it was made with',
    linux:
      'DMA_API_DEBUG: "device driver frees DMA memory with different size", "different direction", "wrong function", or a list with a "different entry count".',
    advice:
      'unmap and sync with the length, the direction, the number of entries and the kind of function of the map call.',
  },
  'dma-not-mapped': {
    title: 'unmap or sync of a DMA mapping that does not exist',
    linux:
      'DMA_API_DEBUG: "device driver tries to free DMA memory it has not allocated", "tries to sync" it, or "syncs DMA memory outside allocated range".',
    advice: 'unmap once, with the address that the map call returned, and sync only bytes of the mapping.',
  },
  'dma-overlap': {
    title: 'memory mapped for two devices, or twice for one, and both mappings may write it',
    linux: 'DMA_API_DEBUG: "cacheline tracking EEXIST, overlapping mappings aren\'t supported".',
    advice: 'unmap first, and do not put other data into the cache lines that a device writes.',
  },
  'dma-range': {
    title: 'DMA mapping of 0 bytes, or of bytes that do not exist',
    linux:
      'silent for 0 bytes; else memory of another owner is mapped, or the map fails because of its size.',
    advice: 'check lengths and offsets before mapping; do not map if there are no bytes to move.',
  },
  'dma-segment': {
    title: 'list has a segment that the device cannot take',
    linux:
      'DMA_API_DEBUG: "mapping sg segment longer than device claims to support", "mapping sg segment across boundary".',
    advice:
      'build the list within the limits of the device: sg_alloc_table_from_pages_segment(), dma_set_max_seg_size().',
  },
  'dma-unchecked': {
    title: 'DMA mapping used without checking whether it failed',
    linux: 'DMA_API_DEBUG: "device driver failed to check map error".',
    advice: 'before the address is used, call dma_mapping_error(), or here read the `ok` of the result.',
  },
  'torn-bounce': {
    title: 'bytes of an earlier transfer came out of a bounce buffer',
    linux: 'KMSAN detects some cases; else silent, and bytes of another user reach the driver or the device.',
    advice:
      'fill the buffer when it is mapped, in every direction, because a device may write less than was mapped.',
  },
  leak: {
    title: 'mapping still held at the end',
    linux:
      'kmap_local: DEBUG_LOCKS warns at the return to user mode; kmap: not detected until the pool is empty.',
    advice: 'release it on every path, also on error paths.',
  },
  'freed-while-mapped': {
    title: 'page freed while it is mapped',
    linux: 'not detected; the next owner of the page shares it with the old mapping.',
    advice: 'unmap before freeing the page.',
  },
  'use-after-free': {
    title: 'access to a page that is not allocated',
    linux:
      'KASAN, or a fault with DEBUG_PAGEALLOC, at a permanent address; through a highmem map only page_poisoning, which detects a write at the next allocation.',
    advice:
      'free a page after its last use, and check that no length goes past the memory that was allocated.',
  },
  'freed-under-dma': {
    title: 'page freed while it is mapped for a device, or while bounce buffers are in it',
    linux:
      'not detected, not even by DMA_API_DEBUG; page_poisoning detects what the device writes before the page is allocated again, but no later write.',
    advice:
      'first stop the device, then call dma_unmap_page or dma_unmap_sg, then free the page; free a bounce pool when none of it is in use.',
  },
  'object-overrun': {
    title: 'access outside of an allocated object',
    linux: 'KASAN (slab-out-of-bounds); with slub_debug a write, when the object is freed; else silent.',
    advice: 'check the length against what was allocated.',
  },
  'object-use-after-free': {
    title: 'access to an object that was freed',
    linux: 'KASAN (slab-use-after-free); else silent until another object has the memory.',
    advice: 'free an object after its last use, and wait for handlers and work that may still use it.',
  },
  'object-free': {
    title: 'free of what is no allocated object',
    linux: 'KASAN (double-free, invalid-free), or a BUG of the allocator.',
    advice: 'free each object once, by the address that the allocation returned.',
  },
  'memory-leak': {
    title: 'memory that was not freed, and that nothing points to',
    linux: 'kmemleak finds objects when it scans; of pages, page_owner tells who has them.',
    advice: 'free it on every path, also on error paths.',
  },
  'stack-overflow': {
    title: 'kernel stack overflow',
    linux: 'a fault with VMAP_STACK; else silent, or "corrupted stack end".',
    advice: 'put large structures into allocated memory, and end recursion.',
  },
  'bug-on': {
    title: 'kernel BUG',
    linux: 'the same.',
    advice: 'the code names this case as one that must not happen; follow the schedule that leads to it.',
  },
  'warn-on': {
    title: 'kernel WARNING',
    linux: 'the same.',
    advice: 'the code names this case as one that should not happen; follow the schedule that leads to it.',
  },
  'double-free': {
    title: 'free of a page that is not allocated',
    linux: 'DEBUG_VM (the reference count is 0); else "Bad page state", or the page has two owners later.',
    advice: 'free each page once, and only pages that were allocated.',
  },
  'invalid-free': {
    title: 'free of a page that the allocator cannot take back',
    linux: 'DEBUG_VM: a BUG for the tail page of a folio; "Bad page state" for device memory.',
    advice: 'free a folio as a whole, and do not free device memory.',
  },
  'fork-with-maps': {
    title: 'task copied while it holds local maps',
    linux: 'WARN_ON_ONCE in kmap_local_fork.',
    advice: 'release local maps before creating another task, because they belong to one task.',
  },
  'to-page-of-kmap': {
    title: 'kmap_to_page() called with a kmap address',
    linux: 'WARN_ON_ONCE in kmap_to_page.',
    advice: 'keep the page together with the address.',
  },
  'to-page-of-local': {
    title: 'kmap_to_page() called with a kmap_local address',
    linux: 'WARN_ON_ONCE in kmap_to_page.',
    advice: 'keep the page together with the address.',
  },
  'count-imbalance': {
    title: 'a disable count was raised and not lowered, or lowered and not raised',
    linux: 'DEBUG_PREEMPT underflow check; "preempt_count leak" in softirq and initcalls.',
    advice: 'call one enable function for each preempt_disable, migrate_disable and pagefault_disable.',
  },
  'preemptible-cpu': {
    title: 'the number of the CPU read where the task can be moved to another one',
    linux:
      'with DEBUG_PREEMPT: "BUG: using smp_processor_id() in preemptible code"; silent while a highmem page is mapped locally, because that disables migration.',
    advice:
      'call preempt_disable before it and preempt_enable after the use; kmap_atomic did so, kmap_local_page and kmap do not.',
  },
  'bad-number': {
    title: 'a number that the function cannot take',
    linux: 'not detected; C converts -1 to a huge count, and cuts a number that is too wide for its type.',
    advice:
      'compute sizes and counts as whole numbers, and check the result of a subtraction before it is used.',
  },
  'sg-entry-range': {
    title: 'a scatterlist entry set to bytes that do not exist',
    linux: 'not detected; a walk of the list reaches other memory, or wraps to the start of memory.',
    advice: 'make sure that offset + length ends inside the memory, or the device, that the page belongs to.',
  },
  'sg-mixed-kinds': {
    title: 'scatterlist entry over two kinds of memory',
    linux:
      'not detected; each map sees its own page, but page_address and sg_virt assume the kind of the first page.',
    advice: 'begin a new entry where the kind of memory changes, as sgAllocTableFromPages does.',
  },
  'sg-range': {
    title: 'bytes outside a scatterlist entry, or outside the memory behind it',
    linux: 'not detected; the page behind is mapped.',
    advice:
      'use an offset that is relative to the entry and less than its length, and end the entry where its memory ends.',
  },
  'sg-empty-entry': {
    title: 'scatterlist entry without a page',
    linux: 'an oops on the null page.',
    advice: 'set a page on the entry before it is walked.',
  },
  'sg-not-last': {
    title: 'the last entry of a list does not carry the end mark',
    linux: 'BUG in sg_last.',
    advice: 'count the entries with sgNents, or mark the end.',
  },
  'sg-no-entries': {
    title: 'table without entries',
    linux: 'BUG in sg_alloc_table_chained.',
    advice: 'allocate at least one entry.',
  },
  'sg-segment-size': {
    title: 'segments smaller than a page',
    linux: 'WARN, and -EINVAL.',
    advice: 'set the maximum to at least a page; it is rounded down to whole pages.',
  },
  'sg-append-offset': {
    title: 'pages appended with an offset',
    linux: 'WARN, and -EINVAL.',
    advice: 'use an offset only with the first pages of a table.',
  },
  'sg-field-width': {
    title: 'a length or offset does not fit the 32 bits of an entry',
    linux: 'WARN once in sg_set_folio; not detected elsewhere. The low 32 bits are stored.',
    advice: 'use several entries, and check the result of a subtraction before it becomes a length.',
  },
  'sg-not-contiguous': {
    title: 'an entry covers pages whose page structs are not adjacent',
    linux: 'CONFIG_DEBUG_VM warns since 7.2; page arithmetic leads to other memory.',
    advice: 'end the entry where the section ends.',
  },
  'sg-discard-iterator': {
    title: 'pages extracted from an iterator that has no pages',
    linux: 'WARN, and -EIO.',
    advice: 'do not extract from a discard iterator, which only counts bytes.',
  },
  'sg-endless-list': {
    title: 'the links of a list lead back into it, so a walk does not end',
    linux: 'not detected at first; the CPU walks in a circle until the soft-lockup detector reports it.',
    advice: 'mark the end, or walk a ring by the count of its entries.',
  },
  'sg-chain-over-entry': {
    title: 'a link replaced an entry that is in use',
    linux: 'not detected; the list loses the bytes of the entry.',
    advice: 'give an array that will be linked one slot more than it has entries.',
  },
  'sg-link-to-link': {
    title: 'a link leads to a slot that is itself a link',
    linux: 'with DEBUG_SG a BUG when the page of the link is read; else a list is taken for a page.',
    advice: 'link to the first entry of an array.',
  },
  'miter-over-consumed': {
    title: 'mapping iterator told to consume more than it gave',
    linux:
      'WARN_ON in sg_miter_stop; then the remaining count wraps, and the next chunk is up to 4 GiB long.',
    advice: 'set consumed to at most length.',
  },
  'miter-no-direction': {
    title: 'mapping iterator started without a direction',
    linux: 'WARN_ON in sg_miter_start.',
    advice: "pass 'toSg' or 'fromSg'; with 'toSg' the data cache of each written page is flushed.",
  },
  'miter-negative-skip': {
    title: 'list skipped backwards',
    linux: 'not detected; iterator and copy helpers move back within the page without a check.',
    advice: 'start a new iterator to go back.',
  },
  'miter-atomic-faults': {
    title: 'atomic mapping iterator stopped with page faults enabled',
    linux: 'WARN_ON_ONCE in sg_miter_stop.',
    advice: 'look for code inside the section that enabled page faults, which kmap_atomic had disabled.',
  },
  deadlock: {
    title: 'no task can run any more',
    linux: 'the hung-task detector, after two minutes.',
    advice: 'compare what each task holds with what each task waits for.',
  },
  'lost-wakeup': {
    title: 'task sleeps for a wake-up that came before it slept',
    linux: 'the hung-task detector, after two minutes, which does not name the race.',
    advice: 'first queue (prepare_to_wait), then test the condition, then sleep; wait_event uses this order.',
  },
  starvation: {
    title: 'task was woken again and again and never got the resource it waits for',
    linux:
      'not detected: the hung-task detector reports a task that never runs, but not one that runs and sleeps again.',
    advice: 'give the resource to the first waiter, or limit how long other tasks may keep it.',
  },
  livelock: {
    title: 'tasks repeat the same steps for ever although every one of them gets its turn',
    linux:
      'the soft-lockup detector for a loop that spins; the hung-task detector sees tasks that run and finds none.',
    advice:
      'let each round change what the loop tests: take locks in one order, sleep instead of polling, or bound the number of rounds.',
  },
  'no-progress': {
    title: 'schedule did not end within the limit of steps',
    linux: 'the soft-lockup detector, after twenty seconds of CPU time.',
    advice: 'look for a loop whose exit depends on an event that no longer happens.',
  },
  'lost-write': {
    title: 'a store computed from an old value overwrote a newer store, and the final check failed',
    linux: 'KCSAN may detect it, if both accesses are plain and it samples the right one.',
    advice:
      'take a lock: the section relied on an exclusion of the other task that is gone (kmap_atomic disabled preemption).',
  },
  'final-check': {
    title: 'the check at the end of the program failed',
    linux: 'not detected; the data are wrong.',
    advice: 'step through the timeline to the first value that is wrong.',
  },
  'data-race': {
    title: 'two contexts accessed the same bytes in no defined order, and one of them wrote',
    linux: 'KCSAN, if it samples the access; lockdep does not check data.',
    advice: 'order the accesses with a lock or a wake-up, or by disabling the interrupt.',
  },
  exception: {
    title: 'the program threw an error',
    linux: 'probably an oops.',
    advice: 'look at the error, which the program itself threw.',
  },
};
