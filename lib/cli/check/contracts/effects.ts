/**
 * Functions of the kernel that matter to a mapping although they map nothing: those that sleep, that make a context
 * atomic, that free a page, and those whose result depends on their arguments alone.
 */

/** Functions that may sleep, whatever they are given. */
export const SLEEPS: ReadonlySet<string> = new Set([
  'msleep',
  'msleep_interruptible',
  'ssleep',
  'usleep_range',
  'fsleep',
  'schedule',
  'schedule_timeout',
  'schedule_timeout_interruptible',
  'schedule_timeout_uninterruptible',
  'io_schedule',
  'cond_resched',
  'might_sleep',
  'mutex_lock',
  'mutex_lock_interruptible',
  'mutex_lock_killable',
  'mutex_lock_nested',
  'down',
  'down_interruptible',
  'down_killable',
  'down_read',
  'down_write',
  'down_read_killable',
  'down_write_killable',
  'inode_lock',
  'wait_for_completion',
  'wait_for_completion_timeout',
  'wait_for_completion_interruptible',
  'wait_for_completion_interruptible_timeout',
  'wait_for_completion_killable',
  'wait_event',
  'wait_event_timeout',
  'wait_event_interruptible',
  'wait_event_interruptible_timeout',
  'wait_event_killable',
  'flush_work',
  'flush_workqueue',
  'flush_delayed_work',
  'cancel_work_sync',
  'cancel_delayed_work_sync',
  'synchronize_rcu',
  'synchronize_net',
  'lock_page',
  'folio_lock',
  'lock_page_killable',
  'wait_on_page_writeback',
  'wait_on_page_locked',
  'folio_wait_writeback',
  'lock_buffer',
  'wait_on_buffer',
  'sync_dirty_buffer',
  'bread',
  'sb_bread',
  '__bread',
  'submit_bio_wait',
  'kthread_stop',
  'vmalloc',
  'vzalloc',
  'vmap',
  'vunmap',
  'vfree',
  'kernel_read',
  'kernel_write',
  'filemap_write_and_wait',
  'read_mapping_page',
  'read_cache_page',
  'kmap',
  'get_user_pages',
  'find_or_create_page',
  'grab_cache_page',
  'blk_execute_rq',
  'mmc_wait_for_req',
  'usb_control_msg',
  'usb_bulk_msg',
  'i2c_transfer',
  'spi_sync',
  'request_firmware',
  'kernel_sendmsg',
  'kernel_recvmsg',
  'sock_sendmsg',
  'sock_recvmsg',
  'truncate_inode_pages',
  'pmd_alloc',
  'pud_alloc',
  'pte_alloc',
  'block_prepare_write',
  'ext3_journal_start',
  'ext4_journal_start',
]);

/** Functions that sleep unless the flags that they are given say otherwise, with the argument that has the flags. */
export const SLEEPS_BY_FLAGS: ReadonlyMap<string, number> = new Map([
  ['kmalloc', 1],
  ['kzalloc', 1],
  ['kcalloc', 2],
  ['kmalloc_array', 2],
  ['kmem_cache_alloc', 1],
  ['kmem_cache_zalloc', 1],
  ['alloc_page', 0],
  ['alloc_pages', 0],
  ['__get_free_page', 0],
  ['__get_free_pages', 0],
  ['get_zeroed_page', 0],
  ['kstrdup', 1],
  ['kmemdup', 2],
  ['mempool_alloc', 1],
  ['bio_alloc', 3],
  ['sg_alloc_table', 2],
  ['radix_tree_preload', 0],
  ['kvmalloc', 1],
  ['kvzalloc', 1],
  ['__vmalloc', 1],
]);

/**
 * Functions that access the memory of a user, or make it present first. Where page faults are disabled they fail
 * instead; the forms for that end in `_inatomic` or `_nofault`.
 */
export const FAULTS =
  /^(?:(?:__)?(?:copy_(?:from|to)|clear|get|put)_user|copy_in_user|raw_copy_(?:from|to)_user|strn?(?:cpy_from|len)_user|memdup_user(?:_nul)?|strndup_user|fault_in_(?:readable|writeable|safe_writeable|subpage_writeable|iov_iter_\w+|pages_\w+)|iov_iter_fault_in_\w+)$/;

