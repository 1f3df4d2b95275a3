/* Flags of allocations, and pages. */
#ifndef _LINUX_GFP_H
#define _LINUX_GFP_H

#include <linux/types.h>

#define __GFP_DMA 0x01u
#define __GFP_HIGHMEM 0x02u
#define __GFP_DMA32 0x04u
#define __GFP_MOVABLE 0x08u
#define __GFP_HIGH 0x20u
#define __GFP_IO 0x40u
#define __GFP_FS 0x80u
#define __GFP_ZERO 0x100u
#define __GFP_DIRECT_RECLAIM 0x400u
#define __GFP_KSWAPD_RECLAIM 0x800u
#define __GFP_RECLAIM (__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM)
#define __GFP_NOWARN 0x2000u
#define __GFP_NORETRY 0x10000u
#define __GFP_NOFAIL 0x8000u
#define __GFP_COMP 0x40000u
#define __GFP_HARDWALL 0x100000u
#define __GFP_ACCOUNT 0x400000u

#define GFP_ATOMIC (__GFP_HIGH | __GFP_KSWAPD_RECLAIM)
#define GFP_NOWAIT (__GFP_KSWAPD_RECLAIM)
#define GFP_KERNEL (__GFP_RECLAIM | __GFP_IO | __GFP_FS)
#define GFP_NOIO __GFP_RECLAIM
#define GFP_NOFS (__GFP_RECLAIM | __GFP_IO)
#define GFP_USER (GFP_KERNEL | __GFP_HARDWALL)
#define GFP_HIGHUSER (GFP_USER | __GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | __GFP_MOVABLE)
#define GFP_DMA __GFP_DMA
#define GFP_DMA32 __GFP_DMA32

#include <linux/mm_types.h>

struct page *alloc_pages(gfp_t flags, unsigned int order);
void __free_pages(struct page *page, unsigned int order);
void get_page(struct page *page);
void put_page(struct page *page);
void *page_address(const struct page *page);
struct page *virt_to_page(const void *address);

__header bool gfpflags_allow_blocking(gfp_t flags) { return flags & __GFP_DIRECT_RECLAIM; }

#define alloc_page(flags) alloc_pages(flags, 0)
#define __free_page(page) __free_pages(page, 0)

__header unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	struct page *page = alloc_pages(flags & ~__GFP_HIGHMEM, order);

	return page ? (unsigned long)page_address(page) : 0;
}

__header void free_pages(unsigned long address, unsigned int order)
{
	if (address)
		__free_pages(virt_to_page((void *)address), order);
}

#define __get_free_page(flags) __get_free_pages(flags, 0)
#define get_zeroed_page(flags) __get_free_pages((flags) | __GFP_ZERO, 0)
#define free_page(address) free_pages((unsigned long)(address), 0)

#endif
