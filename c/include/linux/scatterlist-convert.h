/*
 * Converts the maps of the code that follows, for `scatterlist convert-check`. linux/highmem.h includes it at its end.
 *
 * SCATTERLIST_KMAP_TO_LOCAL         kmap() becomes kmap_local_page(), kunmap() becomes kunmap_local()
 * SCATTERLIST_KMAP_ATOMIC_TO_LOCAL  the same for kmap_atomic() and kunmap_atomic()
 * SCATTERLIST_KEEP_PREEMPT          and the converted section disables preemption, as kmap_atomic() does
 * SCATTERLIST_KEEP_PAGEFAULT        and it disables page faults, as kmap_atomic() does
 *
 * The functions are macros with arguments: a name that is used without a call, such as a pointer to kmap, cannot be
 * converted, and the compiler refuses it.
 */
#ifndef _LINUX_SCATTERLIST_CONVERT_H
#define _LINUX_SCATTERLIST_CONVERT_H

#include <linux/preempt.h>
#include <linux/uaccess.h>

#define __not_converted __attribute__((unavailable("it cannot be converted where it is no call")))

#ifdef SCATTERLIST_KEEP_PREEMPT
#define __keep_preempt_begin() preempt_disable()
#define __keep_preempt_end() preempt_enable()
#else
#define __keep_preempt_begin() ((void)0)
#define __keep_preempt_end() ((void)0)
#endif
#ifdef SCATTERLIST_KEEP_PAGEFAULT
#define __keep_pagefault_begin() pagefault_disable()
#define __keep_pagefault_end() pagefault_enable()
#else
#define __keep_pagefault_begin() ((void)0)
#define __keep_pagefault_end() ((void)0)
#endif

#define __kmap_converted(map) ({ __keep_preempt_begin(); __keep_pagefault_begin(); map; })
#define __kunmap_converted(address) \
	({ \
		kunmap_local(address); \
		__keep_pagefault_end(); \
		__keep_preempt_end(); \
	})

#ifdef SCATTERLIST_KMAP_TO_LOCAL
/* The address at which the running context has mapped the page: kunmap() takes the page, kunmap_local() the address. */
void *__scatterlist_local_of(struct page *page);
void *kmap(struct page *page) __not_converted;
void kunmap(struct page *page) __not_converted;
#define kmap(page) __kmap_converted(kmap_local_page(page))
#define kunmap(page) __kunmap_converted(__scatterlist_local_of(page))
#endif

#ifdef SCATTERLIST_KMAP_ATOMIC_TO_LOCAL
void *kmap_atomic(struct page *page) __not_converted;
void *kmap_atomic_pfn(unsigned long pfn) __not_converted;
void kunmap_atomic(const void *address) __not_converted;
#define kmap_atomic(page) __kmap_converted(kmap_local_page(page))
#define kmap_atomic_pfn(pfn) __kmap_converted(kmap_local_pfn(pfn))
#define kunmap_atomic(address) __kunmap_converted(address)
#endif

#endif