/** Flags that allow an allocation to sleep. */
export const SLEEPING_FLAGS =
  /\b(?:GFP_KERNEL\w*|GFP_USER|GFP_HIGHUSER\w*|GFP_NOFS|GFP_NOIO|__GFP_DIRECT_RECLAIM|__GFP_WAIT|GFP_BUFFER)\b/;

/** Functions that make the context atomic, and those that end it. */
export const ATOMIC: ReadonlyMap<string, number> = new Map([
  ['spin_lock', 1],
  ['spin_lock_irq', 1],
  ['spin_lock_irqsave', 1],
  ['spin_lock_bh', 1],
  ['spin_lock_nested', 1],
  ['raw_spin_lock', 1],
  ['raw_spin_lock_irqsave', 1],
  ['raw_spin_lock_irq', 1],
  ['read_lock', 1],
  ['write_lock', 1],
  ['read_lock_irqsave', 1],
  ['write_lock_irqsave', 1],
  ['read_lock_bh', 1],
  ['write_lock_bh', 1],
  ['read_lock_irq', 1],
  ['write_lock_irq', 1],
  ['preempt_disable', 1],
  ['local_irq_disable', 1],
  ['local_irq_save', 1],
  ['local_bh_disable', 1],
  ['bit_spin_lock', 1],
  ['pagefault_disable', 1],
  ['spin_unlock', -1],
  ['spin_unlock_irq', -1],
  ['spin_unlock_irqrestore', -1],
  ['spin_unlock_bh', -1],
  ['raw_spin_unlock', -1],
  ['raw_spin_unlock_irqrestore', -1],
  ['raw_spin_unlock_irq', -1],
  ['read_unlock', -1],
  ['write_unlock', -1],
  ['read_unlock_irqrestore', -1],
  ['write_unlock_irqrestore', -1],
  ['read_unlock_bh', -1],
  ['write_unlock_bh', -1],
  ['read_unlock_irq', -1],
  ['write_unlock_irq', -1],
  ['preempt_enable', -1],
  ['local_irq_enable', -1],
  ['local_irq_restore', -1],
  ['local_bh_enable', -1],
  ['bit_spin_unlock', -1],
  ['pagefault_enable', -1],
]);

/** Functions that surely access the memory that they are given, with the arguments that point to it. */
const ACCESSES: readonly (readonly [name: RegExp, pointers: readonly number[]])[] = [
  [/^(?:mem(?:cpy|move|cmp)\w*|str\w*cpy|strn?cmp|copy_(?:to|from)_user|copy_page)$/, [0, 1]],
  [/^(?:memset\w*|memchr(?:_inv)?|memscan|strn?len|clear_page|kmemdup|csum_partial|jhash2?)$/, [0]],
  [/^(?:crc32\w*|crc16|crc_\w+|crypto_shash_(?:update|digest))$/, [1]],
];

/** The arguments of a function through which it surely reads or writes. */
export function accessedArguments(name: string): readonly number[] {
  return ACCESSES.find(([names]) => names.test(name))?.[1] ?? [];
}

/** Functions that give back a reference to a page; with the last one, the page is freed. */
export const PUTS: ReadonlySet<string> = new Set([
  'put_page',
  'folio_put',
  '__folio_put',
  'page_cache_release',
]);

/** Functions that give a page with its only reference, and which argument has the flags, if one has. */
export const ALLOCATES: ReadonlyMap<string, number | undefined> = new Map([
  ['alloc_page', 0],
  ['alloc_pages', 0],
  ['alloc_pages_node', 1],
  ['alloc_page_vma', 0],
  ['alloc_pages_vma', 0],
  ['dev_alloc_page', undefined],
  ['folio_alloc', 0],
  ['vma_alloc_folio', 0],
]);

/** Functions that free the page that they are given at once. */
export const FREES: ReadonlySet<string> = new Set(['__free_page', '__free_pages', 'mempool_free_page']);

/** Functions whose result depends on their arguments alone, and that change nothing. */
const PURE: ReadonlySet<string> = new Set([
  'sg_page',
  'virt_to_page',
  'vmalloc_to_page',
  'pfn_to_page',
  'page_to_pfn',
  'bio_page',
  'bvec_page',
  'skb_frag_page',
  'bio_iter_page',
  'bio_iovec',
  'folio_page',
  'page_folio',
  'nth_page',
  'sg_is_last',
  'sg_virt',
  'offset_in_page',
  'offset_in_folio',
  'folio_size',
  'page_address',
  'PageHighMem',
  'virt_to_head_page',
  'compound_head',
  'IS_ERR',
  'IS_ERR_OR_NULL',
  'PTR_ERR',
  'ERR_PTR',
  'ERR_CAST',
  'unlikely',
  'likely',
  'min',
  'max',
  'min_t',
  'MIN',
  'MAX',
  'max_t',
  'ALIGN',
  'round_up',
  'round_down',
  'DIV_ROUND_UP',
  'sg_dma_len',
  'sg_dma_address',
  'PAGE_ALIGN',
  'i_size_read',
  'le16_to_cpu',
  'le32_to_cpu',
  'le64_to_cpu',
  'be16_to_cpu',
  'be32_to_cpu',
  'be64_to_cpu',
  'cpu_to_le32',
  'cpu_to_le16',
  'cpu_to_be32',
  'container_of',
  'list_entry',
  'bio_data_dir',
  'op_is_write',
  'READ_ONCE',
  'WARN_ON',
  'WARN_ON_ONCE',
  'inode_to_fs_info',
  'bio_flagged',
  'rq_data_dir',
  'blk_rq_bytes',
  'PageUptodate',
  'folio_test_uptodate',
  'S_ISDIR',
  'S_ISLNK',
  'strlen',
  'IS_ENABLED',
  'page_index',
  'bh_offset',
  'test_bit',
]);

/** Names of functions that ask something: they change nothing, and the answer stays the same. */
const QUESTION = /(?:^|_)(?:is|has|test|needs?|can|should|may)_|^Page[A-Z]/;

/** Whether the result of a function depends on its arguments alone. */
export function isPure(name: string): boolean {
  return (PURE.has(name) || QUESTION.test(name)) && !/(?:test_and_|sg_miter_|wait)/.test(name);
}

/** Functions that never return. */
export const NO_RETURN: ReadonlySet<string> = new Set([
  'BUG',
  'panic',
  'do_exit',
  'make_task_dead',
  'unreachable',
  '__builtin_unreachable',
  'do_group_exit',
  'complete_and_exit',
  'kthread_complete_and_exit',
  'btrfs_assertfail',
]);

/** Conditions that must hold, or must not, for the code behind them to go on. */
export const ASSERTS: ReadonlyMap<string, boolean> = new Map([
  ['BUG_ON', false],
  ['VM_BUG_ON', false],
  ['BUILD_BUG_ON', false],
  ['ASSERT', true],
  ['J_ASSERT', true],
  ['assert', true],
  ['RIASSERT', true],
  ['LASSERT', true],
  ['D_ASSERT', true],
  ['EXT4_BUG_ON', false],
  ['KUNIT_ASSERT_TRUE', true],
  ['KUNIT_ASSERT_NOT_NULL', true],
  ['KUNIT_ASSERT_NOT_ERR_OR_NULL', true],
]);

/** The argument of an assertion that has the condition. */
export function assertedArgument(name: string): number {
  return name.startsWith('KUNIT_') ? 1 : 0;
}

const GUARD = /^(raw_spin|spin|read_|write_)lock((?:_irq|_irqsave|_bh|_nested)?)$/;
const GUARDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['preempt', ['preempt_disable', 'preempt_enable']],
  ['irq', ['local_irq_disable', 'local_irq_enable']],
  ['irqsave', ['local_irq_save', 'local_irq_restore']],
  ['pagefault', ['pagefault_disable', 'pagefault_enable']],
  ['rcu', ['rcu_read_lock', 'rcu_read_unlock']],
  ['mutex', ['mutex_lock', 'mutex_unlock']],
  ['rwsem_read', ['down_read', 'up_read']],
  ['rwsem_write', ['down_write', 'up_write']],
]);

/** What `guard(kind)` calls at once, and at the end of the scope. */
export function guardCalls(kind: string): readonly [string, string] | undefined {
  const bare = kind.replace(/_(?:try|intr|kill)$/, '');
  const [, lock, context] = GUARD.exec(bare) ?? [];
  if (lock === undefined || context === undefined) return GUARDS.get(bare);
  const name = lock.replace(/spin$/, 'spin_');
  return [
    `${name}lock${context}`,
    `${name}unlock${context.replace('irqsave', 'irqrestore').replace('_nested', '')}`,
  ];
}
